import { blocked, type Failure } from '../failure.ts';
import { rfc3339 } from '../times.ts';

/**
 * Whether a snapshot of a store can be read. The store gives an *empty* list for one that is missing or not
 * ready, which must never empty a target: so its state is asked for by itself.
 */
export interface SnapshotState {
  /** Changes with the state; the content of a snapshot never changes. */
  readonly etag: string;
  /** `provisioning`, `ready`, `archived` or `failed`. */
  readonly status: string;
  /** `key`: one setting for each key. */
  readonly composition: string;
  /** Milliseconds since the epoch: when an archived snapshot is deleted. */
  readonly expiresAt?: number;
}

/** Why a snapshot cannot be used; `undefined`: it can. An archived one serves until it is deleted. */
export function snapshotProblem(
  name: string,
  endpoint: string,
  { status, composition }: SnapshotState,
): Failure | undefined {
  const called = `snapshot ${JSON.stringify(name)} of ${endpoint}`;
  if (status === 'failed')
    return blocked('SnapshotNotReady', `${called} could not be created: create one under another name.`);
  if (status !== 'ready' && status !== 'archived')
    return blocked(
      'SnapshotNotReady',
      `${called} is not ready yet (${shown(status)}); looked at again by itself.`,
    );
  if (composition !== 'key') {
    const remedy = 'create one with the composition type "Key", or select by key and label';
    return blocked(
      'SnapshotComposition',
      `${called} may hold several settings of one key (composition type ${shown(composition)}): ${remedy}.`,
    );
  }
  return undefined;
}

export const snapshotNotFound = (name: string, endpoint: string): Failure =>
  blocked(
    'SnapshotNotFound',
    `There is no snapshot ${JSON.stringify(name)} in ${endpoint}: create it, or correct its name; an archived one is deleted when its retention ends.`,
  );

/** What is said of an archived snapshot while it is still read. */
export function archivedWarning(name: string, expiresAt: number | undefined): string {
  const until = expiresAt === undefined ? 'soon' : `on ${rfc3339(expiresAt)}`;
  return `snapshot ${JSON.stringify(name)} is archived and will be deleted ${until}; its last values stay then, and nothing more is read: recover it, or select another`;
}

/** A word of the store's vocabulary, or nothing else of its answer. */
const shown = (word: string): string => (/^[a-z_]{1,20}$/.test(word) ? word : 'unknown');
