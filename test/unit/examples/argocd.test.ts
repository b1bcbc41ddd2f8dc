import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { AppConfigBinding } from '../../../src/api/schema.ts';
import { unavailable } from '../../../src/domain/failure.ts';
import { type Health, healthScript } from '../../support/lua.ts';
import { baseSpec, CLIENT_ID, ENDPOINT, Simulation, STORE_HOST } from '../../support/simulation.ts';
import { type Kstatus, kstatus } from '../../support/status/kstatus.ts';

const FOLDER = new URL('../../fixtures/bindings/', import.meta.url);

const recorded = (name: string): AppConfigBinding =>
  JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));

/** Of every object that test/fixtures/bindings/record.ts recorded on a real API server. */
const EXPECTED: Readonly<Record<string, readonly [Health['status'], Kstatus, RegExp]>> = {
  unseen: ['Progressing', 'InProgress', /^the operator has not looked at this spec yet$/],
  ready: ['Healthy', 'Current', /^2 settings of https:\/\/.* are in /],
  'rollout-failed': [
    'Healthy',
    'Current',
    /; RolloutFailed: Deployment never: Failed, progress deadline exceeded/,
  ],
  warning: ['Healthy', 'Current', /; EnvironmentUnmatched: /],
  reconciling: ['Progressing', 'InProgress', /^StoreUnreachable: /],
  unreachable: ['Progressing', 'InProgress', /^StoreUnreachable: /],
  stalled: ['Degraded', 'Failed', /^EmptySelection: /],
  suspended: ['Suspended', 'InProgress', /^spec\.suspend is true/],
  edited: ['Progressing', 'InProgress', /^the operator has not looked at this spec yet$/],
  terminating: ['Progressing', 'Terminating', /^the operator has not looked at this spec yet$/],
};

describe('the health script for Argo CD', () => {
  let healthOf: (object: object) => Health;
  before(async () => {
    healthOf = await healthScript();
  });

  it('is shown on every state that was recorded', () => {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
    expect(files.sort()).to.deep.equal(
      Object.keys(EXPECTED)
        .map((name) => `${name}.json`)
        .sort(),
    );
  });

  for (const [name, [status, known, message]] of Object.entries(EXPECTED)) {
    it(`calls a binding ${status}, as kstatus calls it ${known}, that is recorded as ${name}`, () => {
      const health = healthOf(recorded(name));
      expect(health.status).to.equal(status);
      expect(health.message).to.match(message);
      expect(kstatus(recorded(name))).to.equal(known);
    });
  }

  it('calls a binding Degraded once nothing could be read for long', async () => {
    const simulation = new Simulation();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    await simulation.apply(baseSpec);
    simulation.start();
    await simulation.untilReady();
    simulation.azure.fault = () => unavailable('StoreUnreachable', 'The store cannot be reached.');
    await simulation.untilReason('ReadsStale', 'Stale', 'orders', 1_200_000);
    expect(healthOf(simulation.binding() ?? {})).to.include({ status: 'Degraded' });
  });

  it('agrees with kstatus on every status of a whole life', async () => {
    const simulation = new Simulation();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    await simulation.apply(baseSpec);
    simulation.start();
    await simulation.untilReady();
    simulation.azure.revoke(CLIENT_ID, STORE_HOST);
    await simulation.untilReason('StoreForbidden');
    simulation.azure.grant(CLIENT_ID, STORE_HOST);
    await simulation.untilReady();
    await simulation.apply({ ...baseSpec, environment: 'prod' });
    await simulation.untilReady();
    const states = simulation.cluster.database.history
      .since(0)
      .flatMap(({ type, object }) =>
        type.plural === 'appconfigbindings' && object !== undefined ? [object] : [],
      );
    const named = { Healthy: 'Current', Progressing: 'InProgress', Degraded: 'Failed', Suspended: 'Current' };
    expect(states.length).to.be.at.least(6);
    for (const state of states) expect(named[healthOf(state).status]).to.equal(kstatus(state));
  });
});
