import { expect } from 'chai';
import fc from 'fast-check';
import { type Party, RolloutDesk } from '../../../src/reconcile/rollout-desk.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const party = (name: string, namespace = 'shop'): Party => ({ key: `${namespace}/${name}`, namespace });
const [A, B, C] = [party('a'), party('b'), party('c')];
const marker = { keyId: 'k', contentHash: 'c' };

function setup(limits: { perNamespace?: number; perCluster?: number } = {}) {
  const clock = new VirtualClock();
  const woken: string[] = [];
  const desk = new RolloutDesk({
    clock,
    perNamespace: 0,
    perCluster: 0,
    ...limits,
    wake: (key) => void woken.push(key),
  });
  return { clock, desk, woken };
}

describe('The desk of rollouts', () => {
  it('counts a workload once, however many bindings restarted it, and not the one that is asked for', () => {
    const { desk } = setup();
    desk.heard(A, ['Deployment/web', 'Deployment/api']);
    desk.heard(B, ['Deployment/web']);
    desk.started(B, 'Deployment/job');
    desk.heard(party('x', 'other'), ['Deployment/web']);
    expect(desk.underway(C, 'Deployment/api')).to.deep.equal({ namespace: 2, cluster: 3 });
    expect([A, B].map((one) => desk.isUnderway(one, 'Deployment/api'))).to.deep.equal([true, false]);
  });

  it('calls who waits when a place is free, the longest first, and one at a time', () => {
    const { desk, woken } = setup({ perCluster: 1 });
    desk.heard(A, ['Deployment/a']);
    desk.looked(B, true);
    desk.looked(C, true);
    expect(woken).to.deep.equal([]);
    desk.followed(A, []);
    expect(woken).to.deep.equal(['shop/b']);
    expect(desk.takeNews('shop/b')).to.equal(true);
    expect(desk.takeNews('shop/b')).to.equal(false);
    // Someone who comes in between finds the place taken.
    expect(desk.underway(C, 'Deployment/c').cluster).to.equal(1);
    desk.started(B, 'Deployment/b');
    desk.looked(B, false);
    expect(woken).to.deep.equal(['shop/b']);
    desk.followed(B, []);
    expect(woken).to.deep.equal(['shop/b', 'shop/c']);
  });

  it('calls the next when who was called takes no place', () => {
    const { desk, woken } = setup({ perNamespace: 1 });
    desk.heard(A, ['Deployment/a']);
    desk.looked(B, true);
    desk.looked(C, true);
    desk.followed(A, []);
    desk.heard(B, []);
    desk.looked(B, false);
    expect(woken).to.deep.equal(['shop/b', 'shop/c']);
  });

  it('calls nobody of a namespace that is full, but others', () => {
    const { desk, woken } = setup({ perNamespace: 1, perCluster: 3 });
    const elsewhere = party('x', 'other');
    desk.heard(A, ['Deployment/a']);
    desk.heard(elsewhere, ['Deployment/x']);
    desk.looked(B, true);
    desk.looked(party('y', 'other'), true);
    desk.followed(elsewhere, []);
    expect(woken).to.deep.equal(['other/y']);
  });

  it('forgets a binding that is gone, and its place with it', () => {
    const { desk, woken } = setup({ perCluster: 1 });
    desk.heard(A, ['Deployment/a']);
    desk.looked(B, true);
    desk.forget(A);
    expect(woken).to.deep.equal(['shop/b']);
  });

  it('keeps no place for ever for a binding of which nothing is heard', async () => {
    const { desk, clock } = setup({ perCluster: 1 });
    desk.heard(A, ['Deployment/a']);
    await clock.advance(600_000);
    expect(desk.underway(B, 'Deployment/b').cluster).to.equal(0);
  });

  it('keeps a place no longer, and gives none away twice, when the clock was set back', async () => {
    const { desk, clock } = setup({ perCluster: 1 });
    desk.heard(A, ['Deployment/a']);
    clock.setBack(3_600_000);
    expect(desk.underway(B, 'Deployment/b').cluster).to.equal(1);
    await clock.advance(600_000);
    expect(desk.underway(B, 'Deployment/b').cluster).to.equal(0);
  });

  it('calls the next when who was called does not come, though the clock was set back', async () => {
    const { desk, clock, woken } = setup({ perCluster: 1 });
    desk.heard(A, ['Deployment/a']);
    desk.looked(B, true);
    desk.looked(C, true);
    desk.followed(A, []);
    clock.setBack(3_600_000);
    desk.followed(A, []);
    expect(woken).to.deep.equal(['shop/b']);
    await clock.advance(60_000);
    desk.followed(A, []);
    expect(woken).to.deep.equal(['shop/b', 'shop/c']);
  });

  it('hands the wishes of others to who restarts a workload, and calls them to see', () => {
    const { desk, woken } = setup();
    desk.wish(A, 'Deployment/web', { binding: 'a', marker });
    desk.wish(B, 'Deployment/web', { binding: 'b', marker });
    desk.wish(B, 'Deployment/api', { binding: 'b', marker });
    expect(desk.othersWishes(A, 'Deployment/web').map(({ binding }) => binding)).to.deep.equal(['b']);
    desk.granted(A, 'Deployment/web');
    expect(woken).to.deep.equal(['shop/b']);
    expect(desk.othersWishes(A, 'Deployment/web')).to.deep.equal([]);
    expect(desk.othersWishes(A, 'Deployment/api')).to.have.length(1);
  });

  it('knows since when a restart is wished, and withdraws what is wished no more', async () => {
    const { desk, clock } = setup();
    const since = desk.wish(A, 'Deployment/web', { binding: 'a', marker });
    await clock.advance(3_000);
    expect(desk.wish(B, 'Deployment/web', { binding: 'b', marker })).to.equal(since);
    desk.keepWishes(B, new Set());
    expect(desk.othersWishes(A, 'Deployment/web')).to.deep.equal([]);
    desk.keepWishes(A, new Set());
    expect(desk.wish(B, 'Deployment/web', { binding: 'b', marker })).to.equal(since + 3_000);
  });

  it('counts from now since when a restart is wished when the clock was set back', () => {
    const { desk, clock } = setup();
    desk.wish(A, 'Deployment/web', { binding: 'a', marker });
    clock.setBack(3_600_000);
    expect(desk.wish(B, 'Deployment/web', { binding: 'b', marker })).to.equal(clock.now());
  });

  it('gives every binding its turn within the limit, whatever the order, and never calls for ever', () => {
    const names = fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(
        names,
        fc.integer({ min: 1, max: 3 }),
        fc.infiniteStream(fc.nat()),
        (all, limit, chance) => {
          const { desk, woken } = setup({ perCluster: limit });
          const queue = all.map((n) => `shop/b${n}`);
          const done = new Set<string>();
          const moving = new Set<string>();
          let calls = 0;
          const look = (key: string): void => {
            const one: Party = { key, namespace: 'shop' };
            const workload = `Deployment/${key}`;
            if (!done.has(key)) desk.heard(one, moving.has(key) ? [workload] : []);
            const starts = !done.has(key) && !moving.has(key) && desk.underway(one, workload).cluster < limit;
            if (starts) {
              moving.add(key);
              desk.started(one, workload);
            }
            expect(moving.size).to.be.at.most(limit);
            desk.looked(one, !done.has(key) && !moving.has(key));
          };
          for (const key of queue) look(key);
          while (done.size < all.length) {
            calls += 1;
            expect(calls, 'calls').to.be.lessThan(all.length * 10);
            const key = woken.shift();
            if (key !== undefined) look(key);
            else {
              const busy = [...moving];
              const finished = busy[(chance.next().value as number) % busy.length];
              expect(finished, 'someone moves').to.not.equal(undefined);
              moving.delete(finished ?? '');
              done.add(finished ?? '');
              desk.followed({ key: finished ?? '', namespace: 'shop' }, []);
            }
          }
        },
      ),
    );
  });
});
