import type { Failure } from '../../domain/failure.ts';
import type { Identity } from '../../domain/identity.ts';
import { groupRound } from '../../domain/schedule.ts';
import type { Dependencies } from '../dependencies.ts';
import type { ReferenceTrouble } from '../memory.ts';
import type { PlannedPass } from '../pass.ts';
import type { Fetched } from './fetch.ts';
import { nextSecrets } from './read-secrets.ts';
import { type LastValues, type Resolved, resolve } from './resolve.ts';

/** Resolves the references of a binding and remembers when which of them are due again. */
export async function resolveSecrets(
  pass: PlannedPass,
  identity: Identity,
  { merged }: Fetched,
  last: LastValues,
  due: boolean,
  deps: Dependencies,
): Promise<Resolved> {
  const { memory, now } = pass;
  const everything = due || now >= (memory.secretsDueAt ?? 0) || memory.trouble.kind === 'unknown';
  const retry = memory.trouble.kind === 'failed' ? memory.trouble.keys : new Set<string>();
  const resolved = await resolve(
    pass,
    identity,
    { entries: merged.entries, last, due: everything, retry },
    deps,
  );
  if (pass.signal.aborted) return resolved;
  if (everything || last.records.size === 0) memory.secretsDueAt = nextSecrets(pass, identity);
  memory.trouble = troubleOf(pass, identity, resolved);
  return resolved;
}

function troubleOf(
  pass: PlannedPass,
  identity: Identity,
  { failed, unresolved }: Resolved,
): ReferenceTrouble {
  const [first] = failed;
  if (first === undefined) return { kind: 'none' };
  // One that someone must act on before one that may pass.
  const worst = failed.find(({ failure }) => failure.kind === 'blocked') ?? first;
  const others = failed.length > 1 ? ` (and ${failed.length - 1} more of the references)` : '';
  const failure = prefixed(worst.failure, `key ${JSON.stringify(worst.key)}${others}`);
  const keys = new Set(failed.map(({ key }) => key));
  const dueAt = retryAt(pass, identity, failed);
  return { kind: 'failed', keys, unresolved: unresolved.size > 0, failure, dueAt };
}

const prefixed = (failure: Failure, whose: string): Failure =>
  'message' in failure ? { ...failure, message: `${whose}: ${failure.message}` } : failure;

/**
 * When failed references are tried again: not before the vault said, else at the refresh interval, together with the
 * other bindings of the identity: what one of them may not read the others may not read either.
 */
function retryAt({ plan, now, key }: PlannedPass, identity: Identity, failed: Resolved['failed']): number {
  const asked = failed.map(({ failure }) => ('retryAfterMs' in failure ? (failure.retryAfterMs ?? 0) : 0));
  return Math.max(groupRound(now, plan.refreshIntervalMs, identity.key, key), now + Math.max(...asked));
}
