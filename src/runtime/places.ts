/**
 * The places of runs, of which only so many go on at once; p-queue gives them out.
 *
 * Guarantees: a run that waits for someone else (`aside`) for longer than {@link ASIDE_MS} gives its place to others
 * and takes one again, before those who have not begun, when it goes on. So whoever is slow slows down only those who
 * wait for him. A run never has more than one place, however many of its branches wait and go on.
 * Assumptions: a run does next to nothing while it waits aside: a branch that goes on before the last one has no place.
 * Failure: none. A run whose signal has aborted, and every run after `close`, goes on without a place: it is to end.
 */
import PQueue from 'p-queue';
import type { Clock, Timer } from '../ports/clock.ts';

/** Longer than an answer usually takes, so that in fair weather nobody changes places. */
export const ASIDE_MS = 250;

/** One run, known by its signal. */
interface Run {
  /** Frees its place; undefined while it has none. */
  leave: (() => void) | undefined;
  /** What it waits for, at the same time. */
  waits: number;
  timer: Timer | undefined;
  /** While it is on its way to a place again. */
  back: Promise<void> | undefined;
}

export class Places {
  readonly #clock: Clock;
  readonly #executor: PQueue;
  readonly #runs = new Map<AbortSignal, Run>();
  #closed = false;

  /** Starts paused: call `resume`. */
  constructor(concurrency: number, clock: Clock) {
    this.#clock = clock;
    this.#executor = new PQueue({ concurrency, autoStart: false });
  }

  resume(): void {
    if (!this.#closed) this.#executor.start();
  }

  /** Nobody gets a place until `resume`; who has one keeps it. */
  pause(): void {
    this.#executor.pause();
  }

  /** Nobody gets a place any more, nor needs one. */
  close(): void {
    this.#closed = true;
    this.#executor.pause();
    this.#executor.clear();
  }

  /** Starts a run when there is a place; never, if this was closed before. It is known by its controller's signal. */
  enter(run: (controller: AbortController) => Promise<void>): void {
    if (this.#closed) return;
    const controller = new AbortController();
    const started = (): Promise<void> => {
      const entry: Run = { leave: undefined, waits: 0, timer: undefined, back: undefined };
      this.#runs.set(controller.signal, entry);
      const place = this.#occupy(entry);
      run(controller)
        .finally(() => this.#end(controller.signal, entry))
        .catch(() => undefined);
      return place;
    };
    // `clear` rejects what never started: that is wanted and no error.
    this.#executor.add(started).catch(() => undefined);
  }

  /** Waits for `work` on behalf of the run with `signal`; of others just waits. */
  async aside<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
    const run = this.#runs.get(signal);
    if (run === undefined) return work;
    this.#stepAside(run);
    try {
      return await work;
    } finally {
      await this.#stepBack(run, signal);
    }
  }

  #stepAside(run: Run): void {
    run.waits += 1;
    if (run.waits === 1 && run.leave !== undefined) this.#lend(run);
  }

  /** Gives the place to others unless it goes on soon. */
  #lend(run: Run): void {
    run.timer = this.#clock.setTimer(ASIDE_MS, () => vacate(run));
  }

  /** With the last of what it waited for. */
  async #stepBack(run: Run, signal: AbortSignal): Promise<void> {
    run.waits -= 1;
    if (run.waits > 0) return;
    run.timer?.cancel();
    if (run.leave !== undefined) return;
    run.back ??= this.#enterAgain(run, signal).finally(() => {
      run.back = undefined;
    });
    await run.back;
  }

  #enterAgain(run: Run, signal: AbortSignal): Promise<void> {
    if (this.#closed || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const goOn = (): void => {
        signal.removeEventListener('abort', goOn);
        resolve();
      };
      signal.addEventListener('abort', goOn, { once: true });
      const place = (): Promise<void> | undefined => {
        goOn();
        return this.#runs.get(signal) === run ? this.#occupy(run) : undefined;
      };
      this.#executor.add(place, { priority: 1 }).catch(goOn);
    });
  }

  /** Takes a place; resolves when the run gives it up. Another of its branches may have stepped aside meanwhile. */
  #occupy(run: Run): Promise<void> {
    if (run.waits > 0) this.#lend(run);
    return new Promise((resolve) => {
      run.leave = resolve;
    });
  }

  #end(signal: AbortSignal, run: Run): void {
    run.timer?.cancel();
    this.#runs.delete(signal);
    vacate(run);
  }
}

function vacate(run: Run): void {
  run.leave?.();
  run.leave = undefined;
}
