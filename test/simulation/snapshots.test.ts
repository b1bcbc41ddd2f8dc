import { expect } from 'chai';
import type { BindingSpec } from '../../src/api/schema.ts';
import { baseSpec, CLIENT_ID, ENDPOINT, Simulation, STORE_HOST } from '../support/simulation.ts';

const NAME = 'release-7';
const selecting = (...selectors: NonNullable<BindingSpec['selectors']>): BindingSpec => ({
  ...baseSpec,
  selectors,
});

/** A running operator with a binding on a snapshot that holds `color: blue`. */
async function withSnapshot(): Promise<Simulation> {
  const simulation = new Simulation();
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  simulation.azure.snapshot(ENDPOINT, NAME);
  await simulation.apply(selecting({ snapshot: NAME }));
  simulation.start();
  await simulation.untilReady();
  return simulation;
}

const data = (simulation: Simulation) => simulation.configMap()?.data;

describe('a snapshot as a selector', () => {
  it('gives what it holds, whatever happens to the store afterwards', async () => {
    const simulation = await withSnapshot();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'red' });
    await simulation.clock.advance(300_000);
    expect(data(simulation)).to.deep.equal({ color: 'blue' });
  });

  it('takes its place in the order', async () => {
    const simulation = await withSnapshot();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'red' });
    await simulation.apply(selecting({ snapshot: NAME }, { key: '*' }));
    await simulation.until(() => data(simulation)?.['color'] === 'red');
    await simulation.apply(selecting({ key: '*' }, { snapshot: NAME }));
    await simulation.until(() => data(simulation)?.['color'] === 'blue');
  });

  it('is rolled out and back by its name', async () => {
    const simulation = await withSnapshot();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'red' });
    simulation.azure.snapshot(ENDPOINT, 'release-8');
    await simulation.apply(selecting({ snapshot: 'release-8' }));
    await simulation.until(() => data(simulation)?.['color'] === 'red');
    await simulation.apply(selecting({ snapshot: NAME }));
    await simulation.until(() => data(simulation)?.['color'] === 'blue');
  });

  it('that is missing is an error and creates nothing, until it is there', async () => {
    const simulation = new Simulation();
    await simulation.apply({ ...selecting({ snapshot: NAME }), allowEmpty: true });
    simulation.start();
    await simulation.untilReason('SnapshotNotFound');
    expect(simulation.condition('Ready')?.message).to.contain(`"${NAME}"`);
    expect(simulation.configMap()).to.equal(undefined);
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    simulation.azure.snapshot(ENDPOINT, NAME);
    await simulation.untilReady();
    expect(data(simulation)).to.deep.equal({ color: 'blue' });
  });

  for (const [state, reason] of [
    [{ status: 'provisioning' }, 'SnapshotNotReady'],
    [{ status: 'failed' }, 'SnapshotNotReady'],
    [{ composition: 'key_label' }, 'SnapshotComposition'],
  ] as const) {
    it(`that is ${Object.values(state).join()} leaves the targets as they were and says ${reason}`, async () => {
      const simulation = await withSnapshot();
      simulation.azure.set(ENDPOINT, { key: 'color', value: 'red' });
      simulation.azure.snapshot(ENDPOINT, 'next', state);
      await simulation.apply(selecting({ snapshot: 'next' }));
      await simulation.untilReason(reason);
      expect(data(simulation)).to.deep.equal({ color: 'blue' });
    });
  }

  it('that is being made is taken up once it is ready', async () => {
    const simulation = new Simulation();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    simulation.azure.snapshot(ENDPOINT, NAME, { status: 'provisioning' });
    await simulation.apply(selecting({ snapshot: NAME }));
    simulation.start();
    await simulation.untilReason('SnapshotNotReady');
    simulation.azure.changeSnapshot(ENDPOINT, NAME, { status: 'ready' });
    await simulation.untilReady();
  });

  it('is counted, not named, where more than ten are archived', async () => {
    const simulation = await withSnapshot();
    const names = Array.from({ length: 13 }, (_, index) => `old-${index}`);
    for (const name of names) {
      simulation.azure.snapshot(ENDPOINT, name);
      simulation.azure.changeSnapshot(ENDPOINT, name, { status: 'archived' });
    }
    await simulation.apply(selecting(...names.map((snapshot) => ({ snapshot }))));
    await simulation.untilReason('SnapshotArchived', 'Warning');
    const message = simulation.condition('Warning')?.message;
    expect(message).to.contain('old-9').and.to.contain('3 more snapshots are archived');
    expect(message).not.to.contain('old-10');
  });

  it('that is archived is used on, with a warning that tells when it will be gone', async () => {
    const simulation = await withSnapshot();
    const expiresAt = simulation.clock.now() + 3_600_000;
    simulation.azure.changeSnapshot(ENDPOINT, NAME, { status: 'archived', expiresAt });
    await simulation.untilReason('SnapshotArchived', 'Warning');
    expect(simulation.condition('Ready')?.status).to.equal('True');
    const time = new Date(expiresAt).toISOString().slice(0, 19);
    expect(simulation.condition('Warning')?.message).to.contain(time);
    simulation.azure.deleteSnapshot(ENDPOINT, NAME);
    await simulation.untilReason('SnapshotNotFound');
    expect(data(simulation)).to.deep.equal({ color: 'blue' });
  });

  it('is one small question to the store each interval, for all bindings on it', async () => {
    const simulation = await withSnapshot();
    const target = { configMap: { name: 'b-config' } };
    await simulation.apply({ ...selecting({ snapshot: NAME }), target }, 'b');
    await simulation.untilReady('b');
    simulation.azure.calls.length = 0;
    await simulation.clock.advance(300_000);
    expect(simulation.azure.calls.filter(({ kind }) => kind === 'read')).to.deep.equal([]);
    expect(simulation.azure.calls.length).to.be.within(8, 11);
  });

  it('is not read again by an operator that was restarted', async () => {
    const simulation = await withSnapshot();
    await simulation.stop();
    simulation.azure.calls.length = 0;
    simulation.start();
    await simulation.clock.advance(120_000);
    expect(simulation.azure.calls.map(({ kind }) => kind))
      .to.include('head')
      .and.not.to.include('read');
  });

  it('is refused to an identity that may not read the store, although another may', async () => {
    const simulation = await withSnapshot();
    simulation.azure.revoke(CLIENT_ID, STORE_HOST);
    await simulation.untilReason('StoreForbidden');
    expect(data(simulation)).to.deep.equal({ color: 'blue' });
  });
});
