import type { KubernetesObject, WatchEvent } from '../../ports/kubernetes.ts';
import { isRecord, statusError, transport } from './errors.ts';
import { LineSplitter } from './lines.ts';
import { type OpenStream, parse } from './transport.ts';

/**
 * The events of an open watch, decoded as they arrive.
 *
 * Ends normally when the server closes between two events; otherwise with one `error`, whose code `Truncated` means
 * that it closed inside an event.
 */
export async function* watchEvents<T extends KubernetesObject>(
  stream: OpenStream,
  now: () => number,
): AsyncGenerator<WatchEvent<T>, void> {
  const lines = new LineSplitter();
  try {
    for await (const chunk of stream.body) {
      for (const line of lines.push(chunk)) {
        const event = decode<T>(line, now());
        yield event;
        if (event.type === 'error') return;
      }
    }
    if (lines.unfinished) yield { type: 'error', error: transport('Truncated') };
  } catch (error) {
    yield { type: 'error', error: stream.explain(error) };
  }
}

const TYPES = { ADDED: 'added', MODIFIED: 'modified', DELETED: 'deleted' } as const;

function decode<T extends KubernetesObject>(line: string, now: number): WatchEvent<T> {
  const parsed = parse(line);
  if (!isRecord(parsed) || !isRecord(parsed.object)) return unreadable();
  const { type, object } = parsed;
  // In-stream errors come with HTTP 200: an expired resourceVersion is a Status of code 410 here.
  if (type === 'ERROR') return { type: 'error', error: statusError(500, object, undefined, now) };
  if (!isObject<T>(object)) return unreadable();
  const { resourceVersion } = object.metadata;
  if (type === 'BOOKMARK' && resourceVersion !== undefined) return { type: 'bookmark', resourceVersion };
  if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') return { type: TYPES[type], object };
  return unreadable();
}

const unreadable = (): { type: 'error'; error: ReturnType<typeof transport> } => ({
  type: 'error',
  error: transport('BadJson'),
});

/** As far as anyone can check: the API server is trusted for the rest of the shape. */
function isObject<T extends KubernetesObject>(value: unknown): value is T {
  return isRecord(value) && isRecord(value.metadata);
}
