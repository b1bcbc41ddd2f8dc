import { expect } from 'chai';
import { CONFIG_MAPS } from '../support/memory-cluster/index.ts';
import { baseSpec, type Simulation, synced } from '../support/simulation.ts';

const HOUR = 3_600_000;

/** A tool that applies an object of the same name, once a second. */
class Rival {
  readonly #simulation: Simulation;
  writes = 0;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  /** Takes the target for itself whenever it is not as the tool wants it. */
  async fight(ms: number): Promise<void> {
    const { clock, cluster } = this.#simulation;
    const tool = cluster.client({ manager: 'kustomize-controller' });
    const ref = { type: CONFIG_MAPS, namespace: 'shop', name: 'orders-config' };
    const until = clock.now() + ms;
    while (clock.now() < until) {
      if (this.#simulation.configMap()?.data?.['color'] !== 'theirs') {
        this.writes += 1;
        const edited = tool.mergePatch(ref, { data: { color: 'theirs' } });
        let done = false;
        void edited.then(() => {
          done = true;
        });
        await clock.runUntil(() => done);
      }
      await clock.advance(1_000);
    }
  }
}

describe('a tug of war over a target', () => {
  it('is noticed, told, and slowed down to one write in five minutes', async () => {
    const simulation = await synced();
    const rival = new Rival(simulation);
    await rival.fight(HOUR);
    expect(rival.writes).to.be.within(10, 20);
    await simulation.until(() => simulation.condition('Ready')?.reason === 'TargetContested');
    expect(simulation.condition('Ready')?.message).to.include('last by kustomize-controller');
    expect(simulation.events.map(({ reason }) => reason)).to.include('TargetContested');
  });

  it('ends with the content of the store once the other gives up', async () => {
    const simulation = await synced();
    await new Rival(simulation).fight(120_000);
    await simulation.until(() => simulation.configMap()?.data?.['color'] === 'blue', 330_000);
    await simulation.untilReady();
    // Peace is soon forgotten: a single edit is undone at once again.
    await simulation.clock.advance(HOUR);
    await new Rival(simulation).fight(1);
    await simulation.until(() => simulation.configMap()?.data?.['color'] === 'blue', 2_000);
  });

  it('is left at once when the binding names another target, or a refresh is asked for', async () => {
    const simulation = await synced();
    await new Rival(simulation).fight(300_000);
    expect(simulation.configMap()?.data).to.deep.equal({ color: 'theirs' });
    await simulation.apply(baseSpec, 'orders', { 'appconfig.dev/refresh': 'now' });
    await simulation.until(() => simulation.configMap()?.data?.['color'] === 'blue', 2_000);
    await new Rival(simulation).fight(60_000);
    await simulation.apply({ ...baseSpec, target: { configMap: { name: 'other' } } });
    await simulation.until(() => simulation.configMap('other')?.data?.['color'] === 'blue', 2_000);
    await simulation.untilReady();
  });
});
