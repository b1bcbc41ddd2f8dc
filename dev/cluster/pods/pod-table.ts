import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient } from '../api.ts';
import type { Pod } from './types.ts';
import type { PodEvents } from './watch.ts';
import type { PodWorker } from './worker.ts';

/** Starts what plays a pod; `folder` is the pod's own, not yet made. */
export type StartWorker = (pod: Pod, folder: string) => PodWorker;

interface Entry {
  readonly pod: Pod;
  readonly folder: string;
  readonly worker: PodWorker;
  /** Set once the pod's deletion was begun. */
  deleting: boolean;
}

/** The pods of the node by uid: starts a worker for each new one, ends it when the pod is to go. */
export class PodTable implements PodEvents {
  readonly #api: ApiClient;
  readonly #folder: string;
  readonly #startWorker: StartWorker;
  readonly #entries = new Map<string, Entry>();
  /** Newest last; pods that are gone are kept for their logs. */
  readonly #history: { readonly pod: Pod; readonly folder: string }[] = [];
  #closed = false;

  constructor(api: ApiClient, folder: string, startWorker: StartWorker) {
    this.#api = api;
    this.#folder = folder;
    this.#startWorker = startWorker;
  }

  readonly onList = (pods: readonly Pod[]): void => {
    const present = new Set(pods.map(({ metadata }) => metadata.uid));
    for (const { pod } of this.#entries.values()) if (!present.has(pod.metadata.uid)) this.onGone(pod);
    for (const pod of pods) this.onPod(pod);
  };

  readonly onPod = (pod: Pod): void => {
    if (this.#closed) return;
    const known = this.#entries.get(pod.metadata.uid);
    if (pod.metadata.deletionTimestamp !== undefined) void this.#delete(pod, known);
    else if (known !== undefined) known.worker.update(pod);
    else this.#start(pod);
  };

  /** The object is gone: somebody deleted the pod by force, or we did. */
  readonly onGone = (pod: Pod): void => {
    const entry = this.#entries.get(pod.metadata.uid);
    this.#entries.delete(pod.metadata.uid);
    void entry?.worker.terminate(0);
  };

  /** Workers of one pod, or all. */
  workers(podName?: string): PodWorker[] {
    const entries = [...this.#entries.values()];
    return entries
      .filter(({ pod }) => podName === undefined || isNamed(pod, podName))
      .map(({ worker }) => worker);
  }

  /** Log file of a container (default: the first) of the newest pod of that name. */
  logFile(podName: string, container?: string): string | undefined {
    const found = this.#history.findLast(({ pod }) => isNamed(pod, podName));
    const name = container ?? found?.pod.spec.containers[0]?.name;
    return found === undefined || name === undefined ? undefined : join(found.folder, `${name}.log`);
  }

  async terminateAll(graceMs: number): Promise<void> {
    this.#closed = true;
    await Promise.all(this.workers().map((worker) => worker.terminate(graceMs)));
  }

  #start(pod: Pod): void {
    const { namespace, name, uid } = pod.metadata;
    const folder = join(this.#folder, `${namespace}_${name}_${uid}`);
    this.#history.push({ pod, folder });
    this.#entries.set(uid, { pod, folder, worker: this.#startWorker(pod, folder), deleting: false });
  }

  async #delete(pod: Pod, entry: Entry | undefined): Promise<void> {
    if (entry?.deleting === true) return;
    if (entry !== undefined) entry.deleting = true;
    await entry?.worker.terminate((pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000);
    const { namespace, name, uid } = pod.metadata;
    const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
    const body = { gracePeriodSeconds: 0, preconditions: { uid } };
    for (let tries = 0; tries < 50 && !this.#closed; tries += 1) {
      const answer = await this.#api.request('DELETE', path, { body }).catch(() => ({ status: 503 }));
      if (answer.status < 500 && answer.status !== 429) return;
      await delay(200, undefined, { ref: false });
    }
  }
}

function isNamed({ metadata }: Pod, podName: string): boolean {
  return podName === metadata.name || podName === `${metadata.namespace}/${metadata.name}`;
}
