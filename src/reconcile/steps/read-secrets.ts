import type { Result } from '../../domain/failure.ts';
import type { Identity } from '../../domain/identity.ts';
import { groupRound } from '../../domain/schedule.ts';
import type { SecretReference, SecretValue } from '../../domain/settings.ts';
import { auditReads } from '../audit.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';

/** By `referenceUri`. */
export type Answers = ReadonlyMap<string, Result<SecretValue>>;

/**
 * Reads secrets for a binding, shared with others of its identity.
 *
 * Guarantees: the binding never goes back in time, and never gets a failure twice whose cause was repaired: all
 * answers are to requests that began after its last answers came. A refresh that someone asks for gets only answers
 * to requests that begin after it. Each answer is in the log (`audit.ts`).
 */
export async function readSecrets(
  pass: PlannedPass,
  references: readonly SecretReference[],
  identity: Identity,
  { secretsSource, clock }: Pick<Dependencies, 'secretsSource' | 'clock'>,
): Promise<Answers> {
  const { memory, signal, refreshRequested, requestId } = pass;
  const oldest = refreshRequested ? Infinity : memory.vaultsAnsweredAt + 1;
  const answers = await secretsSource.read(references, identity, { signal, oldest, requestId });
  // Not when they were asked: of two requests that overlap the later one may have seen the older value.
  if (answers.size > 0) memory.vaultsAnsweredAt = clock.now();
  auditReads(pass, references, identity, answers);
  return new Map([...answers].map(([uri, { result }]) => [uri, result]));
}

/** When unpinned references are read again: all bindings of an identity together. */
export const nextSecrets = ({ now, plan, key }: PlannedPass, identity: Identity): number =>
  groupRound(now, plan.secretsIntervalMs, identity.key, key);

/** Sets the first round of a binding, also after a restart; later an edit may have made the interval shorter. */
export function scheduleSecrets(pass: PlannedPass, identity: Identity): void {
  const { memory, now, plan } = pass;
  const due = memory.secretsDueAt ?? Infinity;
  if (due > now + plan.secretsIntervalMs) memory.secretsDueAt = nextSecrets(pass, identity);
}
