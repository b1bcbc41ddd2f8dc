import { expect } from 'chai';
import type { KubernetesError } from '../../../src/ports/kubernetes.ts';
import { SharedHashKey } from '../../../src/reconcile/shared-hash-key.ts';
import { type Interceptor, MemoryCluster } from '../../support/memory-cluster/index.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const options = { namespace: 'default', name: 'key', signal: new AbortController().signal };
const busy: KubernetesError = {
  kind: 'status',
  code: 429,
  reason: 'TooManyRequests',
  causes: [],
  retryAfterMs: 5_000,
};

function setUp(intercept: Interceptor = () => 'proceed') {
  const clock = new VirtualClock();
  const calls: string[] = [];
  const kube = new MemoryCluster(clock).client({
    intercept: (call) => {
      calls.push(call.verb);
      return intercept(call);
    },
  });
  return { clock, calls, key: new SharedHashKey(kube, clock) };
}

describe('the hash key', () => {
  it('is read, and made, once for all that ask at the same time', async () => {
    const { calls, clock, key } = setUp();
    const loading = Promise.all(Array.from({ length: 20 }, () => key.load(options)));
    await clock.advance(1_000);
    const loaded = await loading;
    expect(new Set(loaded.map((one) => one.ok && one.value.id)).size).to.equal(1);
    expect(calls).to.deep.equal(['get', 'create']);
  });

  it('is not asked for again, by anyone, before the pause that the API server asked for is over', async () => {
    let answers = 0;
    const { calls, clock, key } = setUp(() => (answers++ === 0 ? { kind: 'fail', error: busy } : 'proceed'));
    const load = async () => {
      const loading = key.load(options);
      await clock.advance(1_000);
      return loading;
    };
    const first = await load();
    expect(!first.ok && first.failure).to.include({ kind: 'throttled', retryAfterMs: 5_000 });
    const second = await load();
    const pause = !second.ok && second.failure.kind === 'throttled' ? second.failure.retryAfterMs : 0;
    expect(pause).to.be.within(1, 5_000);
    expect(calls).to.deep.equal(['get']);
    await clock.advance(pause);
    expect((await load()).ok).to.equal(true);
  });
});
