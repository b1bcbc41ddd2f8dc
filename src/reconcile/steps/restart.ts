import type { RestartRecord, RolloutStatus } from '../../api/schema.ts';
import { type Failure, fail, ok, type Result } from '../../domain/failure.ts';
import { haltedBy } from '../../domain/rollouts/breaker.ts';
import { owedRecord, settledRecord } from '../../domain/rollouts/decision.ts';
import { optedOut } from '../../domain/rollouts/opted-out.ts';
import { restartPatch } from '../../domain/rollouts/patch.ts';
import { missing, type WorkloadName } from '../../domain/rollouts/policy.ts';
import { awaiting, isMoving, isUnfinished, progressOf } from '../../domain/rollouts/progress.ts';
import { type Limits, type Turn, turnOf } from '../../domain/rollouts/turn.ts';
import type { Workload } from '../../domain/rollouts/workload.ts';
import { rfc3339 } from '../../domain/times.ts';
import type { KubernetesObject } from '../../ports/kubernetes.ts';
import type { Dependencies } from '../dependencies.ts';
import { isNotFound, kubernetesFailure } from '../kubernetes-failures.ts';
import { restartsWait } from '../memory.ts';
import type { PlannedPass } from '../pass.ts';
import { type Denied, denialOf, isObstructed } from './denial.ts';
import { changedAt, concerns, isDue, type Judged, judge, type LiveTargets, withMarker } from './judge.ts';
import { isShared } from './shared-workloads.ts';

/**
 * Restarts the workloads of the namespace whose pods still run with old content, each when it has its turn.
 *
 * Guarantees: patch first, then record (in the status, by the caller): a crash between the two is healed by the
 * marker on the pod template, so no restart is lost and none is doubled. A restart that waits stays due.
 * While a reference has no value, all that are due wait, and nothing is recorded.
 * Assumptions: `targets` are the objects as they stand on the server.
 */
export interface Restarts {
  /** Absent: those of before stand. */
  readonly records?: Readonly<Record<string, RestartRecord>>;
  readonly rollouts: readonly RolloutStatus[];
  /** Workloads restarted in this pass, for events. */
  readonly restarted: readonly string[];
  /** Workloads of which it was not yet told that they would be restarted, but for a dry run. */
  readonly spared: readonly string[];
  /** Workloads that should have been restarted and could not be. */
  readonly denied: readonly Denied[];
  /** When the first of those that wait has its turn, or may be tried again; milliseconds since the epoch, or Infinity. */
  readonly dueAt: number;
  /** The API server is in trouble: what was restarted before stands, and the rest is still due. */
  readonly trouble?: Failure;
}

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
  const absent = missing(pass.plan.rollout.policy, listed.value).map(notFound);
  const concerned = listed.value.filter((workload) => concerns(pass, workload));
  const live = concerned.length === 0 ? ok([]) : await targets();
  if (!live.ok) return live;
  const judged = concerned.map((workload) => judge(pass, workload, live.value, deps));
  return new Round(pass, judged, live.value, deps).run(absent);
}

const notFound = ({ kind, name }: WorkloadName): RolloutStatus => ({
  kind,
  name,
  phase: 'NotFound',
  message: 'the namespace has none of this name: create it, or correct spec.rollout.workloads',
});

/** A workload that was changed, or made anew, while it was decided about is looked at again. */
const AGAIN_MS = 1_000;

/** `changed`: by someone, since it was listed. */
type Patched = (Workload & KubernetesObject) | Denied | 'changed' | 'gone';

/** Several bindings that use a workload often see one change within moments. */
const SETTLE_MS = 5_000;

/** One look at all workloads of a binding, and what is done about them. */
class Round {
  readonly #pass: PlannedPass;
  readonly #judged: readonly Judged[];
  readonly #deps: Dependencies;
  readonly #changedAt: number;
  readonly #records = new Map<string, RestartRecord>();
  readonly #rollouts = new Map<string, RolloutStatus>();
  readonly #moving: Set<string>;
  readonly #wishes = new Set<string>();
  readonly #restarted: string[] = [];
  readonly #spared: string[] = [];
  readonly #denied: Denied[] = [];
  #dueAt = Infinity;
  #waits = false;

  constructor(pass: PlannedPass, judged: readonly Judged[], targets: LiveTargets, deps: Dependencies) {
    this.#pass = pass;
    this.#judged = judged.filter(({ usage }) => usage.kind === 'keys');
    this.#deps = deps;
    this.#changedAt = Math.max(0, ...targets.map(changedAt));
    this.#moving = new Set(this.#judged.filter(({ rollout }) => isMoving(rollout)).map(({ id }) => id));
  }

  async run(absent: readonly RolloutStatus[]): Promise<Result<Restarts>> {
    const { desk } = this.#deps;
    desk.heard(this.#pass, this.#moving);
    for (const one of this.#judged) if (!isDue(one)) this.#settle(one);
    let trouble: Failure | undefined;
    for (const one of inTurn(this.#judged.filter(isDue))) {
      const attempted = trouble === undefined ? await this.#attempt(one) : this.#owe(one, pending(one, AWAY));
      if (attempted.ok) continue;
      if (attempted.failure.kind === 'cancelled') return attempted;
      trouble = attempted.failure;
      this.#owe(one, pending(one, AWAY));
    }
    desk.keepWishes(this.#pass, this.#wishes);
    desk.looked(this.#pass, this.#waits);
    const told = this.#judged.flatMap(({ id }) => this.#rollouts.get(id) ?? []);
    return ok({
      ...(restartsWait(this.#pass.memory) ? {} : { records: this.#recorded() }),
      rollouts: [...absent, ...told],
      restarted: this.#restarted,
      spared: this.#spared,
      denied: this.#denied,
      dueAt: this.#dueAt,
      ...(trouble && { trouble }),
    });
  }

  #recorded(): Readonly<Record<string, RestartRecord>> {
    return Object.fromEntries(this.#judged.flatMap(({ id }) => entry(id, this.#records.get(id))));
  }

  /** Nothing to restart: at most something to record. */
  #settle({ id, workload, record, wanted, decision, rollout }: Judged): void {
    this.#rollouts.set(id, decision.reason === 'opted-out' ? optedOut(rollout) : rollout);
    const kept = decision.reason === 'up-to-date' && record?.owed ? settledRecord(record) : record;
    const settled = decision.action === 'record' ? withMarker(wanted, workload, this.#pass) : kept;
    if (settled !== undefined) this.#records.set(id, this.#excused(settled, rollout));
  }

  /** A refresh that was asked for closes the breaker, for good: the record tells. */
  #excused(record: RestartRecord, { phase }: RolloutStatus): RestartRecord {
    return this.#pass.refreshRequested && phase === 'Failed' ? { ...record, passedOver: true } : record;
  }

  async #attempt(one: Judged): Promise<Result<undefined>> {
    const turn = this.#turn(one);
    if (turn.kind === 'now') return this.#restart(one);
    const { id, rollout } = one;
    if (turn.kind === 'time') this.#lookAt(turn.at);
    if (turn.kind === 'place' && turn.of !== 'binding') this.#waits = true;
    if (turn.kind === 'dry-run' && !this.#wasSpared(one)) this.#spared.push(id);
    return this.#owe(one, awaiting(rollout, PHASES[turn.kind], turn.message));
  }

  /** The status lists the first few; of the others the record tells that they waited before. */
  #wasSpared({ id, record }: Judged): boolean {
    const listed = this.#pass.previous.rollouts?.find(({ kind, name }) => `${kind}/${name}` === id);
    return listed === undefined ? record?.owed === true : listed.phase === 'DryRun';
  }

  #lookAt(at: number): void {
    this.#dueAt = Math.min(this.#dueAt, at);
  }

  /**
   * Not restarted now; it stays due. Where its own rollout goes on, its pods start meanwhile with what they find: then
   * they no longer run with what is on record, and content that comes back is no reason to leave them.
   */
  #owe({ id, workload, record, wanted, rollout }: Judged, told: RolloutStatus): Result<undefined> {
    this.#rollouts.set(id, told);
    const known = isUnfinished(rollout) ? undefined : record;
    this.#records.set(id, owedRecord(known, withMarker(wanted, workload, this.#pass)));
    return ok(undefined);
  }

  #turn(one: Judged): Turn {
    const { desk, clock } = this.#deps;
    const { id, workload, wanted, restartedAt } = one;
    const limits = this.#limits();
    const failed = this.#failed(one);
    const unresolved = restartsWait(this.#pass.memory);
    const wishes = limits.dryRun === 'off' && failed === undefined && !unresolved;
    if (wishes) this.#wishes.add(id);
    const since = wishes ? desk.wish(this.#pass, id, { binding: this.#pass.name, marker: wanted }) : 0;
    const others = [...this.#moving].filter((other) => other !== id);
    return turnOf({
      limits,
      unresolved,
      moving: this.#moving.has(id),
      underway: { binding: others.length, ...desk.underway(this.#pass, id) },
      holders: others.map((other) => other.replace('/', ' ')),
      now: clock.now(),
      ...(restartedAt === undefined ? {} : { restartedAt }),
      ...(wishes && isShared(this.#pass, workload, this.#deps) ? { settlesAt: since + SETTLE_MS } : {}),
      ...(failed === undefined ? {} : { failed }),
    });
  }

  #limits(): Limits {
    const { minIntervalMs, maxConcurrent, dryRun } = this.#pass.plan.rollout;
    const { rolloutsPerNamespace, rolloutsPerCluster, rolloutsDryRun } = this.#deps.settings;
    return {
      minIntervalMs,
      maxConcurrent,
      perNamespace: rolloutsPerNamespace,
      perCluster: rolloutsPerCluster,
      dryRun: rolloutsDryRun ? 'operator' : dryRun ? 'binding' : 'off',
    };
  }

  /** Who holds it back. */
  #failed({ id, rollout }: Judged): string | undefined {
    const others = this.#judged.filter((one) => one.id !== id);
    const standings = others.map((one) => ({
      rollout: one.rollout,
      record: this.#records.get(one.id) ?? one.record,
      due: isDue(one),
    }));
    const by = haltedBy(standings, this.#changedAt, rollout.phase);
    return by === undefined ? undefined : `${by.rollout.kind} ${by.rollout.name}`;
  }

  async #restart(one: Judged): Promise<Result<undefined>> {
    const { desk, clock } = this.#deps;
    const { id, workload, wanted } = one;
    const patched = await this.#patch(one);
    this.#wishes.delete(id);
    if (!patched.ok) return patched;
    if (patched.value === 'changed') {
      this.#lookAt(clock.now() + AGAIN_MS);
      return this.#owe(one, pending(one, CHANGED));
    }
    // The next listing sees what is there then.
    if (patched.value === 'gone') return ok(undefined);
    if ('why' in patched.value) {
      this.#denied.push(patched.value);
      return this.#owe(one, pending(one, `the restart was refused: ${patched.value.why}`));
    }
    const now = clock.now();
    const current: Workload = { ...patched.value, kind: workload.kind };
    this.#restarted.push(id);
    this.#records.set(id, withMarker(wanted, current, this.#pass));
    this.#rollouts.set(id, progressOf(current, undefined, rfc3339(now), now));
    this.#moving.add(id);
    desk.started(this.#pass, id);
    desk.granted(this.#pass, id);
    return ok(undefined);
  }

  async #patch({ id, workload, wanted }: Judged): Promise<Result<Patched>> {
    const { namespace, name: binding, signal } = this.#pass;
    const { kube, listings, metrics, desk, clock } = this.#deps;
    const { name } = workload.metadata;
    const ref = { type: workload.type, namespace, name };
    const markers = [{ binding, marker: wanted }, ...desk.othersWishes(this.#pass, id)];
    const body = restartPatch(workload, markers, { shared: isShared(this.#pass, workload, this.#deps) });
    const patched = await kube.mergePatch<Workload & KubernetesObject>(ref, body, { signal });
    listings.forget(namespace);
    const outcome = patched.ok ? 'restarted' : 'failed';
    metrics.increment('restarts_total', { kind: workload.kind, outcome });
    if (patched.ok) return ok(patched.value);
    if (isNotFound(patched.error)) return ok('gone');
    const failure = kubernetesFailure(patched.error, `restarting ${workload.kind} ${namespace}/${name}`);
    if (failure.kind === 'conflict') return ok('changed');
    if (failure.kind !== 'blocked' && !isObstructed(patched.error)) return fail(failure);
    // A webhook that did not answer may do so soon; others need not wait for it.
    if (failure.kind !== 'blocked') this.#lookAt(clock.now() + this.#pass.plan.refreshIntervalMs);
    return ok({ id, why: denialOf(patched.error) });
  }
}

const pending = ({ rollout }: Judged, message: string): RolloutStatus =>
  awaiting(rollout, 'Pending', message);
const AWAY = 'waits until the API server takes restarts again';
const CHANGED = 'it was changed just when it was to be restarted: looked at again at once';

const PHASES = {
  'dry-run': 'DryRun',
  halted: 'Halted',
  reference: 'Pending',
  time: 'Pending',
  place: 'Pending',
} as const;

/** What does not run anyway first: if the new content heals it, the others follow. */
const inTurn = (due: readonly Judged[]): readonly Judged[] => {
  const isFailed = ({ rollout }: Judged): boolean => rollout.phase === 'Failed';
  return [...due.filter(isFailed), ...due.filter((one) => !isFailed(one))];
};

const entry = <T>(id: string, value: T | undefined): readonly (readonly [string, T])[] =>
  value === undefined ? [] : [[id, value]];
