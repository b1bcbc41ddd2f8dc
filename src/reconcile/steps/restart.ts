import { ANNOTATION_CHANGED_AT, ANNOTATION_RESTART } from '../../api/names.ts';
import type { RestartRecord, RolloutStatus } from '../../api/schema.ts';
import { fail, ok, type Result } from '../../domain/failure.ts';
import { decideRestart, type RestartDecision, type RestartFacts } from '../../domain/rollouts/decision.ts';
import { lastSpecChange } from '../../domain/rollouts/managedfields.ts';
import { contentHash, markerOf, type TargetData } from '../../domain/rollouts/marker.ts';
import { restartPatch } from '../../domain/rollouts/patch.ts';
import { rolloutPhase } from '../../domain/rollouts/phase.ts';
import { type TargetName, type Usage, usageHash, usageOf } from '../../domain/rollouts/usage.ts';
import type { Workload } from '../../domain/rollouts/workload.ts';
import type { TargetObject } from '../../domain/targets.ts';
import { rfc3339 } from '../../domain/times.ts';
import type { KubernetesObject } from '../../ports/kubernetes.ts';
import type { Dependencies } from '../dependencies.ts';
import { WORKLOADS } from '../kinds.ts';
import { isNotFound, kubernetesFailure } from '../kubernetes-failures.ts';
import type { ListedWorkload } from '../listings.ts';
import type { PlannedPass } from '../pass.ts';
import { certificateNames } from './inspect.ts';

/**
 * Restarts the workloads of the namespace whose pods still run with old content.
 *
 * Guarantees: patch first, then record (in the status, by the caller): a crash between the two is healed by the
 * marker on the pod template, so no restart is lost and none is doubled.
 * Assumptions: `targets` are the objects as they stand on the server.
 */
export interface Restarts {
  readonly records: Readonly<Record<string, RestartRecord>>;
  readonly rollouts: readonly RolloutStatus[];
  /** Workloads restarted in this pass, for events. */
  readonly restarted: readonly string[];
  /** Workloads that should have been restarted and could not be. */
  readonly denied: readonly string[];
}

export type LiveTargets = readonly TargetObject[];

/** How the workloads are looked at. */
export interface Look {
  /** The listing must begin now: content has changed. */
  readonly fresh: boolean;
  /** The targets as they stand on the server; asked for only when a workload uses them. */
  readonly targets: () => Promise<Result<LiveTargets>>;
}

export async function restart(
  pass: PlannedPass,
  { fresh, targets }: Look,
  deps: Dependencies,
): Promise<Result<Restarts>> {
  const { namespace, signal } = pass;
  const listed = await deps.listings.of(namespace, { fresh, signal });
  if (!listed.ok) return listed;
  const outcome: Tally = { records: {}, rollouts: [], restarted: [], denied: [] };
  const concerned = listed.value.filter((workload) => concerns(pass, workload));
  if (concerned.length === 0) return ok(outcome);
  const live = await targets();
  if (!live.ok) return live;
  for (const workload of concerned) {
    const handled = await handle(pass, workload, live.value, outcome, deps);
    if (!handled.ok) return handled;
  }
  return ok(outcome);
}

/** It uses a target, or did. */
const concerns = (pass: PlannedPass, workload: ListedWorkload): boolean =>
  usageOf(workload, targetNames(pass)).kind !== 'none' || recordOf(pass, workload) !== undefined;

const idOf = ({ kind, metadata }: Workload): string => `${kind}/${metadata.name}`;

const recordOf = ({ previous }: PlannedPass, workload: Workload): RestartRecord | undefined =>
  previous.restarts?.[idOf(workload)];

interface Tally {
  readonly records: Record<string, RestartRecord>;
  readonly rollouts: RolloutStatus[];
  readonly restarted: string[];
  readonly denied: string[];
}

/** Decides about one workload, carries the decision out and adds it to `tally`. */
async function handle(
  pass: PlannedPass,
  workload: ListedWorkload,
  targets: LiveTargets,
  tally: Tally,
  deps: Dependencies,
): Promise<Result<undefined>> {
  const id = idOf(workload);
  const record = recordOf(pass, workload);
  const usage = usageOf(workload, targetNames(pass));
  const wanted = wantedRecord(pass, usage, targets, deps);
  const decision = decide(pass, workload, targets, usage, wanted, deps);
  let current: Workload = workload;
  let settled = decision.action === 'record' ? withMarker(wanted, workload, pass) : record;
  let restartedAt = previousRollout(pass, id)?.restartedAt;
  if (decision.action === 'restart') {
    const patched = await patch(pass, workload, wanted, deps);
    if (!patched.ok) return patched;
    if (patched.value === undefined) return ok(undefined);
    if (patched.value === 'denied') tally.denied.push(id);
    else {
      current = { ...patched.value, kind: workload.kind };
      settled = withMarker(wanted, current, pass);
      restartedAt = rfc3339(deps.clock.now());
      tally.restarted.push(id);
    }
  }
  if (usage.kind !== 'keys') return ok(undefined);
  if (settled !== undefined) tally.records[id] = settled;
  tally.rollouts.push(rolloutStatus(current, restartedAt));
  return ok(undefined);
}

/** What is recorded together with the marker that the template has now, so that a later one is known as news. */
function withMarker(record: RestartRecord, workload: Workload, { name }: PlannedPass): RestartRecord {
  const marker = markerOf(workload, name);
  return marker?.ours ? { ...record, marker: marker.text } : record;
}

/** What pods may read of this binding. */
export const targetNames = (pass: PlannedPass): readonly TargetName[] => [
  ...targetsOfSpec(pass),
  ...certificateNames(pass).map((name) => ({ kind: 'Secret' as const, name, role: `certificate ${name}` })),
];

const targetsOfSpec = ({ plan }: PlannedPass): readonly TargetName[] => [
  ...(plan.configMap === undefined
    ? []
    : [{ kind: 'ConfigMap' as const, name: plan.configMap.name, role: 'configMap' }]),
  ...(plan.secret === undefined ? [] : [{ kind: 'Secret' as const, name: plan.secret.name, role: 'secret' }]),
];

/** The objects behind the roles. */
function objectsFor(
  pass: PlannedPass,
  targets: LiveTargets,
): readonly { readonly role: string; readonly object: TargetObject }[] {
  return targetNames(pass).flatMap(({ kind, name, role }) => {
    const object = targets.find((target) => target.kind === kind && target.metadata.name === name);
    return object === undefined ? [] : [{ role, object }];
  });
}

function wantedRecord(
  pass: PlannedPass,
  usage: Usage,
  targets: LiveTargets,
  { hashKey }: Dependencies,
): RestartRecord {
  const data: TargetData = new Map(
    objectsFor(pass, targets).map(({ role, object }) => [role, object.data ?? {}]),
  );
  return { keyId: hashKey.id, usageHash: usageHash(usage), contentHash: contentHash(hashKey, usage, data) };
}

function decide(
  pass: PlannedPass,
  workload: ListedWorkload,
  targets: LiveTargets,
  usage: Usage,
  wanted: RestartRecord,
  { settings }: Dependencies,
): RestartDecision {
  const record = recordOf(pass, workload);
  const marker = markerOf(workload, pass.name);
  return decideRestart({
    usage,
    wanted,
    facts: factsOf(pass, workload, usage, targets),
    optedOut: workload.metadata.annotations?.[ANNOTATION_RESTART] === 'false',
    restartPolicy: settings.rolloutsEnabled ? pass.plan.restart : 'Never',
    ...(record === undefined ? {} : { record }),
    ...(marker === undefined ? {} : { marker }),
  });
}

/** Of the targets that the workload uses, the one that changed last speaks. */
function factsOf(pass: PlannedPass, workload: Workload, usage: Usage, targets: LiveTargets): RestartFacts {
  const used = new Set(usage.kind === 'keys' ? usage.uses.map(({ role }) => role) : []);
  const times = objectsFor(pass, targets)
    .filter(({ role }) => used.has(role))
    .map(({ object: { metadata } }) => {
      const created = Date.parse(metadata.creationTimestamp ?? '') || 0;
      return { created, changed: Date.parse(metadata.annotations?.[ANNOTATION_CHANGED_AT] ?? '') || created };
    });
  const last = times.sort((a, b) => b.changed - a.changed)[0] ?? { created: 0, changed: 0 };
  const lastSpecChangeAt = lastSpecChange(workload.metadata.managedFields);
  return {
    targetChangedAt: last.changed,
    targetCreatedAt: last.created,
    ...(lastSpecChangeAt === undefined ? {} : { lastSpecChangeAt }),
  };
}

/** Undefined: the workload is gone or was re-created; the next listing sees what is there then. */
async function patch(
  { namespace, name: binding, signal }: PlannedPass,
  workload: ListedWorkload,
  wanted: RestartRecord,
  { kube, listings, metrics }: Dependencies,
): Promise<Result<(Workload & KubernetesObject) | 'denied' | undefined>> {
  const { name } = workload.metadata;
  const ref = { type: workload.type, namespace, name };
  const body = restartPatch(workload, binding, wanted);
  const patched = await kube.mergePatch<Workload & KubernetesObject>(ref, body, { signal });
  listings.forget(namespace);
  metrics.increment('restarts_total', { kind: workload.kind, outcome: patched.ok ? 'restarted' : 'failed' });
  if (patched.ok) return ok(patched.value);
  if (isNotFound(patched.error)) return ok(undefined);
  const failure = kubernetesFailure(patched.error, `restarting ${workload.kind} ${namespace}/${name}`);
  if (failure.kind === 'conflict') return ok(undefined);
  return failure.kind === 'blocked' ? ok('denied') : fail(failure);
}

const previousRollout = ({ previous }: PlannedPass, id: string): RolloutStatus | undefined =>
  previous.rollouts?.find(({ kind, name }) => `${kind}/${name}` === id);

export function rolloutStatus(workload: Workload, restartedAt: string | undefined): RolloutStatus {
  const { phase, message } = rolloutPhase(workload);
  return {
    kind: workload.kind,
    name: workload.metadata.name,
    phase,
    message,
    ...(restartedAt === undefined ? {} : { restartedAt }),
  };
}

/** Looks again at rollouts that were not finished, one GET each. */
export async function followRollouts(
  { previous, namespace, signal }: PlannedPass,
  { kube }: Pick<Dependencies, 'kube'>,
): Promise<Result<readonly RolloutStatus[]>> {
  const followed: RolloutStatus[] = [];
  for (const rollout of previous.rollouts ?? []) {
    const type = WORKLOADS.find(({ kind }) => kind === rollout.kind);
    if (type === undefined || !isOpen(rollout)) {
      followed.push(rollout);
      continue;
    }
    const { name } = rollout;
    const found = await kube.get<Workload & KubernetesObject>({ type, namespace, name }, { signal });
    if (found.ok) followed.push(rolloutStatus({ ...found.value, kind: type.kind }, rollout.restartedAt));
    else if (!isNotFound(found.error))
      return fail(kubernetesFailure(found.error, `reading ${type.kind} ${namespace}/${name}`));
  }
  return ok(followed);
}

/** Whether a rollout may still move by itself. */
export const isOpen = ({ phase }: RolloutStatus): boolean => phase === 'Progressing' || phase === 'Failed';
