import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient } from '../api.ts';
import { type PodReport, timestamp } from './state.ts';
import { type PodCondition, podStatus } from './status.ts';
import type { Pod } from './types.ts';

/**
 * Writes the status of one pod.
 *
 * Guarantees: writes are in order, the last report always arrives; an API server that is away is asked
 * again until it is back; a pod of the same name but another uid is never written.
 */
export class StatusReporter {
  readonly #api: ApiClient;
  readonly #pod: Pod;
  readonly #stopped = new AbortController();
  #next: PodReport | undefined;
  #conditions: readonly PodCondition[] = [];
  #writing = false;

  constructor(api: ApiClient, pod: Pod) {
    this.#api = api;
    this.#pod = pod;
  }

  /** Takes the latest report; one that was not yet written is skipped. */
  report(report: PodReport): void {
    this.#next = report;
    if (!this.#writing) void this.#writeAll();
  }

  /** No write begins after this. */
  stop(): void {
    this.#stopped.abort();
  }

  async #writeAll(): Promise<void> {
    this.#writing = true;
    while (this.#next !== undefined && !this.#stopped.signal.aborted) {
      const report = this.#next;
      this.#next = undefined;
      const written = await this.#write(report).catch(() => false);
      if (written) continue;
      this.#next ??= report;
      await delay(200, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
    }
    this.#writing = false;
  }

  /** Whether the report needs no further try: written, or its pod is gone. */
  async #write(report: PodReport): Promise<boolean> {
    const { namespace, name, uid } = this.#pod.metadata;
    const status = podStatus(this.#pod, report, this.#conditions, timestamp());
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/status`;
    const answer = await this.#api.request('PATCH', path, { body: { metadata: { uid }, status } });
    if (answer.status === 200) this.#conditions = status.conditions;
    return answer.status < 500 && answer.status !== 429;
  }
}
