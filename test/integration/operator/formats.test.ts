import { expect } from 'chai';
import { parse as parseDotEnv } from 'dotenv';
import { getProperties } from 'properties-file';
import { parse as parseYaml } from 'yaml';
import type { BindingSpec } from '../../../src/api/schema.ts';
import { useOperator } from '../../support/real/running.ts';
import { CONFIG_MAP, SECRET, type Team } from '../../support/real/team.ts';

/** Files as an application finds them: written to a real API server and read by parsers that are not ours. */

const AWKWARD = ' "Größe": 5 #1 \\n = $HOME';
const PASSWORD = 'first #password=1';

async function fill(team: Team): Promise<void> {
  const { azure, store } = team;
  await team.set('DB_HOST', 'db.contoso.com');
  await team.set('MOTD', AWKWARD);
  await azure.setSetting({
    store,
    key: 'LIMITS',
    value: '{"max": 12345678901234567890}',
    contentType: 'application/json',
  });
  await team.setSecret('orders-db', PASSWORD);
  await team.setReference('DB_PASSWORD', 'orders-db');
}

/** The ConfigMap and the Secret in one format, and the only file of each. */
async function files(team: Team, format: 'Yaml' | 'Properties' | 'DotEnv'): Promise<[string, string]> {
  const target: BindingSpec['target'] = {
    configMap: { name: CONFIG_MAP, format, file: 'app.conf' },
    secret: { name: SECRET, format, file: 'secret.conf' },
  };
  await team.apply(team.spec({ target }));
  await team.untilReady();
  const plain = (await team.configMap())?.data ?? {};
  const secret = await team.secretData();
  expect([Object.keys(plain), Object.keys(secret)]).to.deep.equal([['app.conf'], ['secret.conf']]);
  return [plain['app.conf'] ?? '', secret['secret.conf'] ?? ''];
}

describe('files in a ConfigMap and a Secret on a real cluster', function () {
  this.timeout(180_000);
  const running = useOperator();
  const PLAIN = {
    DB_HOST: 'db.contoso.com',
    LIMITS: '{"max": 12345678901234567890}',
    MOTD: AWKWARD,
  };

  it('are Yaml that a standard parser reads, numbers with every digit', async () => {
    const team = await running().team();
    await fill(team);
    const [plain, secret] = await files(team, 'Yaml');
    const max = 12_345_678_901_234_567_890n;
    expect(parseYaml(plain, { intAsBigInt: true })).to.deep.equal({ ...PLAIN, LIMITS: { max } });
    expect(parseYaml(secret)).to.deep.equal({ DB_PASSWORD: PASSWORD });
  });

  it('are Properties that a standard parser reads', async () => {
    const team = await running().team();
    await fill(team);
    const [plain, secret] = await files(team, 'Properties');
    expect(getProperties(plain)).to.deep.equal(PLAIN);
    expect(getProperties(secret)).to.deep.equal({ DB_PASSWORD: PASSWORD });
  });

  it('are DotEnv that a standard parser reads', async () => {
    const team = await running().team();
    await fill(team);
    const [plain, secret] = await files(team, 'DotEnv');
    expect(parseDotEnv(plain)).to.deep.equal(PLAIN);
    expect(parseDotEnv(secret)).to.deep.equal({ DB_PASSWORD: PASSWORD });
  });

  it('take over a changed setting and a rotated secret, and follow a change of the format', async () => {
    const team = await running().team();
    await fill(team);
    await files(team, 'DotEnv');
    await team.set('DB_HOST', 'db2.contoso.com');
    await team.setSecret('orders-db', 'second');
    await team.refresh('1');
    await team.until('both changes', async () => {
      const plain = parseDotEnv((await team.configMap())?.data?.['app.conf'] ?? '');
      const secret = parseDotEnv((await team.secretData())['secret.conf'] ?? '');
      return plain['DB_HOST'] === 'db2.contoso.com' && secret['DB_PASSWORD'] === 'second';
    });
    const [plain, secret] = await files(team, 'Properties');
    expect(getProperties(plain)).to.deep.equal({ ...PLAIN, DB_HOST: 'db2.contoso.com' });
    expect(getProperties(secret)).to.deep.equal({ DB_PASSWORD: 'second' });
  });

  it('are not written at all where a value and children meet, and both keys are named', async () => {
    const team = await running().team();
    await team.set('orders:retry', '3');
    await team.set('orders:retry:limit', '5');
    const configMap = { name: CONFIG_MAP, format: 'Yaml', separator: ':' } as const;
    await team.apply(team.spec({ target: { configMap } }));
    const ready = await team.untilCondition('Ready', 'False', 'HierarchyConflict');
    expect(ready.message).to.include('"orders:retry"').and.to.include('"orders:retry:limit"');
    expect(await team.configMap()).to.equal(undefined);
  });

  it('are refused where no DotEnv reader agrees on a value, which is not told', async () => {
    const team = await running().team();
    await team.set('MOTD', `it's "hush"\nsecond`);
    await team.apply(team.spec({ target: { configMap: { name: CONFIG_MAP, format: 'DotEnv' } } }));
    const ready = await team.untilCondition('Ready', 'False', 'UnwritableValue');
    expect(ready.message).to.include('"MOTD"').and.not.to.include('hush');
    expect(await team.configMap()).to.equal(undefined);
  });

  it('are not written as a Secret of a type that asks for other keys', async () => {
    const team = await running().team();
    await fill(team);
    const secret = { name: SECRET, type: 'kubernetes.io/tls' };
    await team.apply(team.spec({ target: { configMap: { name: CONFIG_MAP }, secret } }));
    const ready = await team.untilCondition('Ready', 'False', 'SecretTypeUnfit');
    expect(ready.message).to.include('tls.crt');
    expect(await team.secret()).to.equal(undefined);
  });
});
