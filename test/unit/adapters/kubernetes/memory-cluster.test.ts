import { expect } from 'chai';
import { UNSEEN } from '../../../../src/api/status.ts';
import type { KubernetesObject, WatchEvent } from '../../../../src/ports/kubernetes.ts';
import {
  answerLost,
  answers,
  BINDINGS,
  CONFIG_MAPS,
  crashAtWrite,
  DEPLOYMENTS,
  failWith,
  type Interceptor,
  MemoryCluster,
  NAMESPACES,
  SECRETS,
} from '../../../support/memory-cluster/index.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

const object = (name: string, extra: object = {}): KubernetesObject => ({
  metadata: { namespace: 'shop', name, ...extra },
});

/** Whether a promise settles without time passing. */
async function settles(clock: VirtualClock, promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(() => {
    settled = true;
  });
  await clock.settle();
  return settled;
}

describe('the memory cluster', () => {
  function setup(intercept: Interceptor = () => 'proceed') {
    const clock = new VirtualClock();
    const cluster = new MemoryCluster(clock, ['shop']);
    const client = cluster.client({ intercept });
    const ref = (name: string) => ({ type: CONFIG_MAPS, namespace: 'shop', name });
    return { client, clock, cluster, ref };
  }

  it('bumps the generation of a binding for its spec only, and on delete with a finalizer', async () => {
    const { client, cluster } = setup();
    const ref = { type: BINDINGS, namespace: 'shop', name: 'b' };
    await client.create(BINDINGS, {
      ...object('b', { finalizers: ['x/y'] }),
      spec: { a: 1 },
    } as KubernetesObject);
    const generation = () => cluster.read(ref)?.metadata.generation;
    await client.mergePatch(ref, { status: { a: 1 } }, { subresource: 'status' });
    await client.mergePatch(ref, { metadata: { labels: { a: 'b' } }, status: { ignored: true } });
    expect([generation(), cluster.read(ref)])
      .to.have.nested.property('[1].status')
      .that.deep.equals({ ...UNSEEN, a: 1 });
    expect(generation()).to.equal(1);
    await client.mergePatch(ref, { spec: { a: 2 } });
    expect(generation()).to.equal(2);
    await client.delete(ref);
    expect(generation()).to.equal(3);
  });

  it('gives the same UIDs and versions in every run', async () => {
    const run = async () => {
      const { client, cluster, ref } = setup();
      await client.create(CONFIG_MAPS, object('a'));
      return cluster.read(ref('a'));
    };
    expect(await run()).to.deep.equal(await run());
  });

  it('logs every write with its outcome and whether it changed anything', async () => {
    const { client, cluster, ref } = setup();
    await client.create(CONFIG_MAPS, object('a'));
    await client.create(CONFIG_MAPS, object('a'));
    await client.mergePatch(ref('a'), { data: { k: 'v' } });
    await client.mergePatch(ref('a'), { data: { k: 'v' } });
    await cluster.admin.delete(ref('a'));
    const lines = cluster.log.map(({ changed, code, manager, verb }) => [manager, verb, code, changed]);
    expect(lines).to.deep.equal([
      ['appconfig-operator', 'create', 201, true],
      ['appconfig-operator', 'create', 409, false],
      ['appconfig-operator', 'patch', 200, true],
      ['appconfig-operator', 'patch', 200, false],
      ['kubectl', 'delete', 200, true],
    ]);
    expect(cluster.changes()).to.have.length(2);
  });

  it('fails a call as the interceptor says, done or not done', async () => {
    const verdicts = [failWith({ kind: 'timeout' }), answerLost({ kind: 'timeout' })];
    const { client, cluster, ref } = setup(() => verdicts.shift() ?? 'proceed');
    expect(await client.create(CONFIG_MAPS, object('a'))).to.deep.equal({
      ok: false,
      error: { kind: 'timeout' },
    });
    expect(cluster.read(ref('a'))).to.equal(undefined);
    expect(await client.create(CONFIG_MAPS, object('a'))).to.deep.equal({
      ok: false,
      error: { kind: 'timeout' },
    });
    expect(cluster.read(ref('a'))).to.not.equal(undefined);
  });

  for (const [when, written] of [
    ['before', false],
    ['after', true],
  ] as const) {
    it(`lets a process die ${when} a write: nothing of it goes on`, async () => {
      const { client, clock, cluster, ref } = setup(crashAtWrite(1, when));
      const events: WatchEvent<KubernetesObject>[] = [];
      const watching = (async () => {
        const options = { resourceVersion: '1', timeoutSeconds: 60 };
        for await (const event of client.watch(CONFIG_MAPS, options)) events.push(event);
      })();
      await client.create(CONFIG_MAPS, object('first'));
      const fatal = client.create(CONFIG_MAPS, object('fatal'));
      expect(await settles(clock, fatal)).to.equal(false);
      expect(client.crashed).to.equal(true);
      expect(cluster.read(ref('fatal')) !== undefined).to.equal(written);
      const seen = events.length;
      const later = client.create(CONFIG_MAPS, object('later'));
      expect(await settles(clock, Promise.race([later, watching]))).to.equal(false);
      expect(cluster.read(ref('later'))).to.equal(undefined);
      expect(events).to.have.length(seen);
      expect((await cluster.client().create(CONFIG_MAPS, object('next'))).ok).to.equal(true);
    });
  }

  it('answers 410 to watches and lists from before a compaction', async () => {
    const { client, cluster } = setup();
    for (const name of ['a', 'b']) await client.create(CONFIG_MAPS, object(name));
    const page = await client.list(CONFIG_MAPS, { limit: 1 });
    if (!page.ok || page.value.continueToken === undefined) throw new Error('There is a second page.');
    await client.create(CONFIG_MAPS, object('c'));
    cluster.compact();
    const { continueToken, resourceVersion } = page.value;
    expect(await client.list(CONFIG_MAPS, { limit: 1, continueToken })).to.deep.equal({
      ok: false,
      error: answers.expired(),
    });
    const events: WatchEvent<KubernetesObject>[] = [];
    for await (const event of client.watch(CONFIG_MAPS, { resourceVersion, timeoutSeconds: 60 }))
      events.push(event);
    expect(events).to.deep.equal([{ type: 'error', error: answers.expired() }]);
  });

  it('sends bookmarks every minute to a quiet watch', async () => {
    const { client, clock, cluster } = setup();
    const events: WatchEvent<KubernetesObject>[] = [];
    void (async () => {
      const options = { resourceVersion: '1', timeoutSeconds: 150, labelSelector: 'none' };
      for await (const event of client.watch(CONFIG_MAPS, options)) events.push(event);
    })();
    await clock.advance(200_000);
    const resourceVersion = String(cluster.database.history.current);
    expect(events).to.deep.equal([
      { type: 'bookmark', resourceVersion },
      { type: 'bookmark', resourceVersion },
    ]);
    expect(clock.pending).to.equal(0);
  });

  it('collects what all owners of are gone, over several levels', async () => {
    const { client, cluster, ref } = setup();
    const chain = ['a', 'b', 'c'];
    let uid = '';
    for (const name of chain) {
      const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid };
      await client.create(CONFIG_MAPS, object(name, uid === '' ? {} : { ownerReferences: [owner] }));
      uid = cluster.read(ref(name))?.metadata.uid ?? '';
    }
    await client.delete(ref('a'));
    expect(chain.map((name) => cluster.read(ref(name)))).to.deep.equal([undefined, undefined, undefined]);
  });

  it('empties a namespace whose termination is finished', async () => {
    const { client, cluster, ref } = setup();
    await client.create(CONFIG_MAPS, object('a'));
    await client.delete({ type: NAMESPACES, name: 'shop' });
    expect(cluster.read(ref('a'))).to.not.equal(undefined);
    cluster.finishNamespace('shop');
    expect(cluster.read(ref('a'))).to.equal(undefined);
    expect(await client.create(CONFIG_MAPS, object('a'))).to.deep.include({ error: answers.notFound() });
  });

  it('attributes each field to who changed it last, and when', async () => {
    const { client, clock, cluster } = setup();
    const template = { metadata: { annotations: {} }, spec: { image: 'one' } };
    const workload = { ...object('d'), spec: { replicas: 1, template } } as KubernetesObject;
    await cluster.admin.create(DEPLOYMENTS, workload);
    await clock.advance(60_000);
    const ref = { type: DEPLOYMENTS, namespace: 'shop', name: 'd' };
    const annotations = { 'rollout.appconfig.dev/orders': 'x' };
    await client.mergePatch(ref, { spec: { template: { metadata: { annotations } } } });
    const entries = cluster.read(ref)?.metadata.managedFields ?? [];
    expect(entries.map(({ manager, time }) => [manager, time])).to.deep.equal([
      ['kubectl', '2026-01-01T00:00:00Z'],
      ['appconfig-operator', '2026-01-01T00:01:00Z'],
    ]);
    expect(JSON.stringify(entries[0]?.fieldsV1)).to.contain('f:image');
    expect(JSON.stringify(entries[1]?.fieldsV1)).to.contain('rollout').and.not.contain('f:image');
  });

  it('keeps its objects apart from those of callers', async () => {
    const { client, cluster } = setup();
    const data = { a: 'eA==' };
    await client.create(SECRETS, { ...object('s'), data } as KubernetesObject);
    data.a = 'changed';
    const ref = { type: SECRETS, namespace: 'shop', name: 's' };
    Object.assign(cluster.read(ref) ?? {}, { data: 'changed' });
    expect(cluster.read(ref)).to.deep.include({ data: { a: 'eA==' } });
  });

  it('refuses loudly what it does not do', async () => {
    const { client } = setup();
    const unknown = { ...CONFIG_MAPS, plural: 'pods', kind: 'Pod' };
    const failures = [
      client.create(unknown, object('p')),
      client.list(CONFIG_MAPS, { fieldSelector: 'a=b' }),
      client.list(CONFIG_MAPS, { labelSelector: 'a > b' }),
    ].map((call) => call.then(() => 'no error', String));
    expect(await Promise.all(failures)).to.deep.equal([
      'Error: The memory cluster does not know pods..',
      'Error: The memory cluster has no field selectors.',
      'Error: The memory cluster does not understand the label selector "a > b".',
    ]);
  });
});
