import { expect } from 'chai';
import type { KubernetesObject } from '../../../src/ports/kubernetes.ts';
import type { Handler } from '../../../src/runtime/handlers.ts';
import { HeldBack } from '../../../src/runtime/held-back.ts';
import { Informer, type InformerOptions } from '../../../src/runtime/informer.ts';
import { InformerSet } from '../../../src/runtime/informer-set.ts';
import { objectKey } from '../../../src/runtime/object-store.ts';
import {
  answers,
  CONFIG_MAPS,
  failWith,
  type Interceptor,
  MemoryCluster,
  RecordingLogger,
  RecordingMetrics,
  SeededRandom,
  type Verdict,
} from '../../support/memory-cluster/index.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

describe('the informer', () => {
  function setup(
    intercept: Interceptor = () => 'proceed',
    overrides: Partial<InformerOptions<KubernetesObject>> = {},
  ) {
    const clock = new VirtualClock();
    const cluster = new MemoryCluster(clock, ['shop', 'bank']);
    const [logger, metrics] = [new RecordingLogger(), new RecordingMetrics()];
    const told: string[] = [];
    const make = (more: Partial<InformerOptions<KubernetesObject>> = {}) =>
      new Informer<KubernetesObject>({
        api: cluster.client({ intercept }),
        type: CONFIG_MAPS,
        clock,
        random: new SeededRandom(),
        logger,
        metrics,
        ...overrides,
        ...more,
      });
    const handler: Handler<KubernetesObject> = {
      added: (object) => void told.push(`added ${objectKey(object)}`),
      updated: (object, old) =>
        void told.push(`updated ${objectKey(object)} ${old.metadata.labels?.v}→${object.metadata.labels?.v}`),
      deleted: (object) => void told.push(`deleted ${objectKey(object)}`),
    };
    const informer = make();
    informer.addHandler(handler);
    const put = (name: string, v = '1', namespace = 'shop') => {
      const ref = { type: CONFIG_MAPS, namespace, name };
      const object = { metadata: { namespace, name, labels: { v } } };
      return cluster.read(ref) === undefined
        ? cluster.admin.create(CONFIG_MAPS, object)
        : cluster.admin.update(CONFIG_MAPS, object);
    };
    const remove = (name: string) => cluster.admin.delete({ type: CONFIG_MAPS, namespace: 'shop', name });
    const restarts = () =>
      [...metrics.values.keys()].filter((name) => name.startsWith('watch_restarts_total'));
    return { clock, cluster, handler, informer, logger, make, metrics, put, remove, restarts, told };
  }

  it('lists in pages, then follows changes', async () => {
    const { clock, informer, put, remove, told } = setup(undefined, { pageSize: 2 });
    for (const name of ['a', 'b', 'c', 'd', 'e']) await put(name);
    informer.start();
    await clock.runUntil(() => informer.hasSynced());
    expect(told).to.deep.equal(['a', 'b', 'c', 'd', 'e'].map((name) => `added shop/${name}`));
    told.length = 0;
    await put('a', '2');
    await put('f');
    await remove('b');
    await clock.settle();
    expect(told).to.deep.equal(['updated shop/a 1→2', 'added shop/f', 'deleted shop/b']);
    expect(informer.get('shop/a')?.metadata.labels).to.deep.equal({ v: '2' });
    expect(informer.list()).to.have.length(5);
    await informer.stop();
  });

  it('finds objects by key and by namespace', async () => {
    const { clock, informer, put } = setup();
    await put('a');
    await put('a', '1', 'bank');
    informer.start();
    await clock.runUntil(() => informer.hasSynced());
    expect(informer.byNamespace('bank').map(objectKey)).to.deep.equal(['bank/a']);
    expect(
      [informer.get('shop/a'), informer.get('shop/b'), informer.get('none/a')].map(Boolean),
    ).to.deep.equal([true, false, false]);
    await informer.stop();
  });

  it('keeps neither managedFields nor what the transform drops', async () => {
    const { clock, informer, put } = setup(undefined, {
      transform: ({ metadata: { labels: _, ...metadata }, ...rest }) => ({ ...rest, metadata }),
    });
    await put('a');
    informer.start();
    await clock.runUntil(() => informer.hasSynced());
    expect(informer.get('shop/a')?.metadata).to.not.have.any.keys('managedFields', 'labels');
    await informer.stop();
  });

  it('reads metadata only, of one namespace, by label, when told to', async () => {
    const { clock, informer, put } = setup(undefined, {
      metadataOnly: true,
      namespace: 'shop',
      labelSelector: 'v=1',
    });
    await put('a');
    await put('b', '2');
    await put('a', '1', 'bank');
    informer.start();
    await clock.runUntil(() => informer.hasSynced());
    await put('c');
    await clock.settle();
    expect(informer.list().map(objectKey)).to.deep.equal(['shop/a', 'shop/c']);
    expect(informer.get('shop/c')).to.include({ kind: 'PartialObjectMetadata' });
    await informer.stop();
  });

  it('tells handlers that come late what is known', async () => {
    const { clock, handler, make, put, told } = setup();
    await put('a');
    const informer = make();
    informer.start();
    await clock.runUntil(() => informer.hasSynced());
    told.length = 0;
    informer.addHandler(handler);
    expect(told).to.deep.equal(['added shop/a']);
    await informer.stop();
  });

  it('is broken by no handler, async ones included', async () => {
    const { clock, informer, logger, make, put, told } = setup();
    const broken = make();
    broken.addHandler({
      added: () => {
        throw new Error('sync');
      },
    });
    broken.addHandler({ added: async () => Promise.reject(new Error('async')) });
    await put('a');
    for (const one of [informer, broken]) one.start();
    await clock.runUntil(() => broken.hasSynced());
    await put('b');
    await clock.settle();
    expect(told).to.deep.equal(['added shop/a', 'added shop/b']);
    expect(broken.get('shop/b')).to.not.equal(undefined);
    expect(logger.lines.filter((line) => line.level === 'error')).to.have.length(4);
    await Promise.all([informer.stop(), broken.stop()]);
  });

  it('goes on after the server closed the watch, without a new list', async () => {
    let lists = 0;
    const { clock, cluster, informer, put, told } = setup(({ verb }) => {
      lists += verb === 'list' ? 1 : 0;
      return 'proceed';
    });
    informer.start();
    await clock.runUntil(() => informer.hasSynced());
    await clock.advance(3_600_000);
    cluster.closeWatches();
    await put('a');
    await clock.runUntil(() => told.length === 1, 5_000);
    expect(lists).to.equal(1);
    await informer.stop();
  });

  it('lists again after 410, and reports what was deleted meanwhile', async () => {
    const { clock, cluster, informer, put, remove, restarts, told } = setup();
    await put('a');
    await put('b');
    informer.start();
    await clock.runUntil(() => informer.hasSynced());
    told.length = 0;
    cluster.silenceWatches(true);
    await remove('a');
    await put('b', '2');
    await put('c');
    cluster.silenceWatches(false);
    cluster.compact();
    await clock.runUntil(() => informer.get('shop/c') !== undefined, 180_000);
    expect(told).to.deep.equal(['deleted shop/a', 'updated shop/b 1→2', 'added shop/c']);
    expect(restarts()).to.include('watch_restarts_total{resource="configmaps",cause="expired"}');
    await informer.stop();
  });

  it('reports an object deleted and created again unseen as both', async () => {
    const { clock, cluster, informer, put, remove, told } = setup();
    await put('a');
    informer.start();
    await clock.runUntil(() => informer.hasSynced());
    told.length = 0;
    cluster.silenceWatches(true);
    await remove('a');
    await put('a', '2');
    cluster.silenceWatches(false);
    cluster.compact();
    await clock.runUntil(() => told.length === 2, 180_000);
    expect(told).to.deep.equal(['deleted shop/a', 'added shop/a']);
    await informer.stop();
  });

  it('takes a silent watch for dead after its limit and sees the next change', async () => {
    const { clock, cluster, informer, put, restarts } = setup();
    informer.start();
    await clock.runUntil(() => informer.hasSynced());
    cluster.silenceWatches(true);
    await put('a');
    await clock.advance(1_000);
    cluster.silenceWatches(false);
    await clock.advance(100_000);
    expect(informer.get('shop/a')).to.equal(undefined);
    await clock.advance(30_000);
    expect(informer.get('shop/a')).to.not.equal(undefined);
    expect(restarts()).to.include('watch_restarts_total{resource="configmaps",cause="silent"}');
    await informer.stop();
  });

  it('keeps a quiet watch alive by bookmarks', async () => {
    const { clock, informer, restarts } = setup();
    informer.start();
    await clock.runUntil(() => informer.hasSynced());
    await clock.advance(200_000);
    expect(restarts()).to.deep.equal([]);
    expect(informer.lastActivity()).to.be.greaterThan(clock.now() - 61_000);
    await informer.stop();
  });

  it('comes back from any error, for ever, with pauses of at most a minute', async () => {
    let down = true;
    const attempts: number[] = [];
    const { clock, informer, put, told } = setup(({ verb }) => {
      if (verb !== 'list' && verb !== 'watch') return 'proceed';
      attempts.push(clock.now());
      return down ? failWith({ kind: 'transport', code: 'ECONNREFUSED' }) : 'proceed';
    });
    informer.start();
    await clock.advance(24 * 3_600_000);
    const pauses = attempts.map((at, i) => at - (attempts[i - 1] ?? at)).slice(1);
    expect(Math.max(...pauses)).to.be.at.most(60_000);
    expect(pauses.slice(-100).every((pause) => pause >= 30_000)).to.equal(true);
    expect(informer.lastProgress()).to.be.greaterThan(clock.now() - 61_000);
    down = false;
    await put('a');
    await clock.runUntil(() => told.length === 1, 61_000);
    await informer.stop();
  });

  it('waits at least as long as a server asks', async () => {
    const attempts: number[] = [];
    const { clock, informer } = setup(({ verb }) => {
      if (verb !== 'list') return 'proceed';
      attempts.push(clock.now());
      const throttled = { kind: 'status', code: 429, reason: '', causes: [], retryAfterMs: 20_000 } as const;
      return attempts.length === 1 ? failWith(throttled) : 'proceed';
    });
    informer.start();
    await clock.runUntil(() => informer.hasSynced());
    expect((attempts[1] ?? 0) - (attempts[0] ?? 0)).to.be.within(20_000, 25_000);
    await informer.stop();
  });

  it('does not ask without pause when every watch fails at once', async () => {
    let watches = 0;
    const { clock, informer } = setup(({ verb }) => {
      watches += verb === 'watch' ? 1 : 0;
      return verb === 'watch' ? failWith(answers.expired()) : 'proceed';
    });
    informer.start();
    await clock.advance(600_000);
    expect(watches).to.be.within(10, 40);
    await informer.stop();
  });

  it('is silent after stop, whatever it was doing', async () => {
    for (const moment of ['listing', 'watching', 'waiting'] as const) {
      let calls = 0;
      let release: () => void = () => undefined;
      const { clock, informer, put, told } = setup(({ verb }) => {
        if (verb !== 'list' && verb !== 'watch') return 'proceed';
        calls += 1;
        if (moment === 'waiting') return failWith({ kind: 'timeout' });
        if (moment === 'watching') return 'proceed';
        return new Promise((resolve) => {
          release = () => resolve('proceed');
        });
      });
      await put('a');
      informer.start();
      await clock.settle();
      const before = [told.length, calls];
      const stopped = informer.stop();
      release();
      await put('b');
      await clock.advance(3_600_000);
      await stopped;
      expect([told.length, calls], moment).to.deep.equal(before);
      expect(await informer.whenSynced()).to.equal(moment === 'watching');
    }
  });

  it('leaves no timer behind', async () => {
    const { clock, informer } = setup();
    informer.start();
    await clock.runUntil(() => informer.hasSynced());
    await clock.advance(100_000);
    await informer.stop();
    await clock.settle();
    expect(clock.pending).to.equal(0);
  });

  it('tells those who wait for the first list, or that it will not come', async () => {
    const { clock, informer } = setup();
    const waiting = informer.whenSynced();
    informer.start();
    await clock.settle();
    expect(await waiting).to.equal(true);
    await informer.stop();
    const never = setup(() => failWith({ kind: 'timeout' })).informer;
    const hopeless = never.whenSynced();
    await never.stop();
    expect(await hopeless).to.equal(false);
  });

  const list503 = failWith({ kind: 'status', code: 503, reason: 'ServiceUnavailable', causes: [] });
  const list403 = failWith(answers.forbidden());

  it('names its namespace when a list fails, and warns while it has never listed', async () => {
    let down = true;
    const intercept: Interceptor = ({ verb }) => (down && verb === 'list' ? list503 : 'proceed');
    const { clock, cluster, informer, logger, put } = setup(intercept, { namespace: 'shop' });
    informer.start();
    await clock.settle();
    expect(
      logger.lines.map(({ level, fields }) => [level, fields['namespace'], fields['cause']]),
    ).to.deep.equal([['warn', 'shop', 'list-failed']]);
    down = false;
    await clock.runUntil(() => informer.hasSynced());
    down = true;
    cluster.silenceWatches(true);
    await put('a');
    cluster.silenceWatches(false);
    cluster.compact();
    const last = logger.lines.length;
    await clock.runUntil(
      () => logger.lines.slice(last).some(({ fields }) => fields['cause'] === 'list-failed'),
      180_000,
    );
    expect(logger.lines.at(-1)).to.deep.include({ level: 'info' });
    expect(logger.lines.at(-1)?.fields).to.include({ namespace: 'shop', resource: 'configmaps' });
    await informer.stop();
  });

  it('tells that its first list is refused, and that it came after all', async () => {
    let refused = true;
    const { clock, informer, logger } = setup(
      ({ verb }) => (refused && verb === 'list' ? list403 : 'proceed'),
      { namespace: 'shop' },
    );
    const answered = informer.whenAnswered();
    expect(informer.sync()).to.equal('awaited');
    informer.start();
    await clock.settle();
    await answered;
    expect([informer.sync(), informer.hasSynced()]).to.deep.equal(['refused', false]);
    expect(informer.unsynced()).to.deep.equal(['configmaps in shop (refused)']);
    expect(logger.lines.at(-1)?.message).to.contain('refused');
    refused = false;
    await clock.runUntil(() => informer.hasSynced());
    expect(informer.unsynced()).to.deep.equal([]);
    expect(logger.lines.at(-1)).to.deep.include({ level: 'info' });
    expect(logger.lines.at(-1)?.fields).to.deep.equal({ resource: 'configmaps', namespace: 'shop' });
    await informer.stop();
  });

  it('stands for several namespaces as one', async () => {
    const { clock, handler, make, put, told } = setup();
    await put('a');
    await put('b', '1', 'bank');
    await put('c', '1', 'default');
    const set = new InformerSet(
      new Map(['shop', 'bank'].map((namespace) => [namespace, make({ namespace })])),
    );
    set.addHandler(handler);
    set.start();
    await clock.runUntil(() => set.hasSynced());
    expect(told).to.have.members(['added shop/a', 'added bank/b']);
    expect([set.get('shop/a'), set.get('bank/b'), set.get('default/c')].map(Boolean)).to.deep.equal([
      true,
      true,
      false,
    ]);
    expect(await set.whenSynced()).to.equal(true);
    await set.stop();
  });

  it('of several namespaces waits for those that fail, not for those that refuse, but for one at least', async () => {
    const answer = new Map<string, Verdict>([
      ['shop', list403],
      ['bank', list503],
    ]);
    const { clock, make } = setup(({ verb, namespace = '' }) =>
      verb === 'list' ? (answer.get(namespace) ?? 'proceed') : 'proceed',
    );
    const set = new InformerSet(
      new Map(['shop', 'bank'].map((namespace) => [namespace, make({ namespace })])),
    );
    set.start();
    const began = clock.now();
    const synced = set.whenSynced();
    await clock.advance(120_000);
    expect(set.sync()).to.equal('awaited');
    expect(set.unsynced()).to.deep.equal(['configmaps in shop (refused)', 'configmaps in bank']);
    answer.set('bank', list403);
    await clock.advance(120_000);
    expect(set.sync()).to.equal('refused');
    expect(set.lastActivity()).to.equal(began);
    answer.delete('bank');
    await clock.advance(120_000);
    expect(await synced).to.equal(true);
    // The namespace that refuses has no copy that could be old.
    expect(set.lastActivity()).to.be.greaterThan(clock.now() - 61_000);
    expect(set.lastProgress()).to.be.greaterThan(clock.now() - 61_000);
    await set.stop();
  });

  it('shows nothing before its companions have synced, then all there is', async () => {
    let refused = true;
    const intercept: Interceptor = ({ verb, namespace }) =>
      refused && verb === 'list' && namespace === 'bank' ? list403 : 'proceed';
    const { clock, handler, make, put, remove, told } = setup(intercept);
    const companion = make({ namespace: 'bank' });
    const held = new HeldBack(make({ namespace: 'shop' }), [companion]);
    held.addHandler(handler);
    await put('a');
    await put('b');
    for (const one of [companion, held]) one.start();
    await clock.advance(5_000);
    await remove('a');
    await clock.advance(5_000);
    expect([told, held.list(), held.byNamespace('shop'), held.get('shop/b')]).to.deep.equal([
      [],
      [],
      [],
      undefined,
    ]);
    expect(held.sync()).to.equal('refused');
    refused = false;
    await clock.runUntil(() => held.hasSynced());
    expect(await held.whenSynced()).to.equal(true);
    await put('c');
    await clock.settle();
    expect(told).to.deep.equal(['added shop/b', 'added shop/c']);
    expect([held.list().length, held.byNamespace('shop').length]).to.deep.equal([2, 2]);
    await Promise.all([held.stop(), companion.stop()]);
  });
});
