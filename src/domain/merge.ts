import { contentKind } from './contenttypes.ts';
import { mapKey, ordinal } from './keys.ts';
import type { Plan } from './plan.ts';
import { parseReference } from './references.ts';
import type { PlannedSource } from './selectors.ts';
import type { SecretReference, Setting } from './settings.ts';
import { type SkippedKeys, withoutSkipped } from './skipped.ts';

/**
 * From the settings of all selections to one entry for each final key.
 *
 * Guarantees: a later source wins per final key, whatever the kinds: a plain value and a reference override
 * each other. Within one source the ordinally last store key wins, so that the result never depends on the
 * order in which the store answered. Feature flags are skipped and counted.
 */
export type Entry =
  | {
      readonly kind: 'value' /** null: a stored null. */;
      readonly value: string | null;
      readonly contentType?: string;
    }
  | { readonly kind: 'reference'; readonly reference: SecretReference }
  | { readonly kind: 'invalid-reference'; readonly problem: string };

/** Different store keys of one selector that became the same final key. */
export interface Collision {
  readonly key: string;
  /** In ordinal order. */
  readonly storeKeys: readonly string[];
}

export interface Merged {
  /** By final key, in ordinal order. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** Only with `keys.invalid: Skip`. */
  readonly skipped: readonly SkippedKeys[];
  /** Only those that decided a value: a later selector that gives the key makes it harmless. */
  readonly collisions: readonly Collision[];
  /** How many settings each part matched, feature flags not counted; in the order of the parts. */
  readonly counts: readonly number[];
  /** An environment was asked for and no setting carries its label. */
  readonly unmatchedEnvironment: boolean;
  readonly featureFlags: number;
}

export interface SourceSettings {
  readonly source: PlannedSource;
  readonly settings: readonly Setting[];
}

export interface MergeOptions {
  /** Suffixes below which a vault may lie, without a leading dot. */
  readonly vaultSuffixes: readonly string[];
}

/** `parts` in the order of `plan.sources`. */
export function mergeSources(
  parts: readonly SourceSettings[],
  plan: Pick<Plan, 'keys' | 'configMap' | 'secret'>,
  { vaultSuffixes }: MergeOptions,
): Merged {
  const winners = new Map<string, Winner>();
  const counts: number[] = [];
  let featureFlags = 0;
  for (const { source, settings } of parts) {
    const usable = settings.filter(({ contentType }) => contentKind(contentType) !== 'feature-flag');
    counts.push(usable.length);
    featureFlags += settings.length - usable.length;
    for (const setting of usable.toSorted((a, b) => ordinal(a.key, b.key))) {
      const key = mapKey(setting.key, plan.keys);
      winners.set(key, succeed(winners.get(key), setting, source.selector));
    }
  }
  const sorted = [...winners].sort(([a], [b]) => ordinal(a, b));
  const entries = sorted.map(([key, { setting }]) => [key, entryOf(setting, vaultSuffixes)] as const);
  return {
    ...withoutSkipped(new Map(entries), plan),
    collisions: sorted.flatMap(([key, { storeKeys }]) => collisionOf(key, storeKeys)),
    counts,
    unmatchedEnvironment: isUnmatched(parts, counts),
    featureFlags,
  };
}

/** The setting that gives a final key, and every store key of its selector that led there. */
interface Winner {
  readonly setting: Setting;
  readonly selector: number;
  readonly storeKeys: ReadonlySet<string>;
}

function succeed(previous: Winner | undefined, setting: Setting, selector: number): Winner {
  const rivals = previous?.selector === selector ? previous.storeKeys : [];
  return { setting, selector, storeKeys: new Set([...rivals, setting.key]) };
}

function entryOf({ value, contentType }: Setting, vaultSuffixes: readonly string[]): Entry {
  if (contentKind(contentType) === 'reference') {
    const parsed = parseReference(value ?? '', vaultSuffixes);
    return parsed.ok
      ? { kind: 'reference', reference: parsed.reference }
      : { kind: 'invalid-reference', problem: parsed.problem };
  }
  const plain = { kind: 'value', value: value ?? null } as const;
  return contentType === undefined ? plain : { ...plain, contentType };
}

const collisionOf = (key: string, storeKeys: ReadonlySet<string>): Collision[] =>
  storeKeys.size < 2 ? [] : [{ key, storeKeys: [...storeKeys].sort(ordinal) }];

function isUnmatched(parts: readonly SourceSettings[], counts: readonly number[]): boolean {
  const overlays = counts.filter((_, index) => parts[index]?.source.overlay === true);
  return overlays.length > 0 && overlays.every((count) => count === 0);
}
