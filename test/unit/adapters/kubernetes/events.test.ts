import { expect } from 'chai';
import { createEventRecorder } from '../../../../src/adapters/kubernetes/events.ts';
import type { EventToRecord } from '../../../../src/ports/events.ts';
import type { KubernetesObject } from '../../../../src/ports/kubernetes.ts';
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

  function setup(intercept: Interceptor = () => 'proceed', queueLimit = 10) {
    const clock = new VirtualClock();
    const cluster = new MemoryCluster(clock);
    const [logger, metrics] = [new RecordingLogger(), new RecordingMetrics()];
    const reporter = { controller: 'appconfig.dev/operator', instance: 'pod-1' };
    const api = cluster.client({ intercept });
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

  it('cuts notes at 1,024 code points, never inside a character', async () => {
    const { recorder, stored } = setup();
    recorder.record(event({ note: '😀'.repeat(1100) }));
    await recorder.flush();
    expect(stored()[0]?.note).to.equal('😀'.repeat(1024));
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
    for (const note of ['a', 'b', 'c']) recorder.record(event({ note }));
    await recorder.flush();
    expect(stored().map((one) => one.note)).to.have.members(['a', 'b']);
    expect(logger.lines).to.have.length(1);
  });
});
