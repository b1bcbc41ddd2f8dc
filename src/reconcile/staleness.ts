import { formatDuration } from '../domain/durations.ts';
import type { Claim } from '../domain/status/conditions.ts';
import { rfc3339 } from '../domain/times.ts';
import { originOf } from '../domain/vaults/vault-secrets.ts';
import type { Ended } from './ended.ts';
import type { Pass, PlannedPass } from './pass.ts';

const STALE_INTERVALS = 5;
const STALE_AT_LEAST_MS = 600_000;

/** Freshness is told once it is lost, not at every read: status is no heartbeat. */
export function withStaleness(
  pass: Pass,
  planned: PlannedPass | undefined,
  ended: Ended,
): Ended & { readonly stale?: Claim } {
  if (planned === undefined || planned.plan.suspended) return ended;
  const { lastReadAt, readOnce } = pass.memory;
  const limit = Math.max(STALE_INTERVALS * planned.plan.refreshIntervalMs, STALE_AT_LEAST_MS);
  const before = pass.previous.conditions?.find(({ type }) => type === 'Stale');
  if (before !== undefined && !readOnce)
    return { ...ended, stale: { status: 'True', reason: 'ReadsStale', message: before.message } };
  if (pass.now - lastReadAt <= limit) return ended;
  const message = `${planned.plan.endpoint ?? originOf(planned.plan).place} could not be read since ${rfc3339(lastReadAt)}, for more than ${formatDuration(limit)}; the targets may be out of date`;
  return { ...ended, stale: { status: 'True', reason: 'ReadsStale', message } };
}
