import type { Entry, ReferenceEntry } from '../../domain/content/entry.ts';
import { contentOf, isFor, type SecretContent } from '../../domain/content/secret-content.ts';
import { fail, ok, type Result } from '../../domain/failure.ts';
import { referenceUri } from '../../domain/secrets/references.ts';
import type { SecretValue } from '../../domain/secrets/secret.ts';
import { withPlace } from '../../domain/vaults/reference-places.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';
import type { Readers } from './identify.ts';
import { invalidReference, Outcome, type Resolved } from './outcome.ts';
import { readSecrets } from './read-secrets.ts';
import { isWhole, type LastValues, lastContents, type Trusted, trustedContents } from './trusted.ts';

/**
 * Every Key Vault reference becomes a value, several values, or a failure that stops no other reference.
 *
 * Guarantees: a value is taken over from the target Secret only if its keyed digest proves that it is what was
 * read for this very reference; a failed reference keeps what stands for it, only for the same vault and secret name.
 * Failure: `unresolved` keys never had a value; nothing is created for the first time while there are any. Of `untold`
 * keys that is not known; nothing is written while there are any.
 */
interface Request {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly last: LastValues;
  /** Unpinned references are due: their values may not be taken over. */
  readonly due: boolean;
  /** Nor those of these keys, whose last read failed. */
  readonly retry: ReadonlySet<string>;
}

export async function resolve(
  pass: PlannedPass,
  readers: Readers,
  request: Request,
  deps: Pick<Dependencies, 'secretsSource' | 'hashKey' | 'clock'>,
): Promise<Resolved> {
  const { hashKey } = deps;
  const trusted = trustedContents(request.last, hashKey);
  const references = [...request.entries].flatMap(([key, entry]) =>
    entry.kind === 'reference' ? [[key, entry] as const] : [],
  );
  const isKept = (one: Referenced) =>
    !request.retry.has(one[0]) &&
    readers.vault(one[1].reference.vault).ok &&
    reusable(trusted.get(one[0]), one, { ...request, asked: pass.refreshRequested });
  const toRead = references.filter((one) => !isKept(one));
  const answers = await readSecrets(
    pass,
    toRead.map(([, { reference }]) => reference),
    readers,
    deps,
  );
  const last = lastContents(request.last, trusted, hashKey);
  const outcome = new Outcome(hashKey, last, request.last.mayHold);
  for (const [key, entry] of request.entries) {
    if (entry.kind === 'invalid-reference') outcome.refuse(key, invalidReference(entry.problem));
  }
  const read = new Set(toRead.map(([key]) => key));
  for (const [key, entry] of references) {
    const answer = read.has(key) ? answers.get(referenceUri(entry.reference)) : undefined;
    if (answer === undefined) outcome.reuse(key);
    else settle(outcome, key, entry, made(pass, key, entry, answer, request.entries));
  }
  return outcome.resolved();
}

type Referenced = readonly [key: string, entry: ReferenceEntry];

interface MadeSecret {
  readonly secret: SecretValue;
  readonly content: SecretContent;
}

function made(
  { plan }: PlannedPass,
  key: string,
  entry: ReferenceEntry,
  answer: Result<SecretValue>,
  taken: Request['entries'],
): Result<MadeSecret> {
  if (!answer.ok) return fail(withPlace(answer.failure, [key, entry], plan));
  const { secret } = plan;
  const content = contentOf(key, entry, answer.value, { taken, ...(secret === undefined ? {} : { secret }) });
  return content.ok ? ok({ secret: answer.value, content: content.value }) : fail(content.failure);
}

function settle(outcome: Outcome, key: string, entry: ReferenceEntry, result: Result<MadeSecret>): void {
  if (result.ok) outcome.take(key, entry, result.value.secret, result.value.content);
  else outcome.fail(key, entry, result.failure);
}

/**
 * A pinned version never changes, the newest one until it is due. One that a list tells about is due when that says so,
 * and when someone asks for a refresh. What another reference has given until now may have to be read.
 */
function reusable(
  last: Trusted | undefined,
  one: Referenced,
  { due, asked, entries }: Request & { readonly asked: boolean },
): boolean {
  const { reference, listed } = one[1];
  const isDue = reference.version === undefined && (listed === undefined ? due : asked);
  return !isDue && last !== undefined && isWhole(one[0], last) && isFor(last.record, one, entries);
}
