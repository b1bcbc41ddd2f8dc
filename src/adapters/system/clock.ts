import type { Clock, Timer } from '../../ports/clock.ts';

/** setTimeout takes a longer delay for 1 ms. */
const LONGEST_MS = 2_147_483_647;

/** The real time. Timers keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer,
  sleep(ms, signal) {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        timer.cancel();
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimer(ms, end);
      signal?.addEventListener('abort', end, { once: true });
    });
  },
};

function setTimer(ms: number, callback: () => void): Timer {
  let handle: NodeJS.Timeout;
  const arm = (rest: number): void => {
    const step = Math.min(Math.max(0, rest), LONGEST_MS);
    handle = setTimeout(() => (rest > step ? arm(rest - step) : callback()), step);
  };
  arm(ms);
  return { cancel: () => clearTimeout(handle) };
}
