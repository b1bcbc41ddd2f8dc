import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  ACCESS_KEY,
  accessKeyIdentity,
  principalIdentity,
  writePrincipal,
  writeSecret,
} from '../../support/real/credentials.ts';
import { useOperator } from '../../support/real/running.ts';
import { furnish, SECRET, type Team } from '../../support/real/team.ts';
import { reader } from '../../support/real/workloads.ts';

/**
 * Values that may be found in their Secret and nowhere else: not in logs, events, statuses, metrics, ConfigMaps,
 * nor in any request of the audit log (which holds all bodies but those of Secrets and tokens).
 */
describe('a secret value', function () {
  this.timeout(180_000);
  const running = useOperator({ flags: ['--log-level=debug', '--drift-interval=2s'] });
  const canaries: string[] = [];

  /** Searched for as it is, in base64 and as a part of JSON or a URL. */
  const hatch = (): string => {
    const canary = `canary-${randomBytes(12).toString('hex')}`;
    canaries.push(canary);
    return canary;
  };
  const REFERENCE = 'application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8';
  const setRaw = (team: Team, key: string, value: string, contentType: string) =>
    team.azure.setSetting({ store: team.store, key, value, contentType });

  /** Base64 has three forms, by where in its text the value begins; the middle of each is the same everywhere. */
  const forms = (canary: string): readonly string[] => {
    const encoded = ['', 'x', 'xx'].map((before) =>
      Buffer.from(before + canary)
        .toString('base64')
        .slice(before.length === 0 ? 0 : 4, -4),
    );
    return [canary, ...encoded];
  };

  /** A team that has synced, and whose gate knows these properties. */
  const gated = async (properties: readonly (readonly [key: string, schema: object])[]): Promise<Team> => {
    const team = await running().syncedTeam();
    const schema = { properties: Object.fromEntries(properties) };
    await team.edit({ validate: { schema: { inline: JSON.stringify(schema) } } });
    await team.untilReady();
    return team;
  };
  const untilRefused = async (team: Team, keys: readonly string[]): Promise<void> => {
    await team.until(`${keys.join()} to be refused`, async () => {
      const ready = await team.condition('Ready');
      return (
        ready?.reason === 'ValidationFailed' && keys.every((key) => ready.message.includes(`key "${key}`))
      );
    });
    await team.untilEvent('ValidationFailed');
  };

  it('is found only in its Secret after syncs, rotations, repairs and restarts', async () => {
    const team = await running().team();
    await team.set('color', 'blue');
    await team.setSecret('db', hatch());
    await team.setReference('password', 'db');
    await team.kubectl(['apply', '-f', '-'], reader('Deployment', 'web'));
    await team.apply();
    await team.untilReady();
    await team.until('the workload to be known', async () => (await team.status()).rollout === '1/1');
    const rotated = hatch();
    await team.setSecret('db', rotated);
    await team.refresh('rotated');
    await team.until('the rotation', async () => (await team.secretData())['password'] === rotated);
    await team.objects.patch('secrets', team.namespace, SECRET, { data: { password: 'eA==' } });
    await team.until('the repair', async () => (await team.secretData())['password'] === rotated);
    await team.untilEvent('Restarted');
  });

  it('is found nowhere when vaults and references fail', async () => {
    const team = await running().syncedTeam();
    const { azure, vault, vaultHost } = team;
    await team.setSecret('db', hatch());
    await team.refresh('changed');
    await team.until('the echo', async () => (await team.status()).lastHandledRefresh === 'changed');
    // A vault that answers an error with the secret in it, and one whose answer is no JSON.
    await azure.addFault({ host: vaultHost, status: 403, body: `{"error":{"code":"${hatch()}"}}`, count: 1 });
    await team.refresh('refused');
    await team.untilCondition('SecretsResolved', 'False', 'VaultForbidden');
    await team.untilReady();
    await azure.addFault({ host: vaultHost, status: 200, body: `{"value":"${hatch()}"`, count: 3 });
    await team.refresh('garbled');
    await team.until('the echo', async () => (await team.status()).lastHandledRefresh === 'garbled');
    await azure.changeSecret({ vault, name: 'db', enabled: false });
    await team.refresh('disabled');
    await team.untilCondition('SecretsResolved', 'False', 'SecretDisabled');
  });

  it('is found nowhere when it stands where a reference or JSON was expected', async () => {
    const team = await running().team();
    await setRaw(team, 'no-json', hatch(), REFERENCE);
    await setRaw(team, 'no-uri', `{"uri":"${hatch()}"}`, REFERENCE);
    await setRaw(team, 'bad-host', `{"uri":"https://${hatch()}.example.com/secrets/a"}`, REFERENCE);
    await setRaw(team, 'bad-path', `{"uri":"https://${team.vaultHost}/${hatch()}"}`, REFERENCE);
    const configMap = { name: 'app-json', format: 'Json' } as const;
    await team.apply(team.spec({ target: { configMap, secret: { name: SECRET } } }));
    await team.untilCondition('SecretsResolved', 'False', 'InvalidReference');
  });

  it('is found nowhere when the gate refuses it, whatever rule it breaks', async () => {
    const rules = {
      ...{ enum: ['one', 'two'], const: 'this', pattern: '^[0-9]+$', maxLength: 3, format: 'ipv4' },
      ...{ type: 'number', anyOf: [{ maxLength: 3 }, { const: 'that' }], not: { pattern: '^canary' } },
    };
    const team = await gated(Object.entries(rules).map(([rule, asked]) => [rule, { [rule]: asked }]));
    // As many as a message tells of.
    for (const some of [Object.keys(rules).slice(0, 5), Object.keys(rules).slice(5)]) {
      for (const rule of some) {
        await team.setSecret(rule.toLowerCase(), hatch());
        await team.setReference(rule, rule.toLowerCase());
      }
      await untilRefused(team, some);
      for (const rule of some) await team.azure.deleteSetting({ store: team.store, key: rule });
    }
    expect(await team.secretData()).to.deep.equal({ password: 's3cret' });
  });

  it('is found nowhere when it is a setting that the gate refuses', async () => {
    const team = await gated([
      ['color', { maxLength: 30 }],
      ['limits', { properties: { inner: { const: 1 } } }],
    ]);
    await team.set('color', hatch());
    await setRaw(team, 'limits', JSON.stringify({ inner: hatch() }), 'application/json');
    await untilRefused(team, ['color', 'limits']);
    expect((await team.configMap())?.data).to.deep.equal({ color: 'blue' });
  });

  it('is found nowhere when it is a client secret, wrong or right', async () => {
    const team = await running().team({ serviceAccount: false, federate: false });
    await furnish(team);
    await writePrincipal(team, hatch());
    await team.apply(team.spec({ identity: principalIdentity }));
    await team.untilCondition('Ready', 'False', 'ClientSecretRejected');
    const value = hatch();
    await team.azure.addClientSecret({ clientId: team.app.clientId, value });
    await writePrincipal(team, value);
    await team.untilReady();
  });

  it('is found nowhere when it is an access key of a store', async () => {
    const team = await running().team();
    await furnish(team);
    const secret = Buffer.from(hatch()).toString('base64');
    const connectionString = `Endpoint=https://${team.storeHost};Id=unknown;Secret=${secret}`;
    await writeSecret(team, ACCESS_KEY, { connectionString });
    await team.apply(team.spec({ identity: accessKeyIdentity }));
    await team.untilCondition('Ready', 'False', 'StoreUnauthorized');
    await writeSecret(team, ACCESS_KEY, { connectionString: hatch() });
    await team.untilCondition('Ready', 'False', 'CredentialSecretInvalid');
  });

  it('was hatched above; now all that the operator ever said is searched', async () => {
    const { operator, world } = running();
    const { cluster } = world;
    const everywhere: Record<string, string> = {
      log: await operator.output(),
      metrics: (await operator.http('/metrics')).text,
      audit: await readFile(join(cluster.dir, 'audit.log'), 'utf8'),
      requests: JSON.stringify(await world.azure.control.requests()),
    };
    for (const kind of [
      'events',
      'events.events.k8s.io',
      'acb',
      'configmaps',
      'deployments',
      'replicasets',
      'leases',
    ])
      everywhere[kind] = await cluster.kubectlOrThrow([
        'get',
        kind,
        '--all-namespaces',
        '-o',
        'json',
        '--show-managed-fields',
      ]);
    const secrets = JSON.parse(
      await cluster.kubectlOrThrow([
        'get',
        'secrets',
        '--all-namespaces',
        '-o',
        'json',
        '--show-managed-fields',
      ]),
    ) as { items: { metadata: object; data?: object }[] };
    everywhere['metadata of Secrets'] = JSON.stringify(secrets.items.map(({ metadata }) => metadata));
    expect(canaries).to.have.length.greaterThan(7);
    expect(everywhere['log']).to.include('reconcil');
    for (const [place, text] of Object.entries(everywhere)) {
      const found = canaries.flatMap(forms).filter((form) => text.includes(form));
      expect(found, place).to.deep.equal([]);
    }
    const values = JSON.stringify(secrets.items.map(({ data }) => data));
    expect(values).to.include(Buffer.from(canaries[1] ?? '').toString('base64'));
  });
});
