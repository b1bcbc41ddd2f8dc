import type { BindingSpec } from '../../api/schema.ts';
import type { Collision } from '../content/collision.ts';
import { isFor } from '../content/secret-content.ts';
import { withoutSkipped } from '../content/skipped.ts';
import { blocked, type Failure, ok, type Result } from '../failure.ts';
import { firstClauses } from '../first-few.ts';
import { mapKey, ordinal, showText } from '../keys.ts';
import { type ReferenceRecords, referenceOf } from '../secrets/references.ts';
import type { ListedSecret } from '../secrets/secret.ts';
import type { PlannedKeys, PlannedTargets } from '../targets/plan-targets.ts';
import { useOf, type VaultSecretRules, type VaultSecrets, vaultHost } from './vault-secrets.ts';

/**
 * Secrets of a vault that are selected by its list.
 *
 * Guarantees: which secrets are selected, and the key of each, follows from the lists alone, in whatever order a vault
 * gives them. What is disabled could not be read, and what belongs to a certificate is of no use as a text: neither
 * is selected.
 */
export interface VaultSelection {
  /** Host, lower case. */
  readonly vault: string;
  readonly prefix?: string;
  /** In ordinal order of their names. */
  readonly tags: readonly (readonly [name: string, value: string])[];
}

/** In order: later wins. */
export function planVaultSelections(
  wanted: NonNullable<BindingSpec['keyVault']>['all'],
  rules: VaultSecretRules,
): Result<readonly VaultSelection[]> {
  const planned: VaultSelection[] = [];
  for (const [index, { vault, prefix, tags = {} }] of (wanted ?? []).entries()) {
    const host = vaultHost(vault, rules, `spec.keyVault.all[${index}]`);
    if (!host.ok) return host;
    planned.push({
      vault: host.value,
      ...(prefix === undefined ? {} : { prefix }),
      tags: Object.entries(tags).toSorted(([a], [b]) => ordinal(a, b)),
    });
  }
  return ok(planned);
}

/** Equal for equal selections. */
export const vaultSelectionParts = ({ vault, prefix, tags }: VaultSelection) =>
  [vault, prefix ?? null, tags] as const;

/** What the selections of a binding give. */
export interface SelectedSecrets {
  /** By final key. */
  readonly entries: VaultSecrets;
  readonly collisions: readonly Collision[];
}

export const NONE_SELECTED: SelectedSecrets = { entries: new Map(), collisions: [] };

export interface SelectionRules extends Pick<VaultSecretRules, 'keys' | 'expandJson'> {
  /**
   * A vault tells times in seconds: a version that was made in the same second as one that was read cannot be told from
   * it. Secrets that changed at this time or later are read again (milliseconds since the epoch).
   */
  readonly doubtfulSince: number;
}

/** `lists` by vault. */
export function selectSecrets(
  selections: readonly VaultSelection[],
  lists: ReadonlyMap<string, readonly ListedSecret[]>,
  rules: SelectionRules,
): SelectedSecrets {
  const entries = new Map<string, SelectedEntry>();
  const rivals = new Map<string, Collision>();
  for (const selection of selections) {
    const { vault } = selection;
    const selected = (lists.get(vault) ?? []).filter((secret) => isSelected(secret, selection));
    for (const [key, names] of byKey(selected, rules)) {
      const secret = names.at(-1);
      if (secret === undefined) continue;
      entries.set(key, entryOf(vault, secret, rules));
      rivals.delete(key);
      const storeKeys = names.map(({ name }) => name);
      if (names.length > 1) rivals.set(key, { key, storeKeys, used: secret.name, in: vault });
    }
  }
  return { entries, collisions: [...rivals.values()] };
}

type SelectedEntry = VaultSecrets extends ReadonlyMap<string, infer E> ? E : never;

/** Content types of certificates with their keys, also of those that were put there as secrets. */
const CERTIFICATES = new Set(['application/x-pkcs12', 'application/x-pem-file']);

function isSelected(
  { name, enabled, managed, contentType = '', tags: given }: ListedSecret,
  { prefix = '', tags }: VaultSelection,
): boolean {
  if (!enabled || managed || CERTIFICATES.has(contentType.toLowerCase())) return false;
  return name.startsWith(prefix) && tags.every(([tag, value]) => tagOf(given, tag) === value);
}

const tagOf = (tags: ListedSecret['tags'], name: string): string | undefined =>
  Object.hasOwn(tags, name) ? tags[name] : undefined;

/** Secrets of each final key, in ordinal order of their names; the last one is used. */
function byKey(
  secrets: readonly ListedSecret[],
  { keys }: SelectionRules,
): ReadonlyMap<string, readonly ListedSecret[]> {
  const ordered = secrets.toSorted((a, b) => ordinal(a.name, b.name));
  return Map.groupBy(ordered, ({ name }) => mapKey(name, keys));
}

function entryOf(
  vault: string,
  { name, updatedAt }: ListedSecret,
  { doubtfulSince, ...rules }: SelectionRules,
): SelectedEntry {
  return {
    kind: 'reference',
    reference: { vault, name },
    ...useOf(name, undefined, rules),
    listed: { updatedAt, doubtful: updatedAt >= doubtfulSince },
  };
}

/** What lists gave when `records` were made: of one that no list tells about, the time of change is not recorded. */
export function recordedSecrets(
  records: ReferenceRecords,
  rules: Pick<VaultSecretRules, 'keys' | 'expandJson'>,
): SelectedSecrets {
  const entries = new Map<string, SelectedEntry>();
  for (const [key, { reference: uri, updatedAt }] of records) {
    const reference = updatedAt === undefined ? undefined : referenceOf(uri);
    if (reference === undefined || updatedAt === undefined) continue;
    const listed = { updatedAt, doubtful: false };
    entries.set(key, { kind: 'reference', reference, ...useOf(reference.name, undefined, rules), listed });
  }
  return { entries, collisions: [] };
}

/** Of what was selected, what the binding writes: not what it names itself, nor keys that no target can hold. */
export function listedEntries(
  plan: PlannedTargets & { readonly keys: PlannedKeys; readonly vaultSecrets: VaultSecrets },
  { entries }: SelectedSecrets,
): VaultSecrets {
  const kept = withoutSkipped(entries, plan).entries;
  return new Map([...entries].filter(([key]) => kept.has(key) && !plan.vaultSecrets.has(key)));
}

/** Whether `records` hold what the lists give, as it last changed. What is doubtful counts as it was recorded. */
export function sameSelection(listed: VaultSecrets, records: ReferenceRecords): boolean {
  const recorded = [...records.values()].filter(({ updatedAt }) => updatedAt !== undefined);
  return (
    recorded.length === listed.size &&
    [...listed].every(([key, { listed: told, ...entry }]) => {
      const settled = told && { ...told, doubtful: false };
      return isFor(records.get(key), [key, { ...entry, ...(settled && { listed: settled }) }], NOTHING_TAKEN);
    })
  );
}

/** Keys that others give were looked at when the records were made. */
const NOTHING_TAKEN: ReadonlyMap<string, unknown> = new Map();

const SHOWN = 10;

/** A typing error in a prefix must not empty a Secret. */
export function nothingSelected(selections: readonly VaultSelection[]): Failure {
  const wanted = firstClauses(selections.map(described), SHOWN);
  return blocked(
    'EmptySelection',
    `no secret matches (${wanted}); the targets are left as they are: correct spec.keyVault.all, or set spec.allowEmpty: true if this is meant`,
  );
}

function described({ vault, prefix, tags }: VaultSelection): string {
  const named = prefix === undefined ? '' : `, prefix ${showText(prefix, 127)}`;
  return `${vault}${named}${tags.map(([tag, value]) => `, tag ${showText(tag, 256)} = ${showText(value, 256)}`).join('')}`;
}
