import { expect } from 'chai';
import {
  type Installation,
  install,
  type OperatorProcess,
  startOperator,
} from '../../support/real/operator.ts';
import { useOperator } from '../../support/real/running.ts';
import { newTeam, type Team } from '../../support/real/team.ts';

/** What is selected, on a real API server and over the wire of the pretend Azure. */

const ENVIRONMENT = 'appconfig.dev/environment';

const label = ({ world: { cluster }, namespace }: Team, environment: string) =>
  cluster.kubectlOrThrow(['label', 'namespace', namespace, '--overwrite', `${ENVIRONMENT}=${environment}`]);

const color = async (team: Team) => (await team.configMap())?.data?.['color'];

async function setColors(team: Team): Promise<void> {
  await team.set('color', 'base');
  for (const environment of ['prod', 'test']) await team.set('color', `of ${environment}`, environment);
}

describe('the selection of a binding on a real cluster', function () {
  this.timeout(180_000);
  const running = useOperator();

  it('takes the environment from the label of the namespace, and follows it', async () => {
    const team = await running().team();
    await setColors(team);
    await label(team, 'prod');
    await team.apply();
    // A binding may be seen before the label, which came before it: two watches tell of them.
    await team.until('the color of prod', async () => (await color(team)) === 'of prod');
    await label(team, 'test');
    await team.until('the color of test', async () => (await color(team)) === 'of test');
    await team.until('the status to say so', async () => (await team.status()).environment === 'test');
    const columns = await team.world.cluster.kubectlOrThrow(['get', 'acb', '-n', team.namespace]);
    expect(columns).to.match(/ENVIRONMENT[\s\S]*test/);
  });

  it('takes only settings with the tags asked for', async () => {
    const team = await running().team();
    const { azure, store } = team;
    await azure.setSetting({ store, key: 'a', value: '1', tags: { team: 'orders' } });
    await azure.setSetting({ store, key: 'b', value: '2', tags: { team: 'billing' } });
    await team.apply(team.spec({ selectors: [{ key: '*', tags: { team: 'orders' } }] }));
    await team.untilReady();
    expect((await team.configMap())?.data).to.deep.equal({ a: '1' });
  });

  it('reads a snapshot, and says so when there is none', async () => {
    const team = await running().team();
    const { azure, store } = team;
    await team.set('color', 'blue');
    await team.apply(team.spec({ selectors: [{ snapshot: 'release-7' }] }));
    const missing = await team.untilCondition('Ready', 'False', 'SnapshotNotFound');
    expect(missing.message).to.include('"release-7"');
    await azure.createSnapshot({ store, name: 'release-7', filters: [{ key: '*' }] });
    await team.set('color', 'red');
    await team.untilReady();
    expect(await color(team)).to.equal('blue');
    await azure.archiveSnapshot({ store, name: 'release-7' });
    await team.untilCondition('Warning', 'True', 'SnapshotArchived');
    expect(await color(team)).to.equal('blue');
  });

  it('writes nothing for a snapshot that is still being made', async () => {
    const team = await running().team();
    const { azure, store } = team;
    await team.set('color', 'blue');
    await azure.setSnapshotBuilds({ store, buildMs: 3_600_000 });
    await azure.createSnapshot({ store, name: 'release-8', filters: [{ key: '*' }] });
    await team.apply(team.spec({ selectors: [{ snapshot: 'release-8' }] }));
    const waiting = await team.untilCondition('Ready', 'False', 'SnapshotNotReady');
    expect(waiting.message).to.include('"release-8"');
    expect(await team.configMap()).to.equal(undefined);
  });

  it('puts the content of a snapshot in the place of a setting that refers to it', async () => {
    const team = await running().team();
    const { azure, store } = team;
    for (const key of ['a', 'z']) await team.set(key, 'snapshot');
    await azure.createSnapshot({ store, name: 'release-7', filters: [{ key: '*' }] });
    for (const key of ['a', 'z']) await team.set(key, 'own');
    await azure.setSnapshotReference({ store, key: 'm', snapshot: 'release-7' });
    await team.apply();
    await team.untilReady();
    expect((await team.configMap())?.data).to.deep.equal({ a: 'snapshot', z: 'own' });
    await azure.setSnapshotReference({ store, key: 'm', snapshot: 'nowhere' });
    const missing = await team.untilCondition('Ready', 'False', 'SnapshotNotFound');
    expect(missing.message).to.include('"m"').and.to.include('"nowhere"');
  });

  it('takes changes over when a sentinel is touched, and not before', async () => {
    const team = await running().team();
    const { azure, store } = team;
    await team.set('color', 'blue');
    await team.set('release', '1');
    await team.apply(team.spec({ refresh: { interval: '5s', sentinels: [{ key: 'release' }] } }));
    await team.untilReady();
    await team.set('color', 'red');
    await azure.clearRequests();
    await team.until('two looks at the sentinel', async () => {
      const requests = await azure.requests({ service: 'appconfig' });
      return (
        requests.filter(({ method, host }) => method === 'HEAD' && host.startsWith(`${store}.`)).length > 1
      );
    });
    expect(await color(team)).to.equal('blue');
    await team.set('release', '2');
    await team.until('the new color', async () => (await color(team)) === 'red');
  });

  it('takes the deletion of a sentinel for a change', async () => {
    const team = await running().team();
    await team.set('color', 'blue');
    await team.set('release', '1');
    await team.apply(team.spec({ refresh: { interval: '5s', sentinels: [{ key: 'release' }] } }));
    await team.untilReady();
    await team.set('color', 'red');
    await team.azure.deleteSetting({ store: team.store, key: 'release' });
    await team.until('the new color', async () => (await color(team)) === 'red');
    await team.untilCondition('Warning', 'True', 'SentinelMissing');
  });
});

describe('the environment of a namespace for an operator with rights in that namespace alone', function () {
  this.timeout(180_000);
  const running = useOperator();
  let operator: OperatorProcess | undefined;
  let installed: Installation | undefined;
  let watched: Team | undefined;
  const followed = (): Team => watched ?? expect.fail('the test before made no team');

  after(() => operator?.terminate());

  it('is read by GET, which is all that its Role allows', async () => {
    const { world } = running();
    const team = await newTeam(world, { operator: () => operator ?? running().operator });
    await running().operator.terminate();
    watched = team;
    const place = await install(world, [`watchNamespaces={${team.namespace}}`]);
    installed = place;
    operator = await startOperator(place, { flags: [`--watch-namespaces=${team.namespace}`] });
    await setColors(team);
    await label(team, 'prod');
    await team.apply();
    await team.untilReady();
    expect(await color(team)).to.equal('of prod');
    const as = `--as=system:serviceaccount:${place.namespace}:appconfig-operator`;
    const may = (verb: string, ...what: string[]) =>
      world.cluster.kubectl(['auth', 'can-i', verb, ...what, as]).then(({ stdout }) => stdout.trim());
    expect(await may('get', `namespaces/${team.namespace}`, '-n', team.namespace)).to.equal('yes');
    expect(await may('watch', 'namespaces')).to.equal('no');
  });

  it('is followed without a watch, after a minute at most', async () => {
    const team = followed();
    await label(team, 'test');
    await team.until('the color of test', async () => (await color(team)) === 'of test', 90_000);
    await team.until('the status to say so', async () => (await team.status()).environment === 'test');
  });

  it('is followed after a restart that finds another of the namespaces gone', async () => {
    const [team, gone] = [followed(), `${followed().namespace}-gone`];
    await operator?.terminate();
    const place = installed ?? expect.fail('the first test installed nothing');
    operator = await startOperator(place, { flags: [`--watch-namespaces=${team.namespace},${gone}`] });
    await operator.untilReady();
    await label(team, 'prod');
    await team.until('the color of prod', async () => (await color(team)) === 'of prod', 90_000);
    const warned = (await operator.log()).filter(({ level }) => level === 'warn');
    expect(warned.map((line) => line['namespace']))
      .to.include(gone)
      .and.not.include(team.namespace);
  });
});
