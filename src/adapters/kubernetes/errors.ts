import type { KubernetesError } from '../../ports/kubernetes.ts';
import { obstacleIn } from './obstacle.ts';

/** Nothing the API server asks for is waited for longer. */
const MAX_RETRY_AFTER_MS = 600_000;

export const cancelled: KubernetesError = { kind: 'cancelled' };
export const timeout: KubernetesError = { kind: 'timeout' };
export const transport = (code: string): KubernetesError => ({ kind: 'transport', code });

/** The errno of a socket or TLS error, or a constant: never its message. */
export function transportCode(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return 'Unknown';
}

/**
 * An error answer, or the object of an ERROR event in a watch.
 * @param body the parsed body when it was JSON; only its closed vocabularies, and names of obstacles, are taken over.
 * @param retryAfter the header `Retry-After`.
 */
export function statusError(
  httpCode: number,
  body: unknown,
  retryAfter: string | undefined,
  now: number,
): KubernetesError {
  const status = isRecord(body) && body.kind === 'Status' ? body : {};
  const details = isRecord(status.details) ? status.details : {};
  const retryAfterMs = retryAfterOf(retryAfter, details.retryAfterSeconds, now);
  const obstacle = obstacleIn(text(status.message));
  return {
    kind: 'status',
    code: typeof status.code === 'number' ? status.code : httpCode,
    reason: text(status.reason),
    causes: Array.isArray(details.causes) ? details.causes.filter(isRecord).map(causeOf) : [],
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(obstacle === undefined ? {} : { obstacle }),
  };
}

const causeOf = (cause: Record<string, unknown>) => ({
  reason: text(cause.reason),
  field: text(cause.field),
});

function retryAfterOf(header: string | undefined, seconds: unknown, now: number): number | undefined {
  const fromHeader = header === undefined ? undefined : parseRetryAfter(header, now);
  const ms = fromHeader ?? (typeof seconds === 'number' ? seconds * 1000 : undefined);
  return ms === undefined ? undefined : Math.min(Math.max(0, ms), MAX_RETRY_AFTER_MS);
}

/** RFC 9110: seconds, or a date. */
function parseRetryAfter(header: string, now: number): number | undefined {
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : date - now;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
