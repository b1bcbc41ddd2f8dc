import { expect } from 'chai';
import { baseSpec, ENDPOINT, Simulation } from '../support/simulation.ts';

const start = async (simulation: Simulation, spec: typeof baseSpec): Promise<void> => {
  await simulation.apply(spec);
  simulation.start();
};

describe('a selection', () => {
  it('overlays settings of the environment over those without a label', async () => {
    const simulation = new Simulation();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    simulation.azure.set(ENDPOINT, { key: 'size', value: 'L' });
    simulation.azure.set(ENDPOINT, { key: 'color', label: 'prod', value: 'red' });
    await start(simulation, { ...baseSpec, environment: 'prod' });
    await simulation.untilReady();
    expect(simulation.configMap()?.data).to.deep.equal({ color: 'red', size: 'L' });
    expect(simulation.binding()?.status?.environment).to.equal('prod');
  });

  it('lets a later selector win, and a plain value and a reference override each other', async () => {
    const simulation = new Simulation();
    simulation.azure.setReference(ENDPOINT, 'a:key', {
      vault: 'contoso.vault.azure.net',
      name: 'never-read',
    });
    simulation.azure.set(ENDPOINT, { key: 'b:key', value: 'plain' });
    const selectors = [{ key: 'a:*' }, { key: 'b:*' }];
    await start(simulation, { ...baseSpec, selectors, keys: { trimPrefixes: ['a:', 'b:'] } });
    await simulation.untilReady();
    expect(simulation.configMap()?.data).to.deep.equal({ key: 'plain' });
    expect(simulation.secretData()).to.deep.equal({});
  });

  it('takes only settings that carry all of its tags, below the environment too', async () => {
    const simulation = new Simulation();
    const tags = { team: 'orders', tier: 'gold' };
    simulation.azure.set(ENDPOINT, { key: 'both', value: 'base', tags });
    simulation.azure.set(ENDPOINT, { key: 'both', label: 'prod', value: 'prod', tags });
    simulation.azure.set(ENDPOINT, { key: 'other', value: 'x', tags: { team: 'orders', tier: 'iron' } });
    simulation.azure.set(ENDPOINT, { key: 'none', value: 'x' });
    await start(simulation, { ...baseSpec, environment: 'prod', selectors: [{ key: '*', tags }] });
    await simulation.untilReady();
    expect(simulation.configMap()?.data).to.deep.equal({ both: 'prod' });
  });

  it('follows a tag that is set or taken away', async () => {
    const simulation = new Simulation();
    const tags = { team: 'orders' };
    simulation.azure.set(ENDPOINT, { key: 'a', value: '1', tags });
    simulation.azure.set(ENDPOINT, { key: 'b', value: '2' });
    await start(simulation, { ...baseSpec, selectors: [{ key: '*', tags }] });
    await simulation.untilReady();
    simulation.azure.set(ENDPOINT, { key: 'a', value: '1' });
    simulation.azure.set(ENDPOINT, { key: 'b', value: '2', tags });
    await simulation.until(() => simulation.configMap()?.data?.['b'] === '2');
    expect(simulation.configMap()?.data).to.deep.equal({ b: '2' });
  });

  it('says when the environment matches nothing, and stays Ready', async () => {
    const simulation = new Simulation();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    await start(simulation, { ...baseSpec, environment: 'prdo' });
    await simulation.untilReason('EnvironmentUnmatched', 'Warning');
    expect(simulation.condition('Ready')?.status).to.equal('True');
    expect(simulation.condition('Warning')?.message).to.contain('"prdo"');
  });

  it('says which store keys collide', async () => {
    const simulation = new Simulation();
    simulation.azure.set(ENDPOINT, { key: 'a.key', value: '1' });
    simulation.azure.set(ENDPOINT, { key: 'key', value: '2' });
    await start(simulation, { ...baseSpec, keys: { trimPrefixes: ['a.'] } });
    await simulation.untilReason('KeyCollision', 'Warning');
    expect(simulation.configMap()?.data).to.deep.equal({ key: '2' });
  });

  it('that is empty changes nothing, unless allowEmpty says that this is meant', async () => {
    const simulation = new Simulation();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    await start(simulation, baseSpec);
    await simulation.untilReady();
    simulation.azure.delete(ENDPOINT, 'color');
    await simulation.untilReason('EmptySelection');
    expect(simulation.configMap()?.data).to.deep.equal({ color: 'blue' });
    await simulation.apply({ ...baseSpec, allowEmpty: true });
    await simulation.untilReady();
    expect(simulation.configMap()?.data ?? {}).to.deep.equal({});
  });

  it('that is empty, of many long filters, is told in a message that a status can hold', async () => {
    const simulation = new Simulation();
    const key = (n: number) => Array.from({ length: 5 }, (_, m) => `${n}-${m}-${'k'.repeat(700)}`).join();
    const selectors = Array.from({ length: 64 }, (_, n) => ({
      key: key(n),
      tags: { team: 't'.repeat(256) },
    }));
    await start(simulation, { ...baseSpec, environment: 'e'.repeat(1_000), selectors });
    await simulation.untilReason('EmptySelection');
    const message = simulation.condition('Ready')?.message ?? '';
    // As long as a condition may be (metav1.Condition).
    expect(message.length).to.be.at.most(32_768);
    expect(message).to.include('key "0-0-kkk').and.include('and 118 more').and.include('spec.allowEmpty');
    for (const source of simulation.binding()?.status?.sources ?? [])
      expect(source.selector.length).to.be.at.most(2_000);
  });

  it('with an illegal key names it and leaves the target as it was', async () => {
    const simulation = new Simulation();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    await start(simulation, baseSpec);
    await simulation.untilReady();
    simulation.azure.set(ENDPOINT, { key: 'not/legal', value: 'x' });
    await simulation.untilReason('InvalidKey');
    expect(simulation.condition('Ready')?.message).to.contain('"not/legal"');
    expect(simulation.configMap()?.data).to.deep.equal({ color: 'blue' });
  });

  it('that is too large names the biggest keys and leaves the target as it was', async () => {
    const simulation = new Simulation();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    await start(simulation, baseSpec);
    await simulation.untilReady();
    for (let n = 0; n < 120; n += 1)
      simulation.azure.set(ENDPOINT, { key: `big-${n}`, value: 'x'.repeat(10_000) });
    await simulation.untilReason('TargetTooLarge');
    expect(simulation.condition('Ready')?.message).to.contain('"big-0"');
    expect(simulation.configMap()?.data).to.deep.equal({ color: 'blue' });
  });

  it('of a spec that no schema saw is refused by the operator itself, with the field', async () => {
    const simulation = new Simulation();
    await start(simulation, { ...baseSpec, store: { endpoint: 'http://contoso.azconfig.io' } });
    await simulation.untilReason('InvalidSpec');
    expect(simulation.condition('Ready')?.message).to.contain('spec.store.endpoint');
    expect(simulation.azure.calls).to.deep.equal([]);
  });

  it('of a store outside the known clouds is refused before any token is asked for', async () => {
    const simulation = new Simulation();
    await start(simulation, { ...baseSpec, store: { endpoint: 'https://contoso.example.com' } });
    await simulation.untilReason('InvalidSpec');
    expect(simulation.azure.calls).to.deep.equal([]);
  });
});
