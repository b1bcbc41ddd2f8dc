import { expect } from 'chai';
import type { BindingSpec } from '../../src/api/schema.ts';
import { blocked } from '../../src/domain/failure.ts';
import type { AzureCallKind } from '../support/memory-azure.ts';
import { CONFIG_MAPS, SECRETS } from '../support/memory-cluster/index.ts';
import { baseSpec, ENDPOINT, NAMESPACE, Simulation, VAULT } from '../support/simulation.ts';

const MINUTE = 60_000;
const HOURLY = { all: [{ vault: 'contoso' }], refreshInterval: '1h' };
const SPEC: BindingSpec = { ...baseSpec, keyVault: HOURLY };

/** At rest, with a setting, and secrets that are older than the operator. */
async function running(spec = SPEC, secrets: Readonly<Record<string, string>> = SECRETS_AT_REST) {
  const simulation = new Simulation();
  simulation.azure.set(ENDPOINT, { key: 'color', value: '0' });
  for (const [name, value] of Object.entries(secrets)) simulation.azure.setSecret(VAULT, name, { value });
  await simulation.clock.advance(30 * MINUTE);
  if (spec.target.creationPolicy === 'Merge') await share(simulation);
  await simulation.apply(spec);
  simulation.start();
  await simulation.untilReady();
  simulation.azure.calls.length = 0;
  return simulation;
}

const SECRETS_AT_REST = { db: 'db-1', token: 'token-1' };

/** Targets of someone else, who permits the binding's keys in them. */
async function share({ cluster }: Simulation): Promise<void> {
  const labels = { 'merge.appconfig.dev/orders': 'true' };
  const metadata = { namespace: NAMESPACE, name: 'shared', labels };
  await cluster.admin.create(CONFIG_MAPS, { metadata });
  await cluster.admin.create(SECRETS, { metadata });
}

async function changeTwentyTimes(simulation: Simulation, configMap?: string): Promise<void> {
  const held = () => ({ ...simulation.secretData(), ...simulation.configMap(configMap)?.data });
  for (let index = 1; index <= 20; index += 1) {
    simulation.azure.set(ENDPOINT, { key: 'color', value: `c-${index}` });
    await simulation.until(() => held()['color'] === `c-${index}`);
  }
}

const calls = ({ azure }: Simulation, kind: AzureCallKind): number =>
  azure.calls.filter((call) => call.kind === kind).length;
const asked = (simulation: Simulation) => [calls(simulation, 'list'), calls(simulation, 'secret')];

describe('All secrets of a vault, while settings change', () => {
  it('are listed once per interval, however often that is', async () => {
    const simulation = await running();
    await changeTwentyTimes(simulation);
    expect(asked(simulation)).to.deep.equal([0, 0]);
    expect(simulation.secretData()).to.deep.equal({ db: 'db-1', token: 'token-1' });
    expect(simulation.binding()?.status?.references).to.deep.equal({ total: 2, resolved: 2 });
    simulation.azure.setSecret(VAULT, 'db', { value: 'db-2' });
    await simulation.until(() => simulation.secretData()['db'] === 'db-2', 120 * MINUTE);
    expect(calls(simulation, 'list')).to.equal(1);
  });

  it('are listed as seldom where settings stand beside them in one Secret', async () => {
    const target = { secret: { name: 'orders-secrets', include: 'All' as const } };
    const simulation = await running({ ...SPEC, target });
    await changeTwentyTimes(simulation);
    expect(asked(simulation)).to.deep.equal([0, 0]);
    expect(simulation.secretData()).to.deep.equal({ db: 'db-1', token: 'token-1', color: 'c-20' });
  });

  it('are listed as seldom after a restart, and where they are expanded', async () => {
    const keyVault = { ...HOURLY, expandJson: { keys: ['db'] } };
    const simulation = await running({ ...SPEC, keyVault }, { db: '{"user":"u"}', token: 'token-1' });
    await simulation.stop();
    simulation.start();
    simulation.azure.set(ENDPOINT, { key: 'color', value: '1' });
    await simulation.until(() => simulation.configMap()?.data?.['color'] === '1');
    expect(asked(simulation)).to.deep.equal([0, 0]);
    expect(simulation.secretData()).to.deep.equal({ 'db.user': 'u', token: 'token-1' });
  });

  it('override settings without being listed, whichever came first', async () => {
    const simulation = await running();
    simulation.azure.set(ENDPOINT, { key: 'db', value: 'plain' });
    simulation.azure.set(ENDPOINT, { key: 'color', value: '1' });
    await simulation.until(() => simulation.configMap()?.data?.['color'] === '1');
    expect(simulation.configMap()?.data).to.deep.equal({ color: '1' });
    expect(simulation.secretData()['db']).to.equal('db-1');
    expect(asked(simulation)).to.deep.equal([0, 0]);
  });

  it('are listed each time where two become one key: only the list tells of it', async () => {
    const keys = { replace: [{ from: '--', to: '-' }] };
    const simulation = await running({ ...SPEC, keys }, { 'a-b': '1', 'a--b': '2' });
    await changeTwentyTimes(simulation);
    expect(simulation.condition('Warning')?.reason).to.equal('KeyCollision');
    expect(asked(simulation)).to.deep.equal([20, 0]);
  });

  it('are listed each time where the targets are those of others', async () => {
    const target = {
      configMap: { name: 'shared' },
      secret: { name: 'shared' },
      creationPolicy: 'Merge' as const,
    };
    const simulation = await running({ ...SPEC, target });
    await changeTwentyTimes(simulation, 'shared');
    expect(asked(simulation)).to.deep.equal([20, 0]);
    expect(simulation.secretData('shared')).to.deep.equal({ db: 'db-1', token: 'token-1' });
  });

  it('are listed again after a list that failed, before the binding is Ready', async () => {
    const simulation = await running();
    simulation.azure.fault = (kind) => (kind === 'list' ? blocked('VaultForbidden', 'no') : undefined);
    await simulation.untilReason('VaultForbidden', 'Ready', 'orders', 120 * MINUTE);
    await simulation.stop();
    simulation.azure.set(ENDPOINT, { key: 'color', value: '1' });
    simulation.start();
    await simulation.clock.advance(10 * MINUTE);
    expect(simulation.condition('Ready')?.reason).to.equal('VaultForbidden');
    simulation.azure.fault = () => undefined;
    await simulation.untilReady();
    expect(simulation.configMap()?.data).to.deep.equal({ color: '1' });
  });

  for (const [what, more] of [
    ['other keys', { keys: { replace: [{ from: 'd', to: 'x' }] } }],
    ['another selection', { keyVault: { ...HOURLY, all: [{ vault: 'contoso', prefix: 'd' }] } }],
    ['other secrets to be expanded', { keyVault: { ...HOURLY, expandJson: { keys: ['none'] } } }],
  ] satisfies [string, Partial<BindingSpec>][]) {
    it(`are listed when the binding asks for ${what}`, async () => {
      const simulation = await running();
      simulation.azure.setSecret(VAULT, 'd2', { value: 'new' });
      await simulation.apply({ ...SPEC, ...more });
      await simulation.until(() => Object.values(simulation.secretData()).includes('new'));
      expect(calls(simulation, 'list')).to.equal(1);
    });
  }
});
