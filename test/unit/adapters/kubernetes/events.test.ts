import { expect } from 'chai';
import { createEventRecorder } from '../../../../src/adapters/kubernetes/events.ts';
import type { EventToRecord } from '../../../../src/ports/events.ts';
import type { KubernetesObject, ObjectWriter } from '../../../../src/ports/kubernetes.ts';
import {
  BINDINGS,
  EVENTS,
  failWith,
  type Interceptor,
  MemoryCluster,
  RecordingLogger,
  RecordingMetrics,
} from '../../../support/memory-cluster/index.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

interface StoredEvent extends KubernetesObject {
  readonly note: string;
  readonly reason: string;
  readonly eventTime: string;
  readonly regarding: { readonly uid: string };
  readonly series?: { readonly count: number; readonly lastObservedTime: string };
}

describe('the event recorder', () => {
  const event = (overrides: Partial<EventToRecord> = {}): EventToRecord => ({
    regarding: { type: BINDINGS, namespace: 'default', name: 'orders', uid: 'u1' },
    type: 'Warning',
    reason: 'StoreForbidden',
    action: 'Fetch',
    note: 'no access',
    ...overrides,
  });

  function setup(
    intercept: Interceptor = () => 'proceed',
    queueLimit = 10,
    beforeCreate: () => Promise<void> = () => Promise.resolve(),
  ) {
    const clock = new VirtualClock();
    const cluster = new MemoryCluster(clock);
    const [logger, metrics] = [new RecordingLogger(), new RecordingMetrics()];
    const reporter = { controller: 'appconfig.dev/operator', instance: 'pod-1' };
    const client = cluster.client({ intercept });
    const api: Pick<ObjectWriter, 'create' | 'mergePatch'> = {
      create: async (...call) => {
        await beforeCreate();
        return client.create(...call);
      },
      mergePatch: (...call) => client.mergePatch(...call),
    };
    const recorder = createEventRecorder({ api, clock, logger, metrics, reporter, queueLimit });
    const stored = () => cluster.database.list(EVENTS) as StoredEvent[];
    return { clock, cluster, logger, metrics, recorder, stored };
  }

  it('writes what happened, with six fraction digits and the object it is about', async () => {
    const { metrics, recorder, stored } = setup();
    recorder.record(event());
    await recorder.flush();
    expect(stored()).to.have.length(1);
    expect(stored()[0]).to.deep.include({
      type: 'Warning',
      reason: 'StoreForbidden',
      action: 'Fetch',
      note: 'no access',
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 'appconfig.dev/operator',
      reportingInstance: 'pod-1',
    });
    expect(stored()[0])
      .to.have.property('regarding')
      .that.deep.includes({ kind: 'AppConfigBinding', uid: 'u1' });
    expect(metrics.values.get('events_total{reason="StoreForbidden"}')).to.equal(1);
  });

  it('counts a repetition instead of writing it again', async () => {
    const { clock, recorder, stored } = setup();
    for (let i = 0; i < 3; i += 1) recorder.record(event());
    await recorder.flush();
    await clock.advance(599_000);
    recorder.record(event());
    await recorder.flush();
    expect(stored()).to.have.length(1);
    expect(stored()[0]?.series).to.deep.equal({ count: 4, lastObservedTime: '2026-01-01T00:09:59.000000Z' });
  });

  it('writes a new one for another note, another object or after ten minutes', async () => {
    const { clock, recorder, stored } = setup();
    recorder.record(event());
    recorder.record(event({ note: 'other' }));
    recorder.record(event({ regarding: { ...event().regarding, uid: 'u2' } }));
    await recorder.flush();
    await clock.advance(600_000);
    recorder.record(event());
    await recorder.flush();
    expect(stored()).to.have.length(4);
  });

  it('writes it anew when the server has forgotten the first', async () => {
    const { cluster, recorder, stored } = setup();
    recorder.record(event());
    await recorder.flush();
    const [first] = stored();
    await cluster.admin.delete({ type: EVENTS, namespace: 'default', name: first?.metadata.name ?? '' });
    recorder.record(event());
    await recorder.flush();
    expect(stored().map((one) => one.series)).to.deep.equal([undefined]);
  });

  it('cuts notes at 1,024 bytes, as the server counts, never inside a character', async () => {
    const { recorder, stored } = setup();
    for (const character of ['x', 'é', '€', '😀']) recorder.record(event({ note: character.repeat(1100) }));
    await recorder.flush();
    const expected = ['x'.repeat(1024), 'é'.repeat(512), '€'.repeat(341), '😀'.repeat(256)];
    expect(stored().map(({ note }) => note)).to.have.members(expected);
  });

  it('makes valid names from the longest object names', async () => {
    const { recorder, stored } = setup();
    const name = `${'a'.repeat(199)}-${'b'.repeat(40)}`;
    recorder.record(event({ regarding: { ...event().regarding, name } }));
    await recorder.flush();
    expect(stored()).to.have.length(1);
  });

  it('never throws: what cannot be written is logged and the next one is tried', async () => {
    let failures = 1;
    const { logger, recorder, stored } = setup(() => {
      failures -= 1;
      return failures < 0 ? 'proceed' : failWith({ kind: 'timeout' });
    });
    recorder.record(event());
    recorder.record(event({ note: 'second' }));
    await recorder.flush();
    expect(stored().map((one) => one.note)).to.deep.equal(['second']);
    expect(logger.lines.map((line) => line.message)).to.deep.equal(['An event could not be recorded.']);
  });

  it('drops the newest when too many wait', async () => {
    const { logger, recorder, stored } = setup(() => 'proceed', 2);
    for (const note of ['written at once', 'a', 'b', 'c']) recorder.record(event({ note }));
    await recorder.flush();
    expect(stored().map((one) => one.note)).to.have.members(['written at once', 'a', 'b']);
    expect(logger.lines).to.have.length(1);
  });

  const about = (uid: string, note: string) => event({ note, regarding: { ...event().regarding, uid } });
  const notes = (stored: readonly StoredEvent[], uid: string) =>
    stored.filter(({ regarding }) => regarding.uid === uid).map(({ note }) => note);

  it('has one write in flight, four at the end, and those of one object in order', async () => {
    let [now, most] = [0, 0];
    const { clock, recorder, stored } = setup(undefined, 100, async () => {
      now += 1;
      most = Math.max(most, now);
      await clock.sleep(100);
      now -= 1;
    });
    for (const note of ['first', 'second', 'third'])
      for (let i = 0; i < 10; i += 1) recorder.record(about(`u${i}`, note));
    await clock.advance(500);
    expect(most).to.equal(1);
    const flushed = recorder.flush();
    await clock.advance(5_000);
    await flushed;
    expect(most).to.equal(4);
    for (let i = 0; i < 10; i += 1)
      expect(notes(stored(), `u${i}`)).to.deep.equal(['first', 'second', 'third']);
  });

  it('writes a burst at once and the rest at twenty per second, so that reconciles come first', async () => {
    const { clock, recorder, stored } = setup(undefined, 1_000);
    for (let i = 0; i < 200; i += 1) recorder.record(about(`u${i}`, 'created'));
    await clock.advance(0);
    expect(stored()).to.have.length(50);
    await clock.advance(1_000);
    expect(stored()).to.have.length(70);
    await clock.advance(6_500);
    expect(stored()).to.have.length(200);
  });

  it('hurries at the end, and gives up what cannot be written in time', async () => {
    let hangs = false;
    const { clock, logger, recorder, stored } = setup(undefined, 1_000, () =>
      hangs ? clock.sleep(3_600_000) : Promise.resolve(),
    );
    for (let i = 0; i < 200; i += 1) recorder.record(about(`u${i}`, 'created'));
    await recorder.flush();
    expect(stored()).to.have.length(200);
    hangs = true;
    for (let i = 0; i < 10; i += 1) recorder.record(about(`v${i}`, 'created'));
    let ended = false;
    void recorder.flush(2_000).then(() => {
      ended = true;
    });
    await clock.advance(2_000);
    expect(ended).to.equal(true);
    expect(logger.lines.map(({ message }) => message)).to.deep.equal(['Events were given up at the end.']);
  });

  it('gives one object 25 events and then one every five minutes, and others theirs', async () => {
    const { clock, recorder, stored } = setup(undefined, 1_000);
    const noisy = async () => {
      for (let i = 0; i < 100; i += 1) recorder.record(about('noisy', `change ${clock.now()} ${i}`));
      await clock.advance(5_000);
    };
    await noisy();
    recorder.record(about('quiet', 'created'));
    await clock.advance(1_000);
    expect(notes(stored(), 'noisy')).to.have.length(25);
    expect(notes(stored(), 'quiet')).to.deep.equal(['created']);
    await clock.advance(600_000);
    await noisy();
    expect(notes(stored(), 'noisy')).to.have.length(27);
  });
});
