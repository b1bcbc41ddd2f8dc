/**
 * One container of a pod, run as a local process and restarted as the pod's restart policy says.
 *
 * Guarantees: at most one process at a time; after `terminate` resolves none is left.
 * Failure: what cannot be prepared (a ConfigMap is missing) is reported as the kubelet would and tried again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Exit, LocalProcess } from '../process.ts';
import type { ProbeTarget } from './probe.ts';
import { startProbes } from './prober.ts';
import { type ContainerReport, type ContainerState, type Termination, timestamp } from './state.ts';
import type { Container, PodSpec } from './types.ts';

/** A process about to run, and how to probe it. */
export interface Prepared {
  readonly start: () => LocalProcess;
  readonly target: ProbeTarget;
}

/** What a container needs from its pod. */
export interface ContainerContext {
  readonly container: Container;
  readonly restartPolicy: NonNullable<PodSpec['restartPolicy']>;
  /** Makes volumes and environment; may be called again. */
  readonly prepare: () => Promise<Prepared>;
  readonly graceMs: number;
  readonly onChange: () => void;
}

const firstBackoff = 200;
const longestBackoff = 5_000;
/** A container that ran this long starts over with the first backoff. */
const stableMs = 10_000;

/** A program container. */
export class ProgramContainer {
  readonly #context: ContainerContext;
  readonly #ending = new AbortController();
  readonly #ended: Promise<void>;
  #process: LocalProcess | undefined;
  #restarts = 0;
  #backoff = firstBackoff;
  #lastTermination: Termination | undefined;
  #state: ContainerState = { kind: 'waiting', reason: 'ContainerCreating', message: '' };

  constructor(context: ContainerContext) {
    this.#context = context;
    this.#ended = this.#run();
  }

  get report(): ContainerReport {
    const { name, image } = this.#context.container;
    const last = this.#lastTermination === undefined ? {} : { lastTermination: this.#lastTermination };
    return { name, image, restartCount: this.#restarts, state: this.#state, ...last };
  }

  get process(): LocalProcess | undefined {
    return this.#process?.isRunning() ? this.#process : undefined;
  }

  /** Stops the process and restarts it no more. */
  async terminate(graceMs: number): Promise<void> {
    this.#ending.abort();
    await this.#process?.stop(graceMs);
    await this.#ended;
  }

  async #run(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      const prepared = await this.#prepare();
      if (prepared === undefined) return;
      const startedAt = timestamp();
      const began = Date.now();
      const exit = await this.#runOnce(prepared, startedAt);
      if (this.#ending.signal.aborted) return;
      if (Date.now() - began > stableMs) this.#backoff = firstBackoff;
      if (!(await this.#afterExit(exit, startedAt))) return;
    }
  }

  /** Tries until it works; undefined once the container is to end. */
  async #prepare(): Promise<Prepared | undefined> {
    while (!this.#ending.signal.aborted) {
      try {
        const prepared = await this.#context.prepare();
        return this.#ending.signal.aborted ? undefined : prepared;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        this.#become({ kind: 'waiting', reason: 'CreateContainerConfigError', message });
        await this.#pause(500);
      }
    }
    return undefined;
  }

  async #runOnce({ start, target }: Prepared, startedAt: string): Promise<Exit> {
    const process = start();
    this.#process = process;
    const probing = new AbortController();
    const events = {
      onVerdict: (verdict: { readonly started: boolean; readonly ready: boolean }) =>
        this.#become({ kind: 'running', startedAt, ...verdict }),
      onUnhealthy: () => void process.stop(this.#context.graceMs),
    };
    this.#become({ kind: 'running', startedAt, started: false, ready: false });
    startProbes(target, events, probing.signal);
    const exit = await process.exited;
    probing.abort();
    return exit;
  }

  /** Whether the container is to run again. */
  async #afterExit(exit: Exit, startedAt: string): Promise<boolean> {
    const exitCode = exit.code ?? 137;
    const reason = exitCode === 0 ? 'Completed' : 'Error';
    this.#lastTermination = { exitCode, reason, startedAt, finishedAt: timestamp() };
    const policy = this.#context.restartPolicy;
    if (policy === 'Never' || (policy === 'OnFailure' && exitCode === 0)) {
      this.#become({ kind: 'terminated', ...this.#lastTermination });
      return false;
    }
    const message = `back-off ${this.#backoff} ms restarting failed container`;
    this.#become({ kind: 'waiting', reason: 'CrashLoopBackOff', message });
    await this.#pause(this.#backoff);
    this.#backoff = Math.min(2 * this.#backoff, longestBackoff);
    this.#restarts += 1;
    return true;
  }

  #become(state: ContainerState): void {
    this.#state = state;
    this.#context.onChange();
  }

  async #pause(milliseconds: number): Promise<void> {
    await delay(milliseconds, undefined, { signal: this.#ending.signal, ref: false }).catch(() => undefined);
  }
}
