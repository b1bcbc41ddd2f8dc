import type { Result } from '../../domain/failure.ts';
import type { Identity } from '../../domain/identity.ts';
import { groupRound } from '../../domain/schedule.ts';
import type { ReadSecret, SecretReference } from '../../domain/settings.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';

/** By `referenceUri`. */
export type Answers = ReadonlyMap<string, Result<ReadSecret>>;

/**
 * Reads secrets for a binding, shared with others of its identity.
 *
 * Guarantees: the binding never goes back in time: no answer is older than one it had before. A refresh that someone
 * asks for, and a repeat after a failure, get nothing that was read before.
 */
export async function readSecrets(
  { memory, signal, refreshRequested }: PlannedPass,
  references: readonly SecretReference[],
  identity: Identity,
  { secretsSource, clock }: Pick<Dependencies, 'secretsSource' | 'clock'>,
): Promise<Answers> {
  const oldest = refreshRequested ? Infinity : memory.secretsSeenAt;
  const answers = await secretsSource.read(references, identity, { signal, oldest });
  // A failure has no time of its own; whoever repaired its cause meanwhile must not get it again.
  const seen = [...answers.values()].map((answer) => (answer.ok ? answer.value.readAt : clock.now() + 1));
  memory.secretsSeenAt = Math.max(memory.secretsSeenAt, ...seen);
  return answers;
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
