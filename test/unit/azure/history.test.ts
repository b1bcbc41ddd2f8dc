import { expect } from 'chai';
import fc from 'fast-check';
import type { Position, Setting } from '../../../dev/azure/appconfig/setting.ts';
import { MAX_STALE, Store } from '../../../dev/azure/appconfig/store.ts';
import { Clock } from '../../../dev/azure/clock.ts';

const START = Date.parse('2026-01-01T00:00:00Z');

const step = fc.record({
  position: fc.record({ key: fc.constantFrom('a', 'b', 'c'), label: fc.constantFrom(null, 'dev') }),
  /** Null deletes. */
  value: fc.option(fc.constantFrom('1', '2')),
  pauseMs: fc.integer({ min: 1, max: 1_000 }),
});

/** Runs the steps; what the store held after each, with the time at which it came to hold it. */
function run(steps: readonly { position: Position; value: string | null; pauseMs: number }[]) {
  const clock = new Clock();
  clock.freeze(START);
  const store = new Store('contoso', 'tenant', clock);
  const states: { time: number; settings: readonly Setting[] }[] = [];
  for (const { position, value, pauseMs } of steps) {
    clock.advance(pauseMs);
    if (value === null) store.delete(position);
    else store.put(position, { value });
    states.push({ time: clock.now(), settings: store.latest().settings });
  }
  return { store, clock, states };
}

describe('the history of a store', () => {
  it('shows at any time what the store held then', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { store, states } = run(steps);
        expect(store.history.at(START)).to.deep.equal([]);
        for (const { time, settings } of states) expect(store.history.at(time)).to.deep.equal(settings);
      }),
    );
  });

  it('lists each revision once, grouped by position, newest first', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { store, clock, states } = run(steps);
        const revisions = store.history.revisions(clock.now());
        const held = new Set(states.flatMap(({ settings }) => settings.map(({ etag }) => etag)));
        expect(new Set(revisions.map(({ etag }) => etag))).to.deep.equal(held);
        expect(revisions).to.have.length(held.size);
        for (const [index, revision] of revisions.entries()) {
          const next = revisions[index + 1];
          if (next?.key === revision.key && next.label === revision.label)
            expect(next.lastModified).to.be.at.most(revision.lastModified);
        }
      }),
    );
  });

  it('shows a stale reader the state that many changes ago, as far as it is remembered', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.nat(MAX_STALE), (steps, staleBy) => {
        const { store, states } = run(steps);
        const changes = [[], ...states.map(({ settings }) => settings)].filter(
          (settings, index, all) => index === 0 || settings !== all[index - 1],
        );
        const expected = changes[Math.max(0, changes.length - 1 - staleBy)];
        expect(store.visible(0, staleBy).settings).to.deep.equal(expected);
      }),
    );
  });
});
