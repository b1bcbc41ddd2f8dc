import { expect } from 'chai';
import { useOperator } from '../../support/real/running.ts';
import { emptyStore } from '../../support/real/stores.ts';
import { furnish, type Team } from '../../support/real/team.ts';

describe('a binding on a real cluster', function () {
  this.timeout(180_000);
  const running = useOperator();
  let abandoned: Team | undefined;

  it('gets a ConfigMap with the settings and a Secret with what their references link to', async () => {
    const team = await running().syncedTeam();
    expect((await team.configMap())?.data).to.deep.equal({ color: 'blue' });
    expect(await team.secretData()).to.deep.equal({ password: 's3cret' });
    const status = await team.status();
    expect(status).to.deep.include({ settings: 2, secrets: 1, references: { total: 1, resolved: 1 } });
  });

  it('owns its targets', async () => {
    const team = await running().syncedTeam();
    const uid = (await team.binding())?.metadata.uid;
    for (const target of [await team.configMap(), await team.secret()]) {
      expect(target?.metadata.ownerReferences?.map((owner) => owner.uid)).to.deep.equal([uid]);
      expect(target?.metadata.labels).to.include({
        'appconfig.dev/binding': 'orders',
        'app.kubernetes.io/managed-by': 'appconfig-operator',
      });
    }
    await team.objects.delete('appconfigbindings', team.namespace, 'orders');
    abandoned = team;
  });

  it('follows a changed setting, and nothing else is written', async () => {
    const team = await running().syncedTeam();
    const secret = await team.secret();
    await team.set('color', 'green');
    await team.until('the new color', async () => (await team.configMap())?.data?.['color'] === 'green');
    expect((await team.secret())?.data).to.deep.equal(secret?.data);
    await team.untilEvent('TargetUpdated');
  });

  it('removes the key of a deleted setting', async () => {
    const team = await running().syncedTeam();
    await team.set('size', 'large');
    await team.until('the new key', async () => (await team.configMap())?.data?.['size'] === 'large');
    await team.azure.deleteSetting({ store: team.store, key: 'size' });
    await team.until('the key to go', async () => {
      const data = (await team.configMap())?.data;
      return data !== undefined && !('size' in data);
    });
  });

  it('reads a rotated secret at once when asked to refresh, and echoes the request', async () => {
    const team = await running().syncedTeam();
    // Of intervals that no test waits for: only the annotation makes it read.
    await team.edit({ refresh: { interval: '1h' }, keyVault: { refreshInterval: '1h' } });
    const { status: before } = await team.untilReady();
    await team.setSecret('db', 'rotated');
    await team.refresh('2026-11-22T10:00');
    await team.until('the echo', async () => (await team.status()).lastHandledRefresh === '2026-11-22T10:00');
    expect(await team.secretData()).to.deep.equal({ password: 'rotated' });
    expect(before?.lastHandledRefresh).to.equal(undefined);
  });

  it('lets settings of the environment override those without a label, and says which it is', async () => {
    const team = await running().team();
    await team.set('color', 'blue');
    await team.set('color', 'red', 'prod');
    await team.set('size', 'large');
    await team.apply(team.spec({ environment: 'prod' }));
    await team.untilReady();
    expect((await team.configMap())?.data).to.deep.equal({ color: 'red', size: 'large' });
    expect((await team.status()).environment).to.equal('prod');
  });

  it('uses settings without a label for an environment that nobody labelled, and warns', async () => {
    const team = await running().team();
    await team.set('color', 'blue');
    await team.apply(team.spec({ environment: 'prdo' }));
    await team.untilReady();
    const warning = await team.untilCondition('Warning', 'True', 'EnvironmentUnmatched');
    expect(warning.message).to.include('"prdo"').and.include('spec.environment');
    await team.edit({ environment: null });
    await team.until('the warning to go', async () => (await team.condition('Warning')) === undefined);
  });

  it('empties its targets only when allowEmpty says so', async () => {
    const team = await running().syncedTeam();
    await emptyStore(team);
    await team.untilCondition('Ready', 'False', 'EmptySelection');
    expect((await team.configMap())?.data).to.deep.equal({ color: 'blue' });
    await team.edit({ allowEmpty: true });
    await team.untilReady();
    expect((await team.configMap())?.data ?? {}).to.deep.equal({});
    expect(await team.secretData()).to.deep.equal({});
  });

  it('writes one JSON file, with a hierarchy and the text of numbers as they are', async () => {
    const team = await running().team();
    await team.set('log:level', 'debug');
    await team.azure.setSetting({
      store: team.store,
      key: 'log:rate',
      value: '1.50',
      contentType: 'application/json',
    });
    await team.set('hosts:0', 'a');
    await team.set('hosts:1', 'b');
    const configMap = { name: 'app-json', format: 'Json', file: 'app.json', separator: ':' } as const;
    await team.apply(team.spec({ target: { configMap } }));
    await team.untilReady();
    const text = (await team.configMap('app-json'))?.data?.['app.json'] ?? '';
    expect(JSON.parse(text)).to.deep.equal({ hosts: ['a', 'b'], log: { level: 'debug', rate: 1.5 } });
    expect(text).to.include('1.50');
  });

  it('selects exactly a key and a label of any characters', async () => {
    const team = await running().team();
    const odd = 'a&#+% ,*\\ ü';
    const near = ['a&#+% ,*\\ ü2', 'a&#+% ,X\\ ü', 'a&#  ,*\\ ü', 'a'];
    await team.set(odd, 'wanted', odd);
    await team.set(odd, 'no label');
    for (const other of near) {
      await team.set(other, 'other key', odd);
      await team.set(odd, 'other label', other);
    }
    const key = odd.replace(/[\\,*]/g, '\\$&');
    const configMap = { name: 'odd', format: 'Json' } as const;
    await team.apply(team.spec({ selectors: [{ key, label: odd }], target: { configMap } }));
    await team.untilReady();
    const text = (await team.configMap('odd'))?.data?.['settings.json'] ?? '';
    expect(JSON.parse(text)).to.deep.equal({ [odd]: 'wanted' });
  });

  it('removes the old target when it is renamed', async () => {
    const team = await running().syncedTeam();
    await team.edit({ target: { configMap: { name: 'renamed' } } });
    await team.until('the rename', async () => {
      const [renamed, old] = [await team.configMap('renamed'), await team.configMap()];
      return renamed !== undefined && old === undefined;
    });
    await team.untilReady();
    expect((await team.status()).targets?.map(({ name }) => name)).to.have.members([
      'orders-secrets',
      'renamed',
    ]);
    await team.untilEvent('TargetRemoved');
  });

  it('is left alone while suspended and catches up afterwards', async () => {
    const team = await running().syncedTeam();
    await team.edit({ suspend: true });
    await team.untilCondition('Warning', 'True', 'Suspended');
    const asked = async () => (await team.azure.requests({ host: team.storeHost })).length;
    await team.set('color', 'green');
    // Another team's refreshes tell how much time has passed.
    const clock = await running().syncedTeam();
    // A poll that was on its way when the binding was suspended has arrived by now.
    const before = await asked();
    const ticks = async () => (await clock.azure.requests({ host: clock.storeHost, method: 'HEAD' })).length;
    const begun = await ticks();
    await clock.until('two refreshes of another team', async () => (await ticks()) >= begun + 2);
    expect(await asked()).to.equal(before);
    expect((await team.configMap())?.data).to.deep.equal({ color: 'blue' });
    await team.edit({ suspend: false });
    await team.until('the new color', async () => (await team.configMap())?.data?.['color'] === 'green');
  });

  it('cannot read as a ServiceAccount of another namespace', async () => {
    const owner = await running().syncedTeam();
    const thief = await running().team({ serviceAccount: false });
    await furnish(thief);
    await thief.apply(thief.spec({ store: { endpoint: `https://${owner.storeHost}` } }));
    await thief.untilCondition('Ready', 'False', 'ServiceAccountNotFound');
    expect(await thief.configMap()).to.equal(undefined);
  });

  // Last: the garbage collector learns of a new kind only half a minute after the cluster has started.
  it('takes its targets along when it is deleted', async function () {
    this.timeout(120_000);
    const targets = async () => Promise.all([abandoned?.configMap(), abandoned?.secret()]);
    await abandoned?.until(
      'the targets to go',
      async () => (await targets()).every((target) => target === undefined),
      90_000,
    );
    expect(await targets()).to.deep.equal([undefined, undefined]);
  });
});
