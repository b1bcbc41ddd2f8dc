import { expect } from 'chai';
import type { BindingSpec } from '../../src/api/schema.ts';
import type { KubernetesObject } from '../../src/ports/kubernetes.ts';
import { CONFIG_MAPS, SECRETS } from '../support/memory-cluster/index.ts';
import { baseSpec, ENDPOINT, NAMESPACE, Simulation, VAULT } from '../support/simulation.ts';

const SPEC: BindingSpec = {
  ...baseSpec,
  target: { configMap: { name: 'shared' }, secret: { name: 'shared' }, creationPolicy: 'Merge' },
};
const PERMITTED = { 'merge.appconfig.dev/orders': 'true' };
const base64 = (text: string) => Buffer.from(text).toString('base64');

class Shared extends Simulation {
  constructor() {
    super();
    this.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    this.azure.setSecret(VAULT, 'db', { value: 's3cret' });
    this.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
  }

  async share(labels: Record<string, string> = PERMITTED): Promise<void> {
    const metadata = { namespace: NAMESPACE, name: 'shared', labels };
    const data = { theirs: '1' };
    const configMap: KubernetesObject & { data: object } = { metadata, data };
    await this.cluster.admin.create(CONFIG_MAPS, configMap);
    await this.cluster.admin.create(SECRETS, { metadata, data: { theirs: base64('1') } } as typeof configMap);
  }

  async edit(patch: object): Promise<void> {
    await this.cluster.admin.mergePatch({ type: CONFIG_MAPS, namespace: NAMESPACE, name: 'shared' }, patch);
  }

  get data() {
    return [this.configMap('shared')?.data, this.secretData('shared')];
  }

  /** Whatever is due by then: longer than the drift interval. */
  pass(): Promise<void> {
    return this.clock.advance(400_000);
  }
}

const MERGED = [
  { theirs: '1', color: 'blue' },
  { theirs: '1', password: 's3cret' },
];
const THEIRS = [{ theirs: '1' }, { theirs: '1' }];

async function merged(): Promise<Shared> {
  const simulation = new Shared();
  await simulation.share();
  await simulation.apply(SPEC);
  simulation.start();
  await simulation.untilReady();
  return simulation;
}

describe('merging into objects of others', () => {
  it('adds the keys of the binding, follows the store, and leaves the keys of others', async () => {
    const simulation = await merged();
    expect(simulation.data).to.deep.equal(MERGED);
    expect(simulation.configMap('shared')?.metadata).to.not.have.property('ownerReferences');
    expect(simulation.binding()?.status?.targets?.map(({ keys }) => keys)).to.deep.equal([1, 1]);
    simulation.azure.delete(ENDPOINT, 'color');
    simulation.azure.set(ENDPOINT, { key: 'size', value: 'xl' });
    await simulation.until(() => simulation.configMap('shared')?.data?.['size'] === 'xl');
    expect(simulation.data[0]).to.deep.equal({ theirs: '1', size: 'xl' });
  });

  it('writes nothing while nothing changes, and reads no secret', async () => {
    const simulation = await merged();
    const { writes } = simulation.client ?? {};
    const reads = simulation.azure.calls.filter(({ kind }) => kind === 'secret').length;
    await simulation.clock.advance(100_000);
    expect(simulation.client?.writes).to.equal(writes);
    expect(simulation.azure.calls.filter(({ kind }) => kind === 'secret').length).to.equal(reads);
  });

  it('waits for an object that does not exist, and for its permission', async () => {
    const simulation = new Shared();
    await simulation.apply(SPEC);
    simulation.start();
    await simulation.untilReason('MergeTargetMissing');
    await simulation.share({});
    await simulation.untilReason('MergeNotPermitted');
    expect(simulation.data).to.deep.equal(THEIRS);
    expect(simulation.condition('Ready')?.message).to.include('merge.appconfig.dev/orders: "true"');
    for (const type of [CONFIG_MAPS, SECRETS])
      await simulation.cluster.admin.mergePatch(
        { type, namespace: NAMESPACE, name: 'shared' },
        { metadata: { labels: PERMITTED } },
      );
    await simulation.untilReady();
    expect(simulation.data).to.deep.equal(MERGED);
  });

  it('puts back keys that were removed, and fights over none that someone else changed', async () => {
    const simulation = await merged();
    await simulation.edit({ data: { color: null } });
    await simulation.pass();
    expect(simulation.data[0]).to.deep.equal(MERGED[0]);
    await simulation.edit({ data: { color: 'pink' } });
    await simulation.untilReason('MergeConflict');
    expect(simulation.condition('Ready')?.message).to.include('key "color"');
    expect(simulation.data[0]).to.include({ color: 'pink' });
  });

  it('takes its keys out of an object that the spec names no longer, if it still may', async () => {
    const simulation = await merged();
    await simulation.apply(baseSpec);
    await simulation.untilReady();
    expect(simulation.data).to.deep.equal(THEIRS);
    const kept = Object.keys(simulation.configMap('shared')?.metadata.annotations ?? {});
    expect(kept).to.deep.equal([]);
  });

  it('leaves its keys where the permission was taken back', async () => {
    const simulation = await merged();
    await simulation.edit({ metadata: { labels: { 'merge.appconfig.dev/orders': null } } });
    await simulation.untilReason('MergeNotPermitted');
    await simulation.apply(baseSpec);
    await simulation.untilReady();
    expect(simulation.data[0]).to.deep.equal(MERGED[0]);
  });

  it('leaves its keys when the binding goes, and the next binding of its name takes them over', async () => {
    const simulation = await merged();
    await simulation.deleteBinding();
    await simulation.pass();
    expect(simulation.data).to.deep.equal(MERGED);
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    await simulation.apply(SPEC);
    await simulation.untilReady();
    expect(simulation.data[0]).to.deep.equal({ theirs: '1', color: 'green' });
  });

  it('keeps several bindings in one object apart', async () => {
    const simulation = await merged();
    await simulation.edit({ metadata: { labels: { 'merge.appconfig.dev/second': 'true' } } });
    const target = { configMap: { name: 'shared' }, creationPolicy: 'Merge' } as const;
    const second = { ...baseSpec, selectors: [{ key: 'size', label: 'other' }], target };
    simulation.azure.set(ENDPOINT, { key: 'size', value: 'xl', label: 'other' });
    await simulation.apply(second, 'second');
    await simulation.untilReady('second');
    expect(simulation.data[0]).to.deep.equal({ ...MERGED[0], size: 'xl' });
    await simulation.apply({ ...second, target: { configMap: { name: 'own' } } }, 'second');
    await simulation.untilReady('second');
    expect(simulation.data[0]).to.deep.equal(MERGED[0]);
  });

  it('refuses the target of another binding, which would take the keys away again', async () => {
    const simulation = await merged();
    const plain = { ...baseSpec, selectors: [{ key: 'color' }] };
    await simulation.apply({ ...plain, target: { configMap: { name: 'own' } } }, 'second');
    await simulation.untilReady('second');
    await simulation.cluster.admin.mergePatch(
      { type: CONFIG_MAPS, namespace: NAMESPACE, name: 'own' },
      { metadata: { labels: PERMITTED } },
    );
    await simulation.apply({ ...plain, target: { configMap: { name: 'own' }, creationPolicy: 'Merge' } });
    await simulation.untilReason('TargetNotOwned');
    expect(simulation.condition('Ready')?.message).to.include('AppConfigBinding second');
  });

  it('restarts workloads for its own keys only', async () => {
    const simulation = await merged();
    await simulation.addDeployment('web', {
      containers: [{ name: 'app', image: 'app', envFrom: [{ configMapRef: { name: 'shared' } }] }],
    });
    await simulation.clock.advance(700_000);
    const marker = () =>
      simulation.deployment('web')?.spec?.template?.metadata?.annotations?.['rollout.appconfig.dev/orders'];
    const first = marker();
    await simulation.edit({ data: { theirs: '2' } });
    await simulation.clock.advance(700_000);
    expect(marker()).to.equal(first);
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    await simulation.until(() => marker() !== first);
  });
});
