import { expect } from 'chai';
import type { BindingSpec } from '../../src/api/schema.ts';
import type { Verdict } from '../support/memory-cluster/faults.ts';
import { baseSpec, ENDPOINT, Simulation, VAULT } from '../support/simulation.ts';

/**
 * Time travel: an operator whose watches hang (a half-open connection, an API server that lags behind) begins to work
 * after another one has followed a newer spec. Reads by name and writes reach the real state; only its copies are old.
 */

const MARKER = 'rollout.appconfig.dev/orders';
const REST_MS = 60_000;

interface Travel {
  readonly simulation: Simulation;
  /** What was changed after the stale operator began to work. */
  readonly written: readonly string[];
}

/** `newer` is followed by an operator that sees it; then one that does not takes over. */
async function travel(newer: BindingSpec): Promise<Travel> {
  const simulation = new Simulation();
  const { azure, clock, cluster } = simulation;
  azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  azure.set(ENDPOINT, { key: 'size', value: 'large' });
  azure.setSecret(VAULT, 'db', { value: 'one' });
  azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
  await simulation.addDeployment('web');
  await simulation.apply(baseSpec);
  simulation.start();
  await simulation.untilReady();
  await clock.advance(REST_MS);
  simulation.client?.kill();

  // A follower that synchronised its copies, whose watches then went silent; its calls are held until it leads.
  let lead = (): void => undefined;
  const leads = new Promise<void>((resolve) => {
    lead = resolve;
  });
  const reads = new Set(['list', 'watch']);
  simulation.start(async ({ verb }): Promise<Verdict> => {
    if (!reads.has(verb)) await leads;
    return 'proceed';
  });
  await clock.advance(1_000);
  cluster.silenceWatches(true);
  await clock.advance(1);
  cluster.silenceWatches(false);

  const follower = simulation.client;
  simulation.start();
  await simulation.apply(newer);
  await simulation.untilReady();
  await clock.advance(REST_MS / 2);
  simulation.client?.kill();
  await simulation.completeRollouts('web');
  const before = cluster.changes().length;
  simulation.client = follower;
  lead();
  await clock.advance(400_000);
  const written = cluster
    .changes()
    .slice(before)
    .map(({ verb, resource, name }) => `${verb} ${resource}/${name}`);
  return { simulation, written };
}

const targetWrites = ({ written }: Travel): readonly string[] =>
  written.filter((write) => !write.includes('/status'));

describe('an operator whose copies of the cluster are old', function () {
  this.timeout(60_000);

  it('writes no old content over new, and restarts nothing twice', async () => {
    const newer = { ...baseSpec, selectors: [{ key: 'size' }, { key: 'password' }] };
    const ended = await travel(newer);
    expect(targetWrites(ended)).to.deep.equal([]);
    expect(ended.simulation.configMap()?.data).to.deep.equal({ size: 'large' });
    expect(ended.simulation.condition('Ready')?.status).to.equal('True');
    expect(ended.simulation.deployment('web')?.spec?.template?.metadata?.annotations).to.have.property(
      MARKER,
    );
  });

  it('does not bring back targets that were renamed, nor remove those that took their place', async () => {
    const target = { configMap: { name: 'new-config' }, secret: { name: 'new-secrets' } };
    const ended = await travel({ ...baseSpec, target });
    expect(targetWrites(ended)).to.deep.equal([]);
    expect(ended.simulation.configMap()).to.equal(undefined);
    expect(ended.simulation.secret()).to.equal(undefined);
    expect(ended.simulation.configMap('new-config')?.data).to.deep.equal({ color: 'blue', size: 'large' });
  });

  it('does not bring back names of keys that the spec no longer gives', async () => {
    const ended = await travel({ ...baseSpec, keys: { trimPrefixes: ['co'] } });
    expect(targetWrites(ended)).to.deep.equal([]);
    expect(ended.simulation.configMap()?.data).to.deep.equal({ lor: 'blue', size: 'large' });
  });
});
