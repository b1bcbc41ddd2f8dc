/**
 * All pods of one node, for as long as a signal allows.
 *
 * Guarantees: level-triggered; whatever ends a watch (timeout, error, restart of the API server), the pods
 * are listed anew after 200 ms, and `onList` tells which are left.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient } from '../api.ts';
import type { Pod } from './types.ts';

/** Told what is seen. */
export interface PodEvents {
  readonly onList: (pods: readonly Pod[]) => void;
  readonly onPod: (pod: Pod) => void;
  readonly onGone: (pod: Pod) => void;
}

interface PodList {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly Pod[];
}

interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: Pod;
}

/** Runs until the signal aborts; never rejects. */
export async function watchPods(
  api: ApiClient,
  nodeName: string,
  events: PodEvents,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await listAndWatch(api, nodeName, events, signal).catch(() => undefined);
    await delay(200, undefined, { signal }).catch(() => undefined);
  }
}

async function listAndWatch(
  api: ApiClient,
  nodeName: string,
  events: PodEvents,
  signal: AbortSignal,
): Promise<void> {
  const selector = `fieldSelector=${encodeURIComponent(`spec.nodeName=${nodeName}`)}`;
  const { status, body } = await api.request<PodList>('GET', `/api/v1/pods?${selector}`, {
    timeoutMs: 5_000,
  });
  if (status !== 200 || signal.aborted) return;
  events.onList(body.items);
  const version = `resourceVersion=${body.metadata.resourceVersion}`;
  const ending = new AbortController();
  const either = AbortSignal.any([signal, ending.signal]);
  await api.stream(`/api/v1/pods?watch=1&timeoutSeconds=300&${version}&${selector}`, either, (line) => {
    const event = JSON.parse(line) as WatchEvent;
    if (event.type === 'ERROR') ending.abort();
    else if (event.type === 'DELETED') events.onGone(event.object);
    else if (event.type !== 'BOOKMARK') events.onPod(event.object);
  });
}
