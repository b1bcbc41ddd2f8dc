import { identityStatus, type TokenIdentity } from '../domain/identity/identity.ts';
import { referenceUri } from '../domain/secrets/references.ts';
import type { SecretReference } from '../domain/secrets/secret.ts';
import type { ListAnswer, SecretAnswer, VaultAnswer } from '../ports/azure.ts';
import type { PlannedPass } from './pass.ts';

/** One answer of a vault, as it goes into the log. */
interface ReadRecord {
  readonly name: string;
  /** The one that was read; where none was, the one that was asked for. */
  readonly version?: string;
  /** As the vault's own log has it: of another binding's pass where the answer is shared. */
  readonly requestId: string;
  /** `ok`, `cancelled`, or the reason of the failure. */
  readonly outcome: string;
}

/** Container runtimes cut lines at 16 KiB; a record has 100 to 300 bytes. */
export const RECORDS_PER_LINE = 40;

/**
 * Writes down which secrets a binding was given, so that each entry in a vault's log can be led back to bindings.
 *
 * Guarantees: every answer to a request is in a line of each binding that got it, with the id that the request was
 * sent with; what no request was made for is in none. A request that was given up has a record, too: the vault may
 * have answered it all the same.
 */
export function auditReads(
  { logger, requestId }: Pick<PlannedPass, 'logger' | 'requestId'>,
  references: readonly SecretReference[],
  identity: TokenIdentity,
  answers: ReadonlyMap<string, SecretAnswer>,
): void {
  for (const [vault, records] of recordsByVault(references, answers, requestId)) {
    for (let at = 0; at < records.length; at += RECORDS_PER_LINE) {
      const reads = records.slice(at, at + RECORDS_PER_LINE);
      logger.info('Secrets were read from a vault.', {
        requestId,
        identity: identityStatus(identity),
        vault,
        reads,
      });
    }
  }
}

/** The same of the list of a vault: how many secrets it told of, and no name. */
export function auditList(
  { logger, requestId: ownId }: Pick<PlannedPass, 'logger' | 'requestId'>,
  vault: string,
  identity: TokenIdentity,
  answer: ListAnswer,
): void {
  const requestId = requestIdOf(answer, ownId);
  if (requestId === undefined) return;
  const { result } = answer;
  logger.info('The secrets of a vault were listed.', {
    requestId,
    identity: identityStatus(identity),
    vault,
    ...(result.ok ? { listed: result.value.length } : {}),
    outcome: outcomeOf(result),
  });
}

function recordsByVault(
  references: readonly SecretReference[],
  answers: ReadonlyMap<string, SecretAnswer>,
  ownId: string,
): Map<string, ReadRecord[]> {
  const distinct = new Map(references.map((reference) => [referenceUri(reference), reference]));
  const byVault = new Map<string, ReadRecord[]>();
  for (const [uri, reference] of distinct) {
    const answer = answers.get(uri);
    const record = answer && recordOf(reference, answer, ownId);
    if (record) byVault.set(reference.vault, [...(byVault.get(reference.vault) ?? []), record]);
  }
  return byVault;
}

function recordOf(
  { name, version: wanted }: SecretReference,
  answer: SecretAnswer,
  ownId: string,
): ReadRecord | undefined {
  const { result } = answer;
  const id = requestIdOf(answer, ownId);
  if (id === undefined) return undefined;
  const version = result.ok ? result.value.version : wanted;
  return { name, ...(version === undefined ? {} : { version }), requestId: id, outcome: outcomeOf(result) };
}

/** Undefined: no request was made. */
function requestIdOf({ result, requestId }: VaultAnswer<unknown>, ownId: string): string | undefined {
  const givenUp = !result.ok && result.failure.kind === 'cancelled';
  return requestId ?? (givenUp ? ownId : undefined);
}

function outcomeOf(result: VaultAnswer<unknown>['result']): string {
  if (result.ok) return 'ok';
  return result.failure.kind === 'cancelled' ? 'cancelled' : result.failure.reason;
}
