import type { Result } from '../../domain/failure.ts';
import type { TokenIdentity } from '../../domain/identity/identity.ts';
import { groupRound } from '../../domain/schedule.ts';
import { type ReferenceRecords, referenceOf, referenceUri } from '../../domain/secrets/references.ts';
import type { SecretReference, SecretValue } from '../../domain/secrets/secret.ts';
import { auditReads } from '../audit.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';
import type { Readers } from './identify.ts';
import { leftUnwritten } from './unwritten.ts';

/** By `referenceUri`. */
export type Answers = ReadonlyMap<string, Result<SecretValue>>;

/**
 * Reads secrets for a binding, each vault as its reader and shared with others of that identity.
 *
 * Guarantees: the binding never goes back in time, and never gets a failure twice whose cause was repaired: all
 * answers are to requests that began after its last answers came. A refresh that someone asks for gets only answers
 * to requests that begin after it. Each answer is in the log (`audit.ts`). What has no reader is answered with the
 * reason, and asks nobody.
 */
export async function readSecrets(
  pass: PlannedPass,
  references: readonly SecretReference[],
  readers: Readers,
  { secretsSource, clock }: Pick<Dependencies, 'secretsSource' | 'clock'>,
): Promise<Answers> {
  const { memory, signal, refreshRequested, requestId } = pass;
  const oldest = refreshRequested ? Infinity : memory.vaultsAnsweredAt + 1;
  const read = async ({ references: wanted, reader }: Task) => {
    const answers = await secretsSource.read(wanted, reader, { signal, oldest, requestId });
    // Not when they were asked: of two requests that overlap the later one may have seen the older value.
    if (answers.size > 0) memory.vaultsAnsweredAt = clock.now();
    auditReads(pass, wanted, reader, answers);
    return [...answers].map(([uri, { result }]) => [uri, result] as const);
  };
  const { refused, tasks } = assign(references, readers);
  return new Map([...refused, ...(await Promise.all(tasks.map(read))).flat()]);
}

interface Task {
  readonly reader: TokenIdentity;
  readonly references: SecretReference[];
}

/** Who reads which references; those that nobody reads, with the reason. */
function assign(
  references: readonly SecretReference[],
  readers: Readers,
): { readonly refused: Answers; readonly tasks: readonly Task[] } {
  const refused = new Map<string, Result<SecretValue>>();
  const tasks = new Map<string, Task>();
  for (const reference of references) {
    const reader = readers.vault(reference.vault);
    if (!reader.ok) {
      refused.set(referenceUri(reference), reader);
      continue;
    }
    const task = tasks.get(reader.value.key) ?? { reader: reader.value, references: [] };
    task.references.push(reference);
    tasks.set(reader.value.key, task);
  }
  return { refused, tasks: [...tasks.values()] };
}

/** Every vault has a reader. One that was read may be allowed no longer, and its secrets may never be due. */
export const mayBeRead = (records: ReferenceRecords, readers: Readers): boolean =>
  [...records.values()].every(({ reference }) => {
    const vault = referenceOf(reference)?.vault;
    return vault === undefined || readers.vault(vault).ok;
  });

/** When unpinned references are read again: all bindings of a group together. */
export const nextSecrets = ({ now, plan, key }: PlannedPass, { group }: Readers): number =>
  groupRound(now, plan.secretsIntervalMs, group, key);

/** Sets the first round of a binding, also after a restart; later an edit may have made the interval shorter. */
export function scheduleSecrets(pass: PlannedPass, readers: Readers): void {
  const { memory, now, plan, previous } = pass;
  if (memory.secretsDueAt === undefined && leftUnwritten(previous)) memory.secretsDueAt = now;
  const due = memory.secretsDueAt ?? Infinity;
  if (due > now + plan.secretsIntervalMs) memory.secretsDueAt = nextSecrets(pass, readers);
}
