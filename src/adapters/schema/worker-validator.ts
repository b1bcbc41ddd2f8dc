import { Worker } from 'node:worker_threads';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { SchemaOutcome, SchemaValidator } from '../../ports/schemas.ts';
import type { Answer, Question } from './messages.ts';

/**
 * Checks in a thread of its own, since a schema is written by users: a pattern may backtrack for hours, and references
 * may multiply without end.
 *
 * Guarantees: a check ends within the time limit; it takes at most the memory limit, and neither ever stops the rest
 * of the process. The thread, and with it the library, is there only while checks are asked for.
 * Failure: `too-costly`, or `unchecked` where the machine gives no thread, or it ends before it is ready; the next
 * check makes it anew.
 */
export interface WorkerValidatorOptions {
  /** The module `worker.ts`, or its bundle. */
  readonly module: URL;
  readonly clock: Clock;
  /** For one check, once the thread has loaded; default 3 s. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 3_000;
const IDLE_MS = 10_000;
/** Content is at most 2 MiB of text; the library holds a few hundred bytes for each error. */
const LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8, stackSizeMb: 2 };

const TOO_LONG: SchemaOutcome = {
  kind: 'too-costly',
  problem: 'checking takes too long; simplify its patterns and references',
};
const TOO_MUCH: SchemaOutcome = {
  kind: 'too-costly',
  problem: 'checking takes too much memory; simplify its references',
};

/** Of the process or its cgroup: threads (EAGAIN of `pthread_create`), memory, file handles. */
const NOT_STARTED: SchemaOutcome = {
  kind: 'unchecked',
  problem: 'the operator could not start the thread that checks it, for want of threads or memory',
};

export class WorkerValidator implements SchemaValidator {
  readonly #options: WorkerValidatorOptions;
  /** Checks run one after the other; never rejects. */
  #last: Promise<unknown> = Promise.resolve();
  #worker: Worker | undefined;
  /** Whether the thread has loaded; false when it ended before. */
  #loaded: Promise<boolean> = Promise.resolve(false);
  #idle: Timer | undefined;
  #questions = 0;

  constructor(options: WorkerValidatorOptions) {
    this.#options = options;
  }

  validate(schema: string, content: string): Promise<SchemaOutcome> {
    const answer = this.#last.then(() => this.#ask(schema, content)).catch(() => NOT_STARTED);
    this.#last = answer;
    return answer;
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    this.#idle?.cancel();
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  async #ask(schema: string, content: string): Promise<SchemaOutcome> {
    this.#idle?.cancel();
    this.#worker ??= this.#start();
    const worker = this.#worker;
    if (!(await this.#loaded)) return NOT_STARTED;
    const question: Question = { id: ++this.#questions, schema, content };
    const outcome = await this.#answer(worker, question);
    if (outcome.kind === 'too-costly') await this.close();
    else this.#idle = this.#options.clock.setTimer(IDLE_MS, () => void this.close());
    return outcome;
  }

  #start(): Worker {
    const worker = new Worker(this.#options.module, { resourceLimits: LIMITS });
    // A check under way is waited for; the thread itself keeps no process alive.
    worker.unref();
    // It ends after an error, and that is told; without a listener this process would end, too.
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    this.#loaded = new Promise((resolve) =>
      worker.once('message', () => resolve(true)).once('exit', () => resolve(false)),
    );
    return worker;
  }

  #answer(worker: Worker, question: Question): Promise<SchemaOutcome> {
    const { clock, timeoutMs = TIMEOUT_MS } = this.#options;
    return new Promise((resolve) => {
      const end = (outcome: SchemaOutcome): void => {
        timer.cancel();
        worker.off('message', heard).off('exit', ended);
        resolve(outcome);
      };
      const heard = ({ id, outcome }: Answer): void => {
        if (id === question.id) end(outcome);
      };
      const ended = (): void => end(TOO_MUCH);
      const timer = clock.setTimer(timeoutMs, () => end(TOO_LONG));
      worker.on('message', heard).on('exit', ended);
      worker.postMessage(question);
    });
  }
}
