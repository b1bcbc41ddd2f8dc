import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical-json.ts';
import { type CertificateSecret, tlsPair } from '../certificates/tls-pair.ts';
import { blocked, fail, ok, type Result } from '../failure.ts';
import { type Format, isLegalKey } from '../formats/format.ts';
import { isObjectName, showKey, showKeys } from '../keys.ts';
import { type Expansion, expandJson } from '../secrets/expand-json.ts';
import { keysOf, type ReferenceRecord, referenceUri } from '../secrets/references.ts';
import type { SecretReference } from '../secrets/secret.ts';
import { invalidKeys } from '../targets/render.ts';
import { TLS, TLS_CERTIFICATE, TLS_KEY } from '../targets/secret-types.ts';
import type { ReferenceEntry } from './entry.ts';

/**
 * What becomes of the value of a secret: the value of one key, or several keys.
 *
 * Guarantees: the same entry and value give the same content; no text of a value is in a failure.
 * Failure: `blocked` with InvalidSecretValue or InvalidKey.
 */

/** By key of the target. */
export type SecretContent = ReadonlyMap<string, string>;

/** Where the content goes, unless it goes into a Secret of its own. */
export interface ContentHome {
  /** Final keys that other settings give. */
  readonly taken: ReadonlyMap<string, unknown>;
  /** Absent: no Secret is asked for. */
  readonly secret?: { readonly name: string; readonly format: Format };
}

export function contentOf(
  key: string,
  { reference, use }: ReferenceEntry,
  secret: CertificateSecret,
  home: ContentHome,
): Result<SecretContent> {
  switch (use?.as) {
    case undefined:
      return ok(new Map([[key, secret.value]]));
    case 'keys':
      return keysContent(key, reference, use, secret.value, home);
    case 'certificate':
      return certificateContent(key, reference, secret, home);
  }
}

function keysContent(
  key: string,
  reference: SecretReference,
  expansion: Expansion,
  value: string,
  { taken, secret }: ContentHome,
): Result<SecretContent> {
  const remedy = 'correct the secret, or spec.keyVault.expandJson';
  const expanded = expandJson(value, expansion);
  if (!expanded.ok) return unfit(reference, `is to be expanded and ${expanded.problem}`, remedy);
  const keys = [...expanded.content.keys()];
  const twice = keys.filter((one) => one !== key && taken.has(one));
  if (twice.length > 0)
    return unfit(
      reference,
      `is to be expanded and gives ${showKeys(twice)}, which another setting gives, too`,
      remedy,
    );
  const illegal = secret === undefined ? [] : keys.filter((one) => !isLegalKey(one, secret.format));
  if (secret === undefined || illegal.length === 0) return ok(expanded.content);
  return fail(invalidKeys(illegal, secret.format, `Secret ${secret.name}`));
}

function certificateContent(
  key: string,
  reference: SecretReference,
  secret: CertificateSecret,
  home: ContentHome,
): Result<SecretContent> {
  if (!isObjectName(key))
    return nameless(key, 'is no name of a Kubernetes object (lower case letters, digits, "-" and ".")');
  if (key === home.secret?.name) return nameless(key, 'is the name in spec.target.secret');
  const pair = tlsPair(secret);
  if (!pair.ok)
    return unfit(
      reference,
      `is to be a certificate and ${pair.problem}`,
      'correct the secret, or the tag of the reference',
    );
  const { certificates, key: privateKey } = pair.value;
  return ok(
    new Map([
      [TLS_CERTIFICATE, certificates],
      [TLS_KEY, privateKey],
    ]),
  );
}

const nameless = (key: string, problem: string) =>
  fail(
    blocked(
      'InvalidKey',
      `the Secret of a certificate is named after its key, and ${showKey(key)} ${problem}: change the key with spec.keys.trimPrefixes or spec.keys.replace, or in the store`,
    ),
  );

const unfit = ({ vault, name }: SecretReference, problem: string, remedy: string) =>
  fail(blocked('InvalidSecretValue', `secret ${name} of ${vault} ${problem}: ${remedy}`));

/** Whether what is recorded is what `entry` asks for, under keys that nothing else gives. */
export function isFor(
  record: ReferenceRecord | undefined,
  [key, entry]: readonly [string, ReferenceEntry],
  taken: ReadonlyMap<string, unknown>,
): boolean {
  if (record?.reference !== referenceUri(entry.reference) || record.made?.by !== wayOf(entry)) return false;
  if (!isAsListed(record, entry)) return false;
  return entry.use?.as !== 'keys' || keysOf(key, record).every((one) => one === key || !taken.has(one));
}

/** A list tells whether a secret has changed without its value. */
const isAsListed = ({ updatedAt }: ReferenceRecord, { listed }: ReferenceEntry): boolean =>
  listed?.updatedAt === updatedAt && listed?.doubtful !== true;

/** How content is made of a value; undefined for the value itself. Equal for equal ways. */
export function wayOf({ use }: ReferenceEntry): string | undefined {
  if (use === undefined) return undefined;
  if (use.as === 'certificate') return TLS;
  const { key, separator, rules } = use;
  const replace = rules.replace.map(({ from, to }) => [from, to] as const);
  const way = canonicalJson([key, separator, rules.trimPrefixes, replace]);
  return `json:${createHash('sha256').update(way).digest('hex').slice(0, 16)}`;
}

/** Whether what was read is a certificate, in a Secret of its own. */
export const isCertificate = ({ made }: Pick<ReferenceRecord, 'made'>): boolean => made?.by === TLS;

/** One text for digests: the value itself, or keys and values together. */
export const contentText = (way: string | undefined, content: SecretContent): string =>
  way === undefined ? ([...content.values()][0] ?? '') : JSON.stringify([...content].sort());
