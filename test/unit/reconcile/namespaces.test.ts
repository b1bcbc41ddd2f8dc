import { expect } from 'chai';
import type { ObjectCache } from '../../../src/ports/cache.ts';
import type { KubernetesObject, ObjectReader } from '../../../src/ports/kubernetes.ts';
import { environmentOf, NAMESPACE_AGE_MS, Namespaces } from '../../../src/reconcile/namespaces.ts';
import { MemoryCluster, NAMESPACES } from '../../support/memory-cluster/index.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const named = (environment?: string): KubernetesObject => ({
  metadata: {
    name: 'shop',
    ...(environment === undefined ? {} : { labels: { 'appconfig.dev/environment': environment } }),
  },
});

function setup(watched?: ObjectCache<KubernetesObject>) {
  const clock = new VirtualClock();
  const cluster = new MemoryCluster(clock, ['shop']);
  let gets = 0;
  const kube = cluster.client({
    intercept: () => {
      gets += 1;
      return 'proceed';
    },
  });
  const label = (environment: string) =>
    cluster.admin.mergePatch({ type: NAMESPACES, name: 'shop' }, { metadata: named(environment).metadata });
  const namespaces = new Namespaces(kube, clock, watched);
  return { clock, namespaces, label, gets: () => gets };
}

describe('the environment of a namespace', () => {
  it('is its label; an empty one is none', () => {
    expect([named('prod'), named(''), named()].map(environmentOf)).to.deep.equal([
      'prod',
      undefined,
      undefined,
    ]);
  });

  it('is read once for all who ask within a minute, then again', async () => {
    const { clock, namespaces, label, gets } = setup();
    await label('prod');
    const answers = await Promise.all([namespaces.of('shop'), namespaces.of('shop')]);
    expect(answers).to.deep.equal(Array(2).fill({ ok: true, value: 'prod' }));
    await label('test');
    await clock.advance(NAMESPACE_AGE_MS - 1);
    expect(await namespaces.of('shop')).to.deep.equal({ ok: true, value: 'prod' });
    expect(gets()).to.equal(1);
    await clock.advance(1);
    expect(await namespaces.of('shop')).to.deep.equal({ ok: true, value: 'test' });
  });

  it('is taken from the watch without a request, where there is one', async () => {
    const { namespaces, gets } = setup({ get: () => named('prod'), list: () => [], byNamespace: () => [] });
    expect(await namespaces.of('shop')).to.deep.equal({ ok: true, value: 'prod' });
    expect(gets()).to.equal(0);
  });

  it('is asked for where the watch is behind: a namespace that is not seen yet is not one without a label', async () => {
    const { namespaces, label } = setup({ get: () => undefined, list: () => [], byNamespace: () => [] });
    await label('prod');
    expect(await namespaces.of('shop')).to.deep.equal({ ok: true, value: 'prod' });
  });

  it('is a failure for a namespace that cannot be read, and asked for again by the next', async () => {
    const { namespaces, gets } = setup();
    for (let turn = 1; turn <= 2; turn += 1) {
      const answer = await namespaces.of('nowhere');
      expect(answer.ok).to.equal(false);
      expect(gets()).to.equal(turn);
    }
  });

  it('is asked for again after an exception, which only reaches those who waited', async () => {
    let failing = true;
    const get: ObjectReader['get'] = async () => {
      if (failing) throw new Error('bug');
      return { ok: true, value: named('prod') as never };
    };
    const namespaces = new Namespaces({ get, list: () => Promise.reject() }, new VirtualClock());
    expect(await namespaces.of('shop').catch(String)).to.equal('Error: bug');
    failing = false;
    expect(await namespaces.of('shop')).to.deep.equal({ ok: true, value: 'prod' });
  });
});
