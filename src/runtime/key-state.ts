/**
 * Where one key of a work queue stands. `dirty` is active with another run wanted, because something changed after
 * the active run had looked. `since` is when the run that is wanted was first asked for, for the latency metric.
 */
export type KeyState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'queued'; readonly since: number }
  | { readonly kind: 'active' }
  | { readonly kind: 'dirty'; readonly since: number };

export type KeyInput =
  | { readonly kind: 'add'; readonly now: number }
  | { readonly kind: 'start' }
  | { readonly kind: 'finish' };

export const idle: KeyState = { kind: 'idle' };

/** Adds collapse, and a key is never queued while active: those two rules are the whole queue. */
export function stepKey(state: KeyState, input: KeyInput): KeyState {
  switch (input.kind) {
    case 'add':
      return added(state, input.now);
    case 'start':
      if (state.kind !== 'queued') throw new Error(`A key that is ${state.kind} cannot start.`);
      return { kind: 'active' };
    case 'finish':
      if (state.kind === 'dirty') return { kind: 'queued', since: state.since };
      if (state.kind !== 'active') throw new Error(`A key that is ${state.kind} cannot finish.`);
      return idle;
  }
}

function added(state: KeyState, now: number): KeyState {
  if (state.kind === 'idle') return { kind: 'queued', since: now };
  if (state.kind === 'active') return { kind: 'dirty', since: now };
  return state;
}
