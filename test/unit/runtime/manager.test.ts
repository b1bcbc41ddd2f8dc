import { expect } from 'chai';
import type { KubernetesObject } from '../../../src/ports/kubernetes.ts';
import { type Action, done } from '../../../src/runtime/action.ts';
import { Informer } from '../../../src/runtime/informer.ts';
import type { LeadershipCallbacks } from '../../../src/runtime/leader-election.ts';
import { Manager } from '../../../src/runtime/manager.ts';
import { objectKey } from '../../../src/runtime/object-store.ts';
import { WorkQueue } from '../../../src/runtime/workqueue.ts';
import {
  CONFIG_MAPS,
  MemoryCluster,
  RecordingLogger,
  RecordingMetrics,
  SeededRandom,
} from '../../support/memory-cluster/index.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

/** An election that a test decides. */
class Poll {
  callbacks: LeadershipCallbacks | undefined;
  readonly log: string[];

  constructor(log: string[]) {
    this.log = log;
  }

  start(callbacks: LeadershipCallbacks): void {
    this.log.push('candidate');
    this.callbacks = callbacks;
  }

  async stop(): Promise<void> {
    this.log.push('released');
  }
}

const idle = {
  start: () => undefined,
  stop: () => Promise.resolve(),
  hasSynced: () => true,
  whenSynced: () => Promise.resolve(true),
  unsynced: (): readonly string[] => [],
  lastProgress: () => 0,
};

const noQueue = {
  resume: () => undefined,
  pause: () => Promise.resolve(),
  stop: () => Promise.resolve(true),
};

describe('the manager', () => {
  function setup(options: { readonly alone?: boolean; readonly takesMs?: number } = {}) {
    const clock = new VirtualClock();
    const cluster = new MemoryCluster(clock);
    const log: string[] = [];
    const poll = new Poll(log);
    const doubles = {
      clock,
      random: new SeededRandom(),
      metrics: new RecordingMetrics(),
      logger: new RecordingLogger(),
    };
    let listing: (() => void) | undefined;
    const intercept = () =>
      new Promise<'proceed'>((resolve) => {
        listing = () => resolve('proceed');
      });
    const api = cluster.client({ intercept });
    const informer = new Informer<KubernetesObject>({ ...doubles, api, type: CONFIG_MAPS });
    const reconcile = async (key: string, signal: AbortSignal): Promise<Action> => {
      log.push(`start ${key}`);
      await clock.sleep(options.takesMs ?? 0, signal);
      log.push(signal.aborted ? `aborted ${key}` : `end ${key}`);
      return done;
    };
    const queue = new WorkQueue({ ...doubles, reconcile, concurrency: 1 });
    informer.addHandler({ added: (object) => queue.add(objectKey(object)) });
    const manager = new Manager({
      ...doubles,
      informers: [informer],
      queue,
      ...(options.alone ? {} : { election: poll }),
      onLeading: () => log.push('leading'),
    });
    cluster.seed(CONFIG_MAPS, { metadata: { namespace: 'default', name: 'a' } });
    manager.start();
    return { clock, cluster, listing: () => listing?.(), log, manager, poll };
  }

  it('works only after the first list and when it leads', async () => {
    const { clock, listing, log, manager, poll } = setup();
    await clock.advance(5_000);
    expect(log).to.deep.equal([]);
    expect(manager.ready()).to.deep.equal({ ok: false, reason: 'caches not synced: configmaps' });
    listing();
    await clock.advance(5_000);
    expect(log).to.deep.equal(['candidate']);
    poll.callbacks?.onLeading();
    await clock.advance(5_000);
    expect(log).to.deep.equal(['candidate', 'leading', 'start default/a', 'end default/a']);
  });

  it('names the first few of what it waits for', () => {
    const clock = new VirtualClock();
    const unsynced = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((namespace) => `configmaps in ${namespace}`);
    const informer = { ...idle, hasSynced: () => false, unsynced: () => unsynced };
    const manager = new Manager({
      clock,
      informers: [informer],
      queue: noQueue,
      logger: new RecordingLogger(),
    });
    expect(manager.ready()).to.deep.equal({
      ok: false,
      reason:
        'caches not synced: configmaps in a, configmaps in b, configmaps in c, configmaps in d, configmaps in e and 2 more',
    });
  });

  it('is ready as a follower too, and not while it shuts down', async () => {
    const { clock, listing, manager } = setup();
    await clock.settle();
    listing();
    await clock.settle();
    expect(manager.ready()).to.deep.equal({ ok: true });
    const stopping = manager.stop(1_000);
    expect(manager.ready()).to.include({ ok: false });
    listing();
    await stopping;
  });

  it('always leads when it is alone', async () => {
    const { clock, listing, log } = setup({ alone: true });
    await clock.settle();
    listing();
    await clock.advance(1);
    expect(log).to.deep.equal(['leading', 'start default/a', 'end default/a']);
  });

  it('aborts work with the lease, and does it again with the next', async () => {
    const { clock, listing, log, poll } = setup({ takesMs: 1_000 });
    await clock.settle();
    listing();
    await clock.settle();
    poll.callbacks?.onLeading();
    await clock.advance(10);
    poll.callbacks?.onLost();
    await clock.advance(60_000);
    expect(log.slice(1)).to.deep.equal(['leading', 'start default/a', 'aborted default/a']);
    poll.callbacks?.onLeading();
    await clock.advance(60_000);
    expect(log.slice(4)).to.deep.equal(['leading', 'start default/a', 'end default/a']);
  });

  it('does not work when the lease is lost as soon as it was won', async () => {
    const { clock, listing, log, poll } = setup();
    await clock.settle();
    listing();
    await clock.settle();
    poll.callbacks?.onLeading();
    poll.callbacks?.onLost();
    await clock.advance(60_000);
    expect(log).to.deep.equal(['candidate']);
  });

  it('frees the lease only after the work is done', async () => {
    const { clock, listing, log, manager, poll } = setup({ takesMs: 1_000 });
    await clock.settle();
    listing();
    await clock.settle();
    poll.callbacks?.onLeading();
    await clock.advance(10);
    const stopped = manager.stop(5_000);
    listing();
    await clock.advance(5_000);
    expect(await stopped).to.equal(true);
    expect(log.slice(3)).to.deep.equal(['end default/a', 'released']);
  });

  it('stops before the first list came', async () => {
    const { clock, listing, log, manager } = setup();
    await clock.settle();
    const stopped = manager.stop(5_000);
    listing();
    await clock.settle();
    expect(await stopped).to.equal(true);
    expect(log).to.deep.equal(['released']);
  });

  it('is alive while informers make progress, and not when one hangs', () => {
    const clock = new VirtualClock();
    let progress = clock.now();
    const informer = { ...idle, lastProgress: () => progress };
    const manager = new Manager({
      clock,
      informers: [informer],
      queue: noQueue,
      logger: new RecordingLogger(),
    });
    clock.jump(599_000);
    expect(manager.live()).to.deep.equal({ ok: true });
    clock.jump(1_000);
    expect(manager.live()).to.deep.equal({ ok: false, reason: 'an informer is stalled' });
    progress = clock.now();
    expect(manager.live()).to.deep.equal({ ok: true });
  });
});
