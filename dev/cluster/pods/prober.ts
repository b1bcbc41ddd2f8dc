/**
 * The three probes of one running container.
 *
 * Guarantees: as the kubelet does, liveness and readiness wait for the startup probe; thresholds hold.
 * Different from the kubelet: until startup or readiness first succeeds it is asked every 100 ms instead
 * of once per period, so that a rollout in a test takes as long as the program needs.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type ProbeTarget, runProbe } from './probe.ts';
import type { Probe } from './types.ts';

/** What the probes say of a container. */
export interface ProbeVerdict {
  readonly started: boolean;
  readonly ready: boolean;
}

/** Told what changes. */
export interface ProbeEvents {
  readonly onVerdict: (verdict: ProbeVerdict) => void;
  /** The container has to be restarted; nothing more is told after this. */
  readonly onUnhealthy: (probe: 'startup' | 'liveness') => void;
}

const eagerMs = 100;

/** Probes until the signal aborts. */
export function startProbes(target: ProbeTarget, events: ProbeEvents, signal: AbortSignal): void {
  const prober = new Prober(target, events, signal);
  // Aborting the signal ends a wait with an exception, which is the end meant.
  prober.run().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

class Prober {
  readonly #target: ProbeTarget;
  readonly #events: ProbeEvents;
  readonly #signal: AbortSignal;

  constructor(target: ProbeTarget, events: ProbeEvents, signal: AbortSignal) {
    this.#target = target;
    this.#events = events;
    this.#signal = signal;
  }

  async run(): Promise<void> {
    const { startupProbe, livenessProbe, readinessProbe } = this.#target.container;
    if (startupProbe !== undefined && !(await this.#startup(startupProbe))) {
      this.#events.onUnhealthy('startup');
      return;
    }
    this.#events.onVerdict({ started: true, ready: readinessProbe === undefined });
    await Promise.all([
      livenessProbe === undefined ? undefined : this.#liveness(livenessProbe),
      readinessProbe === undefined ? undefined : this.#readiness(readinessProbe),
    ]);
  }

  /** Whether the program started within initialDelay + period × failureThreshold. */
  async #startup(probe: Probe): Promise<boolean> {
    const { initialDelaySeconds = 0, failureThreshold = 3 } = probe;
    await this.#wait(initialDelaySeconds * 1000);
    const end = Date.now() + periodMs(probe) * failureThreshold;
    do {
      if (await this.#ask(probe)) return true;
      await this.#wait(eagerMs);
    } while (Date.now() < end);
    return false;
  }

  async #liveness(probe: Probe): Promise<void> {
    await this.#wait((probe.initialDelaySeconds ?? 0) * 1000);
    for (let failures = 0; failures < (probe.failureThreshold ?? 3); ) {
      failures = (await this.#ask(probe)) ? 0 : failures + 1;
      await this.#wait(periodMs(probe));
    }
    this.#events.onUnhealthy('liveness');
  }

  async #readiness(probe: Probe): Promise<void> {
    const { failureThreshold = 3, successThreshold = 1 } = probe;
    await this.#wait((probe.initialDelaySeconds ?? 0) * 1000);
    for (let ready = false, seen = false, run = 0; ; ) {
      const success = await this.#ask(probe);
      // `run` counts the answers in a row that contradict the present verdict.
      run = success === ready ? 0 : run + 1;
      if (run >= (ready ? failureThreshold : successThreshold)) {
        ready = success;
        seen ||= ready;
        run = 0;
        this.#events.onVerdict({ started: true, ready });
      }
      await this.#wait(seen ? periodMs(probe) : Math.min(eagerMs, periodMs(probe)));
    }
  }

  async #ask(probe: Probe): Promise<boolean> {
    const success = await runProbe(probe, this.#target);
    this.#signal.throwIfAborted();
    return success;
  }

  async #wait(milliseconds: number): Promise<void> {
    await delay(milliseconds, undefined, { signal: this.#signal, ref: false });
  }
}

function periodMs({ periodSeconds = 10 }: Probe): number {
  return periodSeconds * 1000;
}
