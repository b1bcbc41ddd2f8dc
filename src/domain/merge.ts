import type { Collision } from './content/collision.ts';
import type { Entry } from './content/entry.ts';
import { type SkippedKeys, withoutSkipped } from './content/skipped.ts';
import { mapKey, ordinal } from './keys.ts';
import type { Plan } from './plan.ts';
import { expansionOf } from './secrets/expand-json.ts';
import { parseReference } from './secrets/references.ts';
import { contentKind } from './store/contenttypes.ts';
import type { PlannedSource } from './store/selectors.ts';
import type { Setting } from './store/settings.ts';
import { expandReferences } from './store/snapshot-references.ts';
import { TLS } from './targets/secret-types.ts';
import { NONE_SELECTED, type SelectedSecrets } from './vaults/vault-selections.ts';

/**
 * From the settings of all selections to one entry for each final key.
 *
 * Guarantees: a later source wins per final key, whatever the kinds: a plain value and a reference override
 * each other. Within one source the ordinally last store key wins, so that the result never depends on the
 * order in which the store answered. A setting that refers to a snapshot is replaced by what that holds, in its
 * place. Feature flags are skipped and counted. Secrets that lists of vaults give override settings, and those that
 * the binding names override both.
 */
export interface Merged {
  /** By final key, in ordinal order. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** Only with `keys.invalid: Skip`. */
  readonly skipped: readonly SkippedKeys[];
  /** Only those that decided a value: a later selector that gives the key makes it harmless. */
  readonly collisions: readonly Collision[];
  /** Final keys that settings gave and that are not left out, those that secrets override among them. */
  readonly settingKeys: number;
  /** How many settings each part gave, those of snapshots it refers to included, feature flags not; in order. */
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
  /** What the snapshots hold that settings refer to, by name. */
  readonly snapshots?: ReadonlyMap<string, readonly Setting[]>;
  /** What the lists of vaults give. */
  readonly selected?: SelectedSecrets;
}

/** The part of a plan that decides how settings are merged. */
export type MergePlan = Pick<Plan, 'keys' | 'configMap' | 'secret' | 'expandJson'> &
  Partial<Pick<Plan, 'vaultSecrets'>>;

const NO_SNAPSHOTS: ReadonlyMap<string, readonly Setting[]> = new Map();

/** `parts` in the order of `plan.sources`. */
export function mergeSources(
  parts: readonly SourceSettings[],
  plan: MergePlan,
  { vaultSuffixes, snapshots = NO_SNAPSHOTS, selected = NONE_SELECTED }: MergeOptions,
): Merged {
  const winners = new Map<string, Winner>();
  const counts: number[] = [];
  let featureFlags = 0;
  for (const { source, settings } of parts) {
    const usable = settings.filter(({ contentType }) => contentKind(contentType) !== 'feature-flag');
    const ordered = usable.toSorted((a, b) => ordinal(a.key, b.key));
    const expanded = expandReferences(ordered, source.selection, snapshots);
    counts.push(expanded.length);
    featureFlags += settings.length - usable.length;
    for (const setting of expanded) {
      const key = mapKey(setting.key, plan.keys);
      winners.set(key, succeed(winners.get(key), setting, source.selector));
    }
  }
  const named = new Map([...selected.entries, ...(plan.vaultSecrets ?? [])]);
  const overridden = [...named.keys()].filter((key) => winners.delete(key)).length;
  const sorted = [...winners].sort(([a], [b]) => ordinal(a, b));
  const entries = sorted.map(([key, { setting }]) => [key, entryOf(setting, plan, vaultSuffixes)] as const);
  const kept = withoutSkipped(new Map([...entries, ...named].sort(([a], [b]) => ordinal(a, b))), plan);
  return {
    ...kept,
    settingKeys: overridden + sorted.filter(([key]) => kept.entries.has(key)).length,
    collisions: [
      ...sorted.flatMap(([key, winner]) => collisionOf(key, winner)),
      ...selected.collisions.filter(({ key }) => plan.vaultSecrets?.has(key) !== true),
    ],
    counts,
    unmatchedEnvironment: isUnmatched(parts, counts),
    featureFlags,
  };
}

/** The setting that gives a final key, and every store key of its selector that led there. */
interface Winner {
  readonly setting: Setting;
  readonly selector: number;
  readonly storeKeys: Set<string>;
}

/** Rivals are added to the set at hand: thousands of keys may become one. */
function succeed(previous: Winner | undefined, setting: Setting, selector: number): Winner {
  const storeKeys = previous?.selector === selector ? previous.storeKeys : new Set<string>();
  return { setting, selector, storeKeys: storeKeys.add(setting.key) };
}

function entryOf(setting: Setting, plan: MergePlan, vaultSuffixes: readonly string[]): Entry {
  const { value, contentType } = setting;
  if (contentKind(contentType) === 'reference') return referenceEntry(setting, plan, vaultSuffixes);
  const plain = { kind: 'value', value: value ?? null } as const;
  return contentType === undefined ? plain : { ...plain, contentType };
}

function referenceEntry(
  { key, value, tags = {} }: Setting,
  { keys, expandJson }: MergePlan,
  vaultSuffixes: readonly string[],
): Entry {
  const parsed = parseReference(value ?? '', vaultSuffixes);
  if (!parsed.ok) return { kind: 'invalid-reference', problem: parsed.problem };
  const { reference } = parsed;
  const type = Object.hasOwn(tags, TYPE_TAG) ? tags[TYPE_TAG] : OPAQUE;
  if (type === TLS) return { kind: 'reference', reference, use: { as: 'certificate' } };
  if (type !== OPAQUE) return { kind: 'invalid-reference', problem: TYPE_PROBLEM };
  const expansion = expansionOf(key, keys, expandJson);
  return {
    kind: 'reference',
    reference,
    ...(expansion === undefined ? {} : { use: { as: 'keys', ...expansion } }),
  };
}

/** Microsoft's provider reads the same tag (learn.microsoft.com/azure/azure-app-configuration/reference-kubernetes-provider). */
const TYPE_TAG = '.kubernetes.secret.type';
const OPAQUE = 'Opaque';
const TYPE_PROBLEM = `its tag ${TYPE_TAG} is neither ${TLS} nor ${OPAQUE}`;

const collisionOf = (key: string, { setting, storeKeys }: Winner): Collision[] =>
  storeKeys.size < 2 ? [] : [{ key, storeKeys: [...storeKeys].sort(ordinal), used: setting.key }];

function isUnmatched(parts: readonly SourceSettings[], counts: readonly number[]): boolean {
  const overlays = counts.filter((_, index) => parts[index]?.source.overlay === true);
  return overlays.length > 0 && overlays.every((count) => count === 0);
}
