import { digest, newEtag, type Setting } from '../setting.ts';
import type { Composition, SnapshotFilter } from './compose.ts';

/** How a build ends when it does not end well (A.11). */
export type BuildFailure = 'QuotaExceeded' | 'Timeout' | 'ServerError';

/** `expired` is a snapshot whose retention has run out: to clients it is gone. */
export type SnapshotStatus = 'provisioning' | 'ready' | 'archived' | 'failed' | 'expired';

/** What the writer of a snapshot chooses. */
export interface SnapshotPlan {
  readonly name: string;
  readonly filters: readonly SnapshotFilter[];
  readonly composition: Composition;
  /** How long it stays once archived. */
  readonly retentionSeconds: number;
  readonly tags: Readonly<Record<string, string | null>>;
  readonly description: string | null;
}

/** One snapshot; immutable, its content is fixed when it is made. Times in milliseconds. */
export interface Snapshot extends SnapshotPlan {
  readonly etag: string;
  readonly settings: readonly Setting[];
  readonly created: number;
  /** Until then it is being built. */
  readonly readyAt: number;
  readonly failure: BuildFailure | undefined;
  /** Set while archived. */
  readonly expires: number | undefined;
}

/** The state follows from the clock: provisioning → ready or failed, archived → expired. */
export function statusAt({ readyAt, failure, expires }: Snapshot, now: number): SnapshotStatus {
  if (now < readyAt) return 'provisioning';
  if (failure !== undefined) return 'failed';
  if (expires === undefined) return 'ready';
  return now < expires ? 'archived' : 'expired';
}

/** Changes with the state, also when a build ends by itself. */
export function etagAt(snapshot: Snapshot, now: number): string {
  const building = statusAt(snapshot, now) === 'provisioning';
  return building ? digest([snapshot.etag, 'provisioning']) : snapshot.etag;
}

/** Ready → archived: the retention starts to run (A.11). Undefined in any other state. */
export function archive(snapshot: Snapshot, now: number): Snapshot | undefined {
  if (statusAt(snapshot, now) !== 'ready') return undefined;
  return { ...snapshot, etag: newEtag(), expires: now + snapshot.retentionSeconds * 1000 };
}

/** Archived → ready: it will not expire (A.11). Undefined in any other state. */
export function recover(snapshot: Snapshot, now: number): Snapshot | undefined {
  if (statusAt(snapshot, now) !== 'archived') return undefined;
  return { ...snapshot, etag: newEtag(), expires: undefined };
}

/** Bytes of the content; the service does not say how it counts. */
export function sizeOf(settings: readonly Setting[]): number {
  return Buffer.byteLength(JSON.stringify(settings));
}
