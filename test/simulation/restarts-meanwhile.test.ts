import { expect } from 'chai';
import type { BindingSpec } from '../../src/api/schema.ts';
import { blocked, unavailable } from '../../src/domain/failure.ts';
import { change, container, failRollout, generationOf, running } from '../support/rollouts.ts';
import { baseSpec, ENDPOINT, type Simulation, VAULT } from '../support/simulation.ts';

const everything = container({ envFrom: [{ configMapRef: { name: 'orders-config' } }] });
const short = JSON.stringify({ properties: { size: { maxLength: 3 } } });
const gated: BindingSpec = { ...baseSpec, validate: { schema: { inline: short } } };

/** Something that keeps newer content from being written. */
const TROUBLES: readonly (readonly [what: string, begin: (simulation: Simulation) => void])[] = [
  ['the gate refuses', ({ azure }) => azure.set(ENDPOINT, { key: 'size', value: 'endless' })],
  [
    'the store refuses',
    ({ azure }) => {
      azure.fault = () => blocked('StoreForbidden', 'no');
    },
  ],
  [
    'the store is away',
    ({ azure }) => {
      azure.fault = () => unavailable('StoreUnreachable', 'no');
    },
  ],
];

describe('workloads, while newer content cannot be written', () => {
  for (const [what, begin] of TROUBLES) {
    it(`are followed to the end of their rollout: ${what}`, async () => {
      const simulation = await running((it) => it.addDeployment('web', everything), gated);
      await change(simulation, 'color', 'green');
      expect(generationOf(simulation, 'web')).to.equal(2);
      begin(simulation);
      await simulation.until(() => simulation.condition('Ready')?.status === 'False', 900_000);
      expect(simulation.binding()?.status?.rollout).to.equal('0/1');
      await simulation.completeRollouts('web');
      await simulation.until(() => simulation.binding()?.status?.rollout === '1/1', 900_000);
      expect(simulation.condition('Ready')?.status).to.equal('False');
    });

    it(`are restarted for what is written, when their turn comes, and for nothing else: ${what}`, async () => {
      const spec: BindingSpec = { ...gated, rollout: { minInterval: '5m' } };
      const simulation = await running((it) => it.addDeployment('web', everything), spec);
      await change(simulation, 'color', 'green');
      await simulation.completeRollouts('web');
      await change(simulation, 'color', 'red');
      begin(simulation);
      await simulation.until(() => generationOf(simulation, 'web') === 3, 900_000);
      await simulation.completeRollouts('web');
      await simulation.clock.advance(3_600_000);
      expect(generationOf(simulation, 'web')).to.equal(3);
      expect(simulation.configMap()?.data).to.deep.equal({ color: 'red', size: 'L' });
    });
  }

  it('are followed and not restarted by an operator that takes over and cannot tell which references failed', async () => {
    const simulation = await running(async (it) => {
      for (const name of ['api', 'web']) await it.addDeployment(name, everything);
      it.azure.setSecret(VAULT, 'db', { value: 's3cret' });
      it.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
    });
    await change(simulation, 'color', 'green');
    expect(generationOf(simulation, 'api')).to.equal(2);
    simulation.azure.setReference(ENDPOINT, 'token', { vault: VAULT, name: 'none' });
    await simulation.untilReason('SecretNotFound');
    simulation.client?.kill();
    simulation.azure.fault = () => blocked('StoreForbidden', 'no');
    await simulation.completeRollouts('api');
    simulation.start();
    const api = () => simulation.binding()?.status?.rollouts?.find(({ name }) => name === 'api');
    await simulation.until(() => api()?.phase === 'Complete', 120_000);
    await simulation.clock.advance(1_200_000);
    expect(generationOf(simulation, 'web')).to.equal(1);
    simulation.azure.fault = () => undefined;
    simulation.azure.setSecret(VAULT, 'none', { value: 'there' });
    await simulation.until(() => generationOf(simulation, 'web') === 2, 900_000);
  });

  it('cost no write of their own once they are at rest', async () => {
    const simulation = await running((it) => it.addDeployment('web', everything), gated);
    simulation.azure.set(ENDPOINT, { key: 'size', value: 'endless' });
    await simulation.untilReason('ValidationFailed');
    await simulation.clock.advance(600_000);
    const written = simulation.cluster.changes().length;
    await simulation.clock.advance(3_600_000);
    expect(simulation.cluster.changes().slice(written)).to.deep.equal([]);
  });

  it('go on past one that failed when a refresh is asked for, although the gate refuses what it reads', async () => {
    const simulation = await running(async (it) => {
      for (const name of ['a', 'b']) await it.addDeployment(name, everything);
    }, gated);
    await change(simulation, 'color', 'green');
    await failRollout(simulation, 'a');
    await simulation.untilReason('RolloutsHalted', 'RolloutsComplete');
    simulation.azure.set(ENDPOINT, { key: 'size', value: 'endless' });
    await simulation.untilReason('ValidationFailed');
    await simulation.apply(gated, 'orders', { 'appconfig.dev/refresh': 'go on' });
    await simulation.until(() => generationOf(simulation, 'b') === 2, 60_000);
    expect(simulation.binding()?.status?.lastHandledRefresh).to.equal('go on');
  });
});
