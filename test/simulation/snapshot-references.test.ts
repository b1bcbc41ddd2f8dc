import { expect } from 'chai';
import { baseSpec, ENDPOINT, Simulation } from '../support/simulation.ts';

const NAME = 'release-7';

/**
 * `m` refers to a snapshot with `a: snapshot` and `z: snapshot`; `a` and `z` are also settings of their own, made
 * afterwards.
 */
function referring(): Simulation {
  const simulation = new Simulation();
  const { azure } = simulation;
  for (const key of ['a', 'z']) azure.set(ENDPOINT, { key, value: 'snapshot' });
  azure.snapshot(ENDPOINT, NAME);
  for (const key of ['a', 'z']) azure.set(ENDPOINT, { key, value: 'own' });
  azure.setSnapshotReference(ENDPOINT, 'm', NAME);
  return simulation;
}

async function started(simulation = referring()): Promise<Simulation> {
  await simulation.apply(baseSpec);
  simulation.start();
  await simulation.untilReady();
  return simulation;
}

const data = (simulation: Simulation) => simulation.configMap()?.data;

describe('a setting that refers to a snapshot', () => {
  it('is replaced by what that holds, in its place of the order', async () => {
    const simulation = await started();
    expect(data(simulation)).to.deep.equal({ a: 'snapshot', z: 'own' });
    expect(simulation.binding()?.status?.snapshots).to.deep.equal([NAME]);
    expect(simulation.binding()?.status?.sources?.[0]?.settings).to.equal(4);
  });

  it('is followed when it refers to another', async () => {
    const simulation = await started();
    simulation.azure.set(ENDPOINT, { key: 'a', value: 'newer' });
    simulation.azure.snapshot(ENDPOINT, 'release-8', { key: 'a' });
    simulation.azure.setSnapshotReference(ENDPOINT, 'm', 'release-8');
    simulation.azure.deleteSnapshot(ENDPOINT, NAME);
    await simulation.until(() => data(simulation)?.['a'] === 'newer');
    expect(simulation.binding()?.status?.snapshots).to.deep.equal(['release-8']);
    expect(simulation.condition('Ready')?.status).to.equal('True');
  });

  it('that goes leaves no trace of it', async () => {
    const simulation = await started();
    simulation.azure.delete(ENDPOINT, 'm');
    await simulation.until(() => data(simulation)?.['a'] === 'own');
    expect(simulation.binding()?.status).not.to.have.property('snapshots');
  });

  it('to none that exists is a failure that names the key, and leaves the targets as they were', async () => {
    const simulation = await started();
    simulation.azure.setSnapshotReference(ENDPOINT, 'm', 'nowhere');
    await simulation.untilReason('SnapshotNotFound');
    expect(simulation.condition('Ready')?.message).to.contain('"m"').and.to.contain('"nowhere"');
    expect(data(simulation)).to.deep.equal({ a: 'snapshot', z: 'own' });
  });

  it('is a failure when its value is no reference', async () => {
    const simulation = await started();
    const contentType = 'application/json; profile="https://azconfig.io/mime-profiles/snapshot-ref"';
    simulation.azure.set(ENDPOINT, { key: 'm', value: '{"snapshot": "x"}', contentType });
    await simulation.untilReason('InvalidSnapshotReference');
    expect(simulation.condition('Ready')?.message).to.contain('"m"');
  });

  it('sees the snapshot made anew under its name, or gone', async () => {
    const simulation = await started();
    simulation.azure.set(ENDPOINT, { key: 'a', value: 'newer' });
    simulation.azure.snapshot(ENDPOINT, NAME, { key: 'a' });
    await simulation.until(() => data(simulation)?.['a'] === 'newer');
    simulation.azure.deleteSnapshot(ENDPOINT, NAME);
    await simulation.untilReason('SnapshotNotFound');
    expect(data(simulation)?.['a']).to.equal('newer');
  });

  it('within a snapshot is not followed', async () => {
    const simulation = new Simulation();
    const { azure } = simulation;
    azure.set(ENDPOINT, { key: 'inner', value: 'x' });
    azure.snapshot(ENDPOINT, 'inner', { key: 'inner' });
    azure.setSnapshotReference(ENDPOINT, 'chain', 'inner');
    azure.set(ENDPOINT, { key: 'outer', value: 'y' });
    azure.delete(ENDPOINT, 'inner');
    azure.snapshot(ENDPOINT, 'outer');
    azure.delete(ENDPOINT, 'outer');
    azure.setSnapshotReference(ENDPOINT, 'chain', 'outer');
    await started(simulation);
    expect(data(simulation)).to.deep.equal({ outer: 'y' });
  });

  it('costs no page and no content after a restart of the operator', async () => {
    const simulation = await started();
    await simulation.stop();
    const { resourceVersion } = simulation.configMap()?.metadata ?? {};
    simulation.azure.calls.length = 0;
    simulation.start();
    await simulation.clock.advance(120_000);
    const kinds = simulation.azure.calls.map(({ kind }) => kind);
    expect(kinds).to.include('head').and.not.to.include('read');
    expect(simulation.configMap()?.metadata.resourceVersion).to.equal(resourceVersion);
  });

  it('takes its place among selectors: a later one overrides what it brings', async () => {
    const simulation = referring();
    await simulation.apply({ ...baseSpec, selectors: [{ key: '*' }, { key: 'a' }] });
    simulation.start();
    await simulation.untilReady();
    expect(data(simulation)).to.deep.equal({ a: 'own', z: 'own' });
  });
});
