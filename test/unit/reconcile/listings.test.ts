import { expect } from 'chai';
import type { KubernetesObject } from '../../../src/ports/kubernetes.ts';
import { LISTING_AGE_MS, workloadListings } from '../../../src/reconcile/workload-lists.ts';
import {
  DEPLOYMENTS,
  failWith,
  type Interceptor,
  MemoryCluster,
} from '../../support/memory-cluster/index.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const NAMESPACE = 'shop';

function setup(intercept: Interceptor = () => 'proceed') {
  const clock = new VirtualClock();
  const cluster = new MemoryCluster(clock, [NAMESPACE]);
  let lists = 0;
  const kube = cluster.client({
    intercept: (call) => {
      if (call.verb === 'list' && call.resource === 'deployments') lists += 1;
      return intercept(call);
    },
  });
  const listings = workloadListings({ kube, clock });
  const add = (name: string) =>
    void cluster.seed(DEPLOYMENTS, {
      metadata: { namespace: NAMESPACE, name },
      spec: {},
    } as KubernetesObject);
  const { signal } = new AbortController();
  const names = async (fresh: boolean, by = signal): Promise<readonly string[]> => {
    const answer = await listings.of(NAMESPACE, { fresh, signal: by });
    return answer.ok ? answer.value.map(({ metadata }) => metadata.name) : [answer.failure.kind];
  };
  return { clock, listings, add, names, lists: () => lists };
}

describe('Listings of workloads', () => {
  it('are shared by all who ask while one goes on or is young', async () => {
    const { clock, add, names, lists } = setup();
    add('web');
    expect(await Promise.all([names(false), names(false)])).to.deep.equal([['web'], ['web']]);
    await clock.advance(LISTING_AGE_MS - 1);
    await names(false);
    expect(lists()).to.equal(1);
  });

  it('are made anew when the last one has grown old', async () => {
    const { clock, add, names } = setup();
    await names(false);
    add('web');
    await clock.advance(LISTING_AGE_MS);
    expect(await names(false)).to.deep.equal(['web']);
  });

  it('that must be fresh begin after they were asked for, and those who ask meanwhile share one', async () => {
    const { add, names, lists } = setup();
    const first = names(true);
    add('web');
    const later = await Promise.all([names(true), names(true), names(false)]);
    expect(later).to.deep.equal([['web'], ['web'], ['web']]);
    await first;
    expect(lists()).to.equal(2);
  });

  it('are not shared any more once a workload was written', async () => {
    const { listings, add, names } = setup();
    await names(false);
    add('web');
    listings.forget(NAMESPACE);
    expect(await names(false)).to.deep.equal(['web']);
  });

  it('that failed are tried again by the next who asks', async () => {
    let failures = 1;
    const { add, names } = setup(() => {
      failures -= 1;
      return failures < 0 ? 'proceed' : failWith({ kind: 'timeout' });
    });
    add('web');
    expect(await names(false)).to.deep.equal(['unavailable']);
    expect(await names(false)).to.deep.equal(['web']);
  });

  it('let a caller go at once when its signal aborts, and serve the others', async () => {
    const { add, names } = setup();
    add('web');
    const controller = new AbortController();
    const left = names(false, controller.signal);
    const stayed = names(false);
    controller.abort();
    expect(await left).to.deep.equal(['cancelled']);
    expect(await stayed).to.deep.equal(['web']);
  });
});
