import type { AppConfigBinding, TargetStatus } from '../api/schema.ts';
import type { Failure } from '../domain/failure.ts';
import type { Contest } from '../domain/targets/contest.ts';
import type { DeletionPolicy } from '../domain/targets/deletion-policy.ts';
import type { PageTags } from '../ports/azure.ts';

/**
 * What the operator remembers of one binding between passes. All of it can be lost at any moment: it saves
 * requests, and no decision about content depends on it.
 *
 * Times are milliseconds since the epoch; a due time of 0 is always due.
 */
export interface Memory {
  readonly uid: string;
  /** When the last pass began. */
  passedAt: number;
  /** The binding as of our last status write: the informer may still show an older one. */
  written: AppConfigBinding | undefined;
  /** When the store was last read or seen unchanged, or when this process first met the binding. */
  lastReadAt: number;
  /** Whether `lastReadAt` is a read of this process. */
  readOnce: boolean;
  /** Transient failures directly in a row. */
  transientInARow: number;
  conflictsInARow: number;
  /** Passes directly in a row that ended in a pause, for whatever reason: failures of status writes too. */
  pausesInARow: number;
  /**
   * When the oldest observation in use was made, and before there is one, since when this process leads: nothing older
   * is taken. The store is asked again one interval later.
   */
  observedAt: number;
  /** Unpinned references are read again from here on; undefined before the first identity. */
  secretsDueAt: number | undefined;
  /** When vaults last answered, or just before this process led: nothing that they were asked for by then is taken. */
  vaultsAnsweredAt: number;
  /** When the lists of vaults last came; undefined before the first. */
  listsAnsweredAt: number | undefined;
  /** The same of the last ones after which all that was doubtful was read; see `doubtfulSince`. */
  listsSettledAt: number | undefined;
  /** When the oldest of the Secrets in use that hold credentials was read; undefined without such a Secret. */
  credentialsReadAt: number | undefined;
  /** References without a fresh value. */
  trouble: ReferenceTrouble;
  /** The metadata of Secrets is checked from here on. */
  driftDueAt: number;
  /** Workloads are listed from here on, whether or not something changed. */
  workloadsDueAt: number;
  /** The next restart that waits for a time; Infinity: none does. */
  restartsDueAt: number;
  /** The targets as last seen or written. */
  configMap: Sighting | undefined;
  configMapWrittenAt: number;
  /** Of the ConfigMap's data (`dataDigest`) at the version of `configMap`; undefined where unknown. */
  configMapDigest: string | undefined;
  /** By name: what is not a target any more is not in it. */
  readonly secrets: Map<string, Sighting>;
  /** The ConfigMap that holds the schema, as last looked at. */
  schema: { readonly name: string; readonly version: string; readonly seenAt: number } | undefined;
  /**
   * Which deletion policy the targets follow: what the status tells of each; or, where it did not keep the record, this
   * one; or nobody knows, since a change was begun and not recorded.
   */
  policyFollowed: 'as recorded' | 'unknown' | DeletionPolicy;
  /** The target that was last put back after someone else had changed it. */
  contest: (Contest & Pick<TargetStatus, 'kind' | 'name'>) | undefined;
  /** Pages of each selection, by selection key, as of the last full read, or of the last look that found all current. */
  tags: ReadonlyMap<string, PageTags>;
}

/**
 * What is wrong with references. `unknown`: the status of an earlier process says that some failed, and not
 * (reliably) which; everything is read again at once.
 */
export type ReferenceTrouble =
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'failed';
      readonly keys: ReadonlySet<string>;
      /** Some have no last value either: nothing is restarted until they have one. */
      readonly unresolved: boolean;
      /** The one to report. */
      readonly failure: Failure;
      /** Tried again from here on, and whenever everything is read anyway. */
      readonly dueAt: number;
    };

/** Pods that start while a key has no value may not come up. */
export const restartsWait = ({ trouble }: Memory): boolean => trouble.kind === 'failed' && trouble.unresolved;

/** Metadata of a target: enough to know that nothing changed, without its data. */
export interface Sighting {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Notes that a pass begins. A clock that was set back takes all remembered times with it. */
export function beginPass(memory: Memory, now: number): void {
  const lost = memory.passedAt - now;
  memory.passedAt = now;
  if (lost <= 0) return;
  memory.lastReadAt -= lost;
  memory.observedAt -= lost;
  memory.driftDueAt -= lost;
  memory.workloadsDueAt -= lost;
  memory.restartsDueAt -= lost;
  memory.configMapWrittenAt -= lost;
  memory.vaultsAnsweredAt -= lost;
  if (memory.listsAnsweredAt !== undefined) memory.listsAnsweredAt -= lost;
  if (memory.listsSettledAt !== undefined) memory.listsSettledAt -= lost;
  if (memory.credentialsReadAt !== undefined) memory.credentialsReadAt -= lost;
  if (memory.secretsDueAt !== undefined) memory.secretsDueAt -= lost;
  const { trouble, contest, schema } = memory;
  if (schema !== undefined) memory.schema = { ...schema, seenAt: schema.seenAt - lost };
  if (contest !== undefined) memory.contest = { ...contest, lastAt: contest.lastAt - lost };
  if (trouble.kind === 'failed') memory.trouble = { ...trouble, dueAt: trouble.dueAt - lost };
}

/** One `Memory` per binding; a re-created binding (another uid) starts afresh. */
export class Memories {
  readonly #byKey = new Map<string, Memory>();

  of(key: string, uid: string, fresh: () => Memory): Memory {
    const known = this.#byKey.get(key);
    if (known?.uid === uid) return known;
    const made = fresh();
    this.#byKey.set(key, made);
    return made;
  }

  known(key: string): Memory | undefined {
    return this.#byKey.get(key);
  }

  forget(key: string): void {
    this.#byKey.delete(key);
  }
}
