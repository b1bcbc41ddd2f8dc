import type { Clock } from '../../../src/ports/clock.ts';
import type {
  KubernetesObject,
  ResourceType,
  WatchEvent,
  WatchOptions,
} from '../../../src/ports/kubernetes.ts';
import type { Database } from './database.ts';
import { expired } from './errors.ts';
import type { HistoryEntry } from './history.ts';
import { labelMatcher } from './labels.ts';

const BOOKMARK_MS = 60_000;

/** What tests do to open watches. */
export interface WatchControl {
  /** Open watches deliver nothing more and do not end: a half-open connection. */
  silent: boolean;
  /** Grows when all open watches are to be closed by the server. */
  closed: number;
}

interface Wake {
  bookmark: boolean;
  over: boolean;
}

/** Changes after `resourceVersion`, in order, then live ones, until the watch's time is over. */
export async function* watchDatabase(
  database: Database,
  clock: Clock,
  control: WatchControl,
  type: ResourceType,
  options: WatchOptions,
): AsyncGenerator<WatchEvent<KubernetesObject>, void> {
  const generation = control.closed;
  let at = Number(options.resourceVersion);
  if (at < database.history.compacted) {
    yield { type: 'error', error: expired() };
    return;
  }
  const wake: Wake = { bookmark: false, over: false };
  const cleanUp = timers(database, clock, options, wake);
  const ended = (): boolean => wake.over || control.closed !== generation || options.signal?.aborted === true;
  let muted = false;
  try {
    while (!ended()) {
      muted ||= control.silent;
      for (const entry of muted ? [] : database.history.since(at)) {
        at = entry.resourceVersion;
        const event = eventOf(entry, type, options);
        if (event !== undefined) yield event;
        if (ended()) return;
      }
      if (wake.bookmark && !muted) yield { type: 'bookmark', resourceVersion: String(at) };
      wake.bookmark = false;
      if (muted || at >= database.history.current) await database.history.changed();
    }
  } finally {
    cleanUp();
  }
}

function timers(
  database: Database,
  clock: Clock,
  { signal, timeoutSeconds }: WatchOptions,
  wake: Wake,
): () => void {
  const rouse = (): void => database.history.wake();
  const remind = () =>
    clock.setTimer(BOOKMARK_MS, () => {
      wake.bookmark = true;
      bookmark = remind();
      rouse();
    });
  let bookmark = remind();
  const limit = clock.setTimer(timeoutSeconds * 1000, () => {
    wake.over = true;
    rouse();
  });
  signal?.addEventListener('abort', rouse, { once: true });
  return () => {
    bookmark.cancel();
    limit.cancel();
    signal?.removeEventListener('abort', rouse);
  };
}

/** To a watch with a selector, an object that no longer matches is deleted, and one that begins to is added. */
function eventOf(
  { object, old, resourceVersion, type: changed }: HistoryEntry,
  type: ResourceType,
  { labelSelector, metadataOnly, namespace }: WatchOptions,
): WatchEvent<KubernetesObject> | undefined {
  if (changed.plural !== type.plural || changed.group !== type.group) return undefined;
  const matches = labelMatcher(labelSelector);
  const seen = (candidate: KubernetesObject | undefined): candidate is KubernetesObject =>
    candidate !== undefined &&
    matches(candidate) &&
    (namespace === undefined || candidate.metadata.namespace === namespace);
  const shape = metadataOnly === true ? partial : structuredClone<KubernetesObject>;
  if (seen(object)) return { type: seen(old) ? 'modified' : 'added', object: shape(object) };
  if (!seen(old)) return undefined;
  const metadata = { ...old.metadata, resourceVersion: String(resourceVersion) };
  return { type: 'deleted', object: shape({ ...old, metadata }) };
}

/** PartialObjectMetadata. */
export const partial = ({ metadata }: KubernetesObject): KubernetesObject => ({
  apiVersion: 'meta.k8s.io/v1',
  kind: 'PartialObjectMetadata',
  metadata: structuredClone(metadata),
});
