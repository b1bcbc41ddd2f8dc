import { createHash } from 'node:crypto';
import { expandJson } from './expand-json.ts';
import { blocked, fail, ok, type Result } from './failure.ts';
import { type Format, isLegalKey } from './formats/format.ts';
import { canonicalJson } from './hash.ts';
import { showKeys } from './keys.ts';
import type { Entry } from './merge.ts';
import { keysOf, type ReferenceRecord, referenceUri } from './references.ts';
import { invalidKeys } from './render.ts';
import type { SecretReference } from './settings.ts';

/**
 * What becomes of the value of a secret: the value of one key, or several keys.
 *
 * Guarantees: the same entry and value give the same content; no text of a value is in a failure.
 * Failure: `blocked` with InvalidSecretValue or InvalidKey.
 */
export type ReferenceEntry = Extract<Entry, { kind: 'reference' }>;

/** By key of the target. */
export type SecretContent = ReadonlyMap<string, string>;

/** Where the content goes. */
export interface ContentHome {
  /** Final keys that other settings give. */
  readonly taken: ReadonlyMap<string, unknown>;
  readonly target: string;
  readonly format: Format;
}

export function contentOf(
  key: string,
  { reference, expansion }: ReferenceEntry,
  value: string,
  { taken, target, format }: ContentHome,
): Result<SecretContent> {
  if (expansion === undefined) return ok(new Map([[key, value]]));
  const expanded = expandJson(value, expansion);
  if (!expanded.ok) return fail(unfit(reference, expanded.problem));
  const keys = [...expanded.content.keys()];
  const twice = keys.filter((one) => one !== key && taken.has(one));
  if (twice.length > 0)
    return fail(unfit(reference, `gives ${showKeys(twice)}, which another setting gives, too`));
  const illegal = keys.filter((one) => !isLegalKey(one, format));
  return illegal.length > 0 ? fail(invalidKeys(illegal, format, target)) : ok(expanded.content);
}

const unfit = ({ vault, name }: SecretReference, problem: string) =>
  blocked(
    'InvalidSecretValue',
    `secret ${name} of ${vault} is to be expanded and ${problem}: correct the secret, or spec.keyVault.expandJson`,
  );

/** Whether what is recorded is what `entry` asks for, under keys that nothing else gives. */
export function isFor(
  record: ReferenceRecord | undefined,
  [key, entry]: readonly [string, ReferenceEntry],
  taken: ReadonlyMap<string, unknown>,
): boolean {
  if (record?.reference !== referenceUri(entry.reference) || record.made?.by !== wayOf(entry)) return false;
  return keysOf(key, record).every((one) => one === key || !taken.has(one));
}

/** How content is made of a value; undefined for the value itself. Equal for equal ways. */
export function wayOf({ expansion }: ReferenceEntry): string | undefined {
  if (expansion === undefined) return undefined;
  const { key, separator, rules } = expansion;
  const replace = rules.replace.map(({ from, to }) => [from, to] as const);
  const way = canonicalJson([key, separator, rules.trimPrefixes, replace]);
  return `json:${createHash('sha256').update(way).digest('hex').slice(0, 16)}`;
}

/** One text for digests: the value itself, or keys and values together. */
export const contentText = (way: string | undefined, content: SecretContent): string =>
  way === undefined ? ([...content.values()][0] ?? '') : JSON.stringify([...content].sort());
