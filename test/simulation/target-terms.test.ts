import { expect } from 'chai';
import type { BindingSpec } from '../../src/api/schema.ts';
import { CONFIG_MAPS } from '../support/memory-cluster/index.ts';
import { baseSpec, ENDPOINT, Simulation, VAULT } from '../support/simulation.ts';

const withTarget = (target: Partial<BindingSpec['target']>): BindingSpec => ({
  ...baseSpec,
  target: { ...baseSpec.target, ...target },
});

async function synced(spec: BindingSpec): Promise<Simulation> {
  const simulation = new Simulation();
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  simulation.azure.setSecret(VAULT, 'db', { value: 's3cret' });
  simulation.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
  await simulation.apply(spec);
  simulation.start();
  await simulation.untilReady();
  return simulation;
}

const targets = (simulation: Simulation) => [simulation.configMap(), simulation.secret()];

describe('labels and annotations that the spec puts on targets', () => {
  const asked = { labels: { team: 'orders' }, annotations: { 'example.com/note': 'hi' } };

  it('come, change and go with the spec, without a change of content', async () => {
    const simulation = await synced(withTarget(asked));
    const changedAt = () =>
      targets(simulation).map((target) => target?.metadata.annotations?.['appconfig.dev/changed-at']);
    const before = changedAt();
    for (const target of targets(simulation)) {
      expect(target?.metadata.labels).to.include({ team: 'orders' });
      expect(target?.metadata.annotations).to.include({ 'example.com/note': 'hi' });
    }
    await simulation.apply(withTarget({ labels: { tier: 'front' } }));
    await simulation.untilReady();
    for (const target of targets(simulation)) {
      expect(target?.metadata.labels).to.include({ tier: 'front' }).and.not.have.property('team');
      expect(target?.metadata.annotations).to.not.have.property('example.com/note');
    }
    expect(changedAt()).to.deep.equal(before);
  });

  it('are put back when someone changes them', async () => {
    const simulation = await synced(withTarget(asked));
    const ref = { type: CONFIG_MAPS, namespace: 'shop', name: 'orders-config' };
    await simulation.cluster.admin.mergePatch(ref, { metadata: { labels: { team: 'other' } } });
    await simulation.until(() => simulation.configMap()?.metadata.labels?.['team'] === 'orders', 2_000);
  });

  it('are no reason to write when nothing changed', async () => {
    const simulation = await synced(withTarget(asked));
    const writes = simulation.client?.writes;
    await simulation.clock.advance(3_600_000);
    expect(simulation.client?.writes).to.equal(writes);
  });
});

describe('targets that are retained', () => {
  const retained = withTarget({ deletionPolicy: 'Retain' });

  it('outlive the binding and are adopted by the next one of its name', async () => {
    const simulation = await synced(retained);
    const before = targets(simulation).map((target) => target?.metadata.uid);
    await simulation.deleteBinding();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    await simulation.clock.advance(60_000);
    expect(simulation.configMap()?.data).to.deep.equal({ color: 'blue' });
    await simulation.apply(retained);
    await simulation.untilReady();
    expect(simulation.configMap()?.data).to.deep.equal({ color: 'green' });
    expect(targets(simulation).map((target) => target?.metadata.uid)).to.deep.equal(before);
  });

  it('are let go when the spec names them no longer, even if the policy changes in the same edit', async () => {
    const simulation = await synced(baseSpec);
    expect(simulation.configMap()?.metadata.ownerReferences).to.have.length(1);
    await simulation.apply({
      ...baseSpec,
      target: {
        configMap: { name: 'renamed' },
        secret: { name: 'orders-secrets' },
        deletionPolicy: 'Retain',
      },
    });
    await simulation.untilReady();
    expect(simulation.configMap()?.metadata.ownerReferences ?? []).to.deep.equal([]);
    expect(simulation.events.map(({ reason }) => reason)).to.include('TargetRetained');
    expect(simulation.binding()?.status?.targets?.map(({ name }) => name)).to.deep.equal([
      'orders-secrets',
      'renamed',
    ]);
    await simulation.deleteBinding();
    expect(simulation.configMap()?.data).to.deep.equal({ color: 'blue' });
    expect(simulation.configMap('renamed')?.data).to.deep.equal({ color: 'blue' });
    expect(simulation.secretData()).to.deep.equal({ password: 's3cret' });
  });

  it('go with the binding once the policy is Delete again', async () => {
    const simulation = await synced(retained);
    await simulation.apply(baseSpec);
    await simulation.untilReady();
    await simulation.deleteBinding();
    expect(targets(simulation)).to.deep.equal([undefined, undefined]);
  });
});
