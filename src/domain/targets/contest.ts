import type { ManagedFields } from './field-managers.ts';

/**
 * A tug of war: someone else changes a target again and again, and the operator puts it back each time. The first few
 * times that costs nothing; then the operator takes its time, so that the two do not keep the API server, and every
 * watcher of the target, busy for ever.
 *
 * Times are milliseconds since the epoch.
 */
export interface Contest {
  /** How often the target was put back without a longer peace in between. */
  readonly putBacks: number;
  readonly lastAt: number;
  /** The field manager that wrote last, where it is known. */
  readonly rival?: string;
}

export const PEACE: Contest = { putBacks: 0, lastAt: 0 };

/** So often a target is put back at once. */
export const AT_ONCE = 5;
const FIRST_PAUSE_MS = 30_000;
export const LONGEST_PAUSE_MS = 300_000;
/** Without a change for so long, a contest is over. */
const PEACE_MS = 3 * LONGEST_PAUSE_MS;

/** After a target was put back. */
export function putBack({ putBacks, lastAt }: Contest, now: number, rival: string | undefined): Contest {
  const count = now - lastAt > PEACE_MS ? 1 : putBacks + 1;
  return { putBacks: count, lastAt: now, ...(rival === undefined ? {} : { rival }) };
}

/** Until when the target is left as someone else made it; in the past: not at all. */
export function leftUntil({ putBacks, lastAt }: Contest): number {
  if (putBacks < AT_ONCE) return lastAt;
  return lastAt + Math.min(FIRST_PAUSE_MS * 2 ** Math.min(putBacks - AT_ONCE, 10), LONGEST_PAUSE_MS);
}

/** Who wrote an object last, apart from `own`: the name of a field manager. */
export function lastWriter(
  managedFields: readonly ManagedFields[] | undefined,
  own: (manager: string) => boolean,
): string | undefined {
  const others = (managedFields ?? []).filter(({ manager }) => manager !== undefined && !own(manager));
  // RFC 3339 of one zone sorts as text.
  return others.toSorted((a, b) => ((a.time ?? '') < (b.time ?? '') ? -1 : 1)).at(-1)?.manager;
}
