import { expect } from 'chai';
import fc from 'fast-check';
import type { KubernetesError } from '../../../src/ports/kubernetes.ts';
import {
  type InformerInput,
  type InformerState,
  initial,
  step,
  type WatchEnd,
} from '../../../src/runtime/informer-state.ts';

const status = (code: number, retryAfterMs?: number): KubernetesError => ({
  kind: 'status',
  code,
  reason: '',
  causes: [],
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});
const watching: InformerState = { kind: 'watching', resourceVersion: '5', failures: 0 };
const ended = (end: WatchEnd, lastedMs = 60_000): InformerInput => ({ kind: 'watch-ended', end, lastedMs });
const failed = (error: KubernetesError): WatchEnd => ({ kind: 'failed', error });

describe('the informer state machine', () => {
  it('lists page by page, then watches from the version of the list', () => {
    const second = step(initial, { kind: 'page', resourceVersion: '7', continueToken: 'more' });
    expect(second).to.deep.equal({ kind: 'listing', continueToken: 'more', failures: 0 });
    const listed = step(second, { kind: 'page', resourceVersion: '7', continueToken: undefined });
    expect(listed).to.deep.equal({ kind: 'watching', resourceVersion: '7', failures: 0 });
  });

  it('goes on from the last version it saw when the server closes the watch', () => {
    const moved = step(watching, { kind: 'progress', resourceVersion: '9' });
    expect(step(moved, ended({ kind: 'closed' }))).to.deep.equal({ ...watching, resourceVersion: '9' });
  });

  it('backs off when the server closes every watch at once', () => {
    const waiting = step(watching, ended({ kind: 'closed' }, 10));
    expect(waiting).to.deep.include({ kind: 'waiting', failures: 1 });
    const again = step(step(waiting, { kind: 'waited' }), ended({ kind: 'closed' }, 10));
    expect(again).to.deep.include({ kind: 'waiting', failures: 2 });
  });

  it('lists anew, after a random pause, when its version is too old', () => {
    const waiting = step(watching, ended(failed(status(410))));
    expect(waiting).to.deep.include({ kind: 'waiting', why: { kind: 'spread' } });
    expect(step(waiting, { kind: 'waited' })).to.deep.equal({
      kind: 'listing',
      continueToken: undefined,
      failures: 1,
    });
  });

  it('lists from the first page when a continue token has expired', () => {
    const listing: InformerState = { kind: 'listing', continueToken: 'old', failures: 0 };
    const waiting = step(listing, { kind: 'list-failed', error: status(410) });
    expect(step(waiting, { kind: 'waited' })).to.deep.include({ kind: 'listing', continueToken: undefined });
  });

  it('lists anew after an event that cannot be read', () => {
    const waiting = step(watching, ended(failed({ kind: 'transport', code: 'BadJson' })));
    expect(step(waiting, { kind: 'waited' }).kind).to.equal('listing');
  });

  it('watches on, from where it was, after every other end, and remembers what it was asked to wait', () => {
    for (const end of [
      { kind: 'silent' as const },
      failed({ kind: 'transport', code: 'ECONNRESET' }),
      failed({ kind: 'timeout' }),
      failed(status(500)),
      failed(status(429, 7_000)),
    ]) {
      const waiting = step(watching, ended(end));
      const resumed = step(waiting, { kind: 'waited' });
      expect(resumed).to.deep.include({ kind: 'watching', resourceVersion: '5' });
    }
    const throttled = step(watching, ended(failed(status(429, 7_000))));
    expect(throttled).to.deep.include({ why: { kind: 'backoff', retryAfterMs: 7_000 } });
  });

  it('never ends but by stop, and nothing follows that', () => {
    const error = fc.constantFrom<KubernetesError>(
      status(410),
      status(403),
      status(500),
      status(429, 1),
      { kind: 'timeout' },
      { kind: 'cancelled' },
      { kind: 'transport', code: 'BadJson' },
      { kind: 'transport', code: 'ECONNREFUSED' },
    );
    const end = fc.oneof(
      fc.constant<WatchEnd>({ kind: 'closed' }),
      fc.constant<WatchEnd>({ kind: 'silent' }),
      error.map(failed),
    );
    const next = (
      state: InformerState,
      choice: number,
      errorNow: KubernetesError,
      endNow: WatchEnd,
    ): InformerInput => {
      if (state.kind === 'waiting') return { kind: 'waited' };
      if (state.kind === 'watching') {
        return choice < 3 ? { kind: 'progress', resourceVersion: '8' } : ended(endNow, choice * 3_000);
      }
      if (choice < 3) return { kind: 'list-failed', error: errorNow };
      return { kind: 'page', resourceVersion: '6', continueToken: choice < 6 ? 'c' : undefined };
    };
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(9), error, end), { maxLength: 60 }), (turns) => {
        let state: InformerState = initial;
        for (const [choice, errorNow, endNow] of turns) {
          state = step(state, next(state, choice, errorNow, endNow));
          expect(state.kind).to.not.equal('stopped');
        }
        const stopped = step(state, { kind: 'stop' });
        expect(step(stopped, { kind: 'waited' })).to.deep.equal({ kind: 'stopped' });
      }),
    );
  });
});
