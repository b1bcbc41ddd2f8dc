import type { Failure } from '../../domain/failure.ts';
import { remediesOf } from '../../domain/remedies/remedy.ts';
import { groupRound } from '../../domain/schedule.ts';
import type { Dependencies } from '../dependencies.ts';
import type { ReferenceTrouble } from '../memory.ts';
import type { PlannedPass } from '../pass.ts';
import type { Fetched } from './fetch.ts';
import type { Readers } from './identify.ts';
import type { Resolved } from './outcome.ts';
import { nextSecrets } from './read-secrets.ts';
import { resolve } from './resolve.ts';
import type { LastValues } from './trusted.ts';

/** Resolves the references of a binding and remembers when which of them are due again. */
export async function resolveSecrets(
  pass: PlannedPass,
  readers: Readers,
  { merged }: Fetched,
  last: LastValues,
  due: boolean,
  deps: Dependencies,
): Promise<Resolved> {
  const { memory, now } = pass;
  const everything = due || now >= (memory.secretsDueAt ?? 0) || nothingIsKept(pass);
  const retry = memory.trouble.kind === 'failed' ? memory.trouble.keys : new Set<string>();
  const resolved = await resolve(
    pass,
    readers,
    { entries: merged.entries, last, due: everything, retry },
    deps,
  );
  if (pass.signal.aborted) return resolved;
  if (everything || last.contents.size === 0) memory.secretsDueAt = nextSecrets(pass, readers);
  memory.trouble = troubleOf(pass, readers, resolved);
  return resolved;
}

/** What an earlier pass read was not written, or is not known to be. */
const nothingIsKept = ({ plan, memory: { trouble } }: PlannedPass): boolean =>
  trouble.kind === 'unknown' || (trouble.kind === 'failed' && plan.onReferenceError === 'Fail');

function troubleOf(pass: PlannedPass, readers: Readers, resolved: Resolved): ReferenceTrouble {
  const { failed, unresolved } = resolved;
  const [first] = failed;
  if (first === undefined) return { kind: 'none' };
  // One that someone must act on before one that may pass.
  const worst = failed.find(({ failure }) => failure.kind === 'blocked') ?? first;
  const others = failed.length > 1 ? ` (and ${failed.length - 1} more of the references)` : '';
  const failure = withAllRemedies(
    prefixed(worst.failure, `${stillness(pass, resolved)}key ${JSON.stringify(worst.key)}${others}`),
    failed,
  );
  const keys = new Set(failed.map(({ key }) => key));
  const dueAt = retryAt(pass, readers, failed);
  return { kind: 'failed', keys, unresolved: unresolved.size > 0, failure, dueAt };
}

/** Why one failure stops everything, where the spec does not say so. */
const stillness = ({ plan: { secret } }: PlannedPass, { untold }: Resolved): string =>
  secret === undefined || untold.size === 0
    ? ''
    : `Secret ${secret.name} does not record what its values were read for, so nothing is written until each can be read: `;

const prefixed = (failure: Failure, whose: string): Failure =>
  'message' in failure ? { ...failure, message: `${whose}: ${failure.message}` } : failure;

/** One failure is told, but all are to be repaired. */
function withAllRemedies(failure: Failure, failed: Resolved['failed']): Failure {
  const remedies = remediesOf(failed.map((one) => one.failure));
  return failure.kind === 'blocked' && remedies.length > 0 ? { ...failure, remedies } : failure;
}

/**
 * When failed references are tried again: not before the vault said, else at the refresh interval, together with the
 * other bindings of the group: what one of them may not read the others may not read either.
 */
function retryAt({ plan, now, key }: PlannedPass, readers: Readers, failed: Resolved['failed']): number {
  const asked = failed.map(({ failure }) => ('retryAfterMs' in failure ? (failure.retryAfterMs ?? 0) : 0));
  return Math.max(groupRound(now, plan.refreshIntervalMs, readers.group, key), now + Math.max(...asked));
}
