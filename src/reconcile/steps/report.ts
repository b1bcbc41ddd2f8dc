import type { Condition } from '../../api/conditions.ts';
import type { AppConfigBinding } from '../../api/schema.ts';
import { type Failure, ok, type Result } from '../../domain/failure.ts';
import type { Claim } from '../../domain/status/conditions.ts';
import { mergePatch } from '../../domain/status/merge-patch.ts';
import { nextStatus } from '../../domain/status/status.ts';
import { dispositionOf, TRANSIENT_LIMIT } from '../../domain/status/verdict.ts';
import { NOWHERE, originOf } from '../../domain/vaults/vault-secrets.ts';
import type { Dependencies } from '../dependencies.ts';
import type { Deed, Ended } from '../ended.ts';
import { BINDING } from '../kinds.ts';
import { fromKubernetes } from '../kubernetes-failures.ts';
import { newest, withoutManagedFields } from '../newest.ts';
import type { Pass, PlannedPass } from '../pass.ts';

/**
 * Tells what was done, writes the status if it changed, and then tells what newly went wrong.
 *
 * Guarantees: nothing is written when nothing changed. The patch holds only what changed and stands on the
 * version it was computed from: whoever wrote in between makes it a conflict, and the pass is run again.
 */
export async function report(
  begun: Pass,
  planned: PlannedPass | undefined,
  ended: Ended & { readonly stale?: Claim },
  deps: Dependencies,
): Promise<Result<undefined>> {
  const { verdict } = ended;
  // What was done was done, whether or not the status can say so: the next pass does not find it again.
  for (const deed of ended.deeds) record(begun, 'Normal', deed, deps);
  if (verdict.kind === 'failed' && (SAID_NOTHING.has(verdict.failure.kind) || wantsPause(verdict)))
    return ok(undefined);
  const pass = afterOwnWrites(begun);
  const status = nextStatus({
    ...ended,
    previous: pass.previous,
    origin: planned === undefined ? NOWHERE : originOf(planned.plan),
    generation: pass.binding.metadata.generation ?? 0,
    cloud: deps.settings.cloud,
    now: pass.now,
  });
  const change = mergePatch(pass.previous, status);
  if (change !== undefined) {
    const written = await writeStatus(pass, change, deps);
    if (!written.ok) return written;
  }
  tellTransitions(pass, ended, status.conditions ?? [], deps);
  return ok(undefined);
}

/** A pass cut short knows nothing of the spec it was about; the next one follows at once. */
const SAID_NOTHING: ReadonlySet<Failure['kind']> = new Set(['cancelled', 'conflict']);

/** An API server that asked for a pause gets it, until it has asked too often for the binding to keep silent. */
const wantsPause = ({ failure, transientInARow }: Extract<Ended['verdict'], { kind: 'failed' }>): boolean =>
  failure.kind === 'throttled' &&
  failure.reason === 'KubernetesUnavailable' &&
  transientInARow < TRANSIENT_LIMIT;

/** A pass may have written names into the status already; what it writes now stands on that. */
function afterOwnWrites(pass: Pass): Pass {
  const binding = newest(pass.binding, pass.memory.written);
  return binding === pass.binding ? pass : { ...pass, binding, previous: binding.status ?? {} };
}

async function writeStatus(pass: Pass, change: unknown, { kube }: Dependencies): Promise<Result<undefined>> {
  const { uid, name, namespace, signal, memory } = pass;
  const { resourceVersion } = pass.binding.metadata;
  const patch = { metadata: { uid, resourceVersion }, status: change };
  const ref = { type: BINDING, namespace, name };
  const patched = await kube.mergePatch<AppConfigBinding>(ref, patch, { subresource: 'status', signal });
  const result = fromKubernetes(patched, `writing the status of AppConfigBinding ${pass.key}`);
  if (!result.ok) return result;
  memory.written = withoutManagedFields(result.value);
  return ok(undefined);
}

/**
 * One event per change of mind: a reason that a condition did not have before. That a new binding is Ready follows
 * from the event of its targets' creation and is not told again.
 */
function tellTransitions(
  pass: Pass,
  { deeds, verdict }: Ended,
  conditions: readonly Condition[],
  deps: Dependencies,
): void {
  const before = new Map((pass.previous.conditions ?? []).map((condition) => [condition.type, condition]));
  const news = conditions.filter(({ type, status, reason }) => {
    const known = before.get(type);
    return known?.status !== status || known.reason !== reason;
  });
  const ready = news.find(({ type }) => type === 'Ready');
  const lasting = verdict.kind !== 'failed' || dispositionOf(verdict.failure, verdict.transientInARow).event;
  const evident = !before.has('Ready') && deeds.some(({ reason }) => reason === 'TargetCreated');
  if (ready?.status === 'True' && !evident) record(pass, 'Normal', told(ready, 'Reconcile'), deps);
  else if (ready !== undefined && ready.status !== 'True' && lasting)
    record(pass, 'Warning', told(ready, 'Reconcile'), deps);
  for (const condition of news) {
    if (
      TOLD.has(condition.type) &&
      condition.status === (condition.type === 'RolloutsComplete' ? 'False' : 'True')
    ) {
      const moving = condition.reason === 'RolloutsProgressing';
      if (!moving) record(pass, 'Warning', told(condition, 'Reconcile'), deps);
    }
  }
}

const TOLD: ReadonlySet<Condition['type']> = new Set(['Warning', 'Stale', 'RolloutsComplete']);

const told = ({ reason, message }: Condition, action: string): Deed => ({ reason, action, note: message });

function record(
  pass: Pass,
  type: 'Normal' | 'Warning',
  { reason, action, note }: Deed,
  { events }: Pick<Dependencies, 'events'>,
): void {
  const { namespace, name, uid } = pass;
  events.record({ regarding: { type: BINDING, namespace, name, uid }, type, reason, action, note });
}
