import { ANNOTATION_REFRESH } from '../api/names.ts';
import type { AppConfigBinding } from '../api/schema.ts';
import { ok, type Result } from '../domain/failure.ts';
import { type Identity, identityStatus } from '../domain/identity/identity.ts';
import { planBinding } from '../domain/plan.ts';
import { isMoving } from '../domain/rollouts/progress.ts';
import type { Facts } from '../domain/status/status.ts';
import type { Phase } from '../domain/status/verdict.ts';
import type { KubernetesObject } from '../ports/kubernetes.ts';
import { type Action, done } from '../runtime/action.ts';
import { attend } from './attend.ts';
import { truce } from './contested.ts';
import type { Dependencies } from './dependencies.ts';
import { type Ended, stopped } from './ended.ts';
import { beginPass, Memories, type Memory } from './memory.ts';
import { newest } from './newest.ts';
import { nextAction } from './next-action.ts';
import type { Pass, PlannedPass } from './pass.ts';
import { refreshFlags } from './refresh-flags.ts';
import { RequestBudget } from './request-budget.ts';
import { requestId } from './request-id.ts';
import { type Party, RolloutDesk } from './rollout-desk.ts';
import { isSettled } from './settled.ts';
import { withStaleness } from './staleness.ts';
import { followDeletionPolicy } from './steps/follow-policy.ts';
import { withSchemaVersion } from './steps/gate.ts';
import { identify, type Readers } from './steps/identify.ts';
import { type Inspection, inspect } from './steps/inspect.ts';
import { observe, watchedSelections } from './steps/observe.ts';
import { scheduleSecrets } from './steps/read-secrets.ts';
import { isUnresolved } from './steps/recorded-selection.ts';
import { report } from './steps/report.ts';
import { synchronise } from './synchronise.ts';
import { jobListings, workloadListings } from './workload-lists.ts';
import { alsoWorkloads, firstLook } from './workloads.ts';

/**
 * The story of one binding: plan → who → what does the store hold → are the targets that? If so, attend to what
 * is due; if not, synchronise. Then report.
 *
 * Guarantees: level-triggered; everything is recomputed from the objects, so that running it once too often,
 * or crashing anywhere in it, changes nothing about the end state. Nothing is written for a binding that is
 * being deleted.
 */
export class Reconciler {
  readonly #deps: Dependencies;
  readonly #memories = new Memories();
  /** Keys of passes that go on. */
  readonly #running = new Set<string>();
  readonly #budget: RequestBudget;
  /** What was read earlier may be older than what another leader followed. */
  readonly #since: number;

  /** For the time that this process leads from now on. */
  constructor(deps: Omit<Dependencies, 'listings' | 'jobs' | 'desk'>) {
    this.#since = deps.clock.now();
    const { clock, wake, settings } = deps;
    const { rolloutsPerNamespace: perNamespace, rolloutsPerCluster: perCluster } = settings;
    const desk = new RolloutDesk({ clock, perNamespace, perCluster, wake });
    this.#deps = { ...deps, listings: workloadListings(deps), jobs: jobListings(deps), desk };
    // Of those that an earlier leader restarted.
    for (const binding of deps.bindings.list()) desk.heard(partyOf(binding), movingIn(binding));
    this.#budget = new RequestBudget(deps);
  }

  async reconcile(key: string, signal: AbortSignal): Promise<Action> {
    const binding = this.#deps.bindings.get(key);
    if (binding === undefined || binding.metadata.deletionTimestamp !== undefined) {
      this.#memories.forget(key);
      this.#deps.desk.forget({ key, namespace: key.slice(0, key.indexOf('/')) });
      this.#deps.settingsSource.unsubscribe(key);
      return done;
    }
    const pass = this.#begin(key, binding, signal);
    this.#running.add(key);
    try {
      const { plan, ended: run } = await this.#run(pass);
      if (signal.aborted) return done;
      const ended = this.#budget.judged(pass, plan, run);
      const reported = await report(pass, plan, withStaleness(pass, plan, ended), this.#deps);
      // What was seen of workloads is lost with the status: it is looked at again.
      if (!reported.ok && ended.facts.restarts !== undefined) pass.memory.workloadsDueAt = pass.now;
      return nextAction(pass, plan, ended, reported, this.#deps);
    } catch (error) {
      this.#budget.heard(key);
      // The queue logs it and comes back after a backoff; here it is told to whoever looks at the binding.
      if (!signal.aborted) await report(pass, undefined, BROKEN, this.#deps).catch(() => undefined);
      throw error;
    } finally {
      this.#running.delete(key);
      this.bindingSeen(key);
    }
  }

  /**
   * The watch shows a binding, perhaps as we wrote it: a second copy of each would be a third of what is remembered.
   * Not during a pass, which stands on its own writes.
   */
  bindingSeen(key: string): void {
    const memory = this.#memories.known(key);
    if (memory?.written === undefined || this.#running.has(key)) return;
    const cached = this.#deps.bindings.get(key);
    if (cached === undefined || newest(cached, memory.written) === cached) memory.written = undefined;
  }

  /**
   * When the store was last read for the binding that has waited longest, or when this process first met that binding;
   * milliseconds since the epoch. Bindings that are not to be read (suspended, invalid) do not count.
   */
  oldestRead(bindings: readonly AppConfigBinding[]): number | undefined {
    const times = bindings.filter(isRead).flatMap(({ metadata }) => {
      const memory = this.#memories.known(`${metadata.namespace ?? ''}/${metadata.name}`);
      return memory === undefined ? [] : [memory.lastReadAt];
    });
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** The watch says that this ConfigMap is gone: what was remembered of it counts no more. */
  configMapGone(key: string, { metadata: { uid } }: KubernetesObject): void {
    const memory = this.#memories.known(key);
    if (memory?.configMap !== undefined && memory.configMap.uid === uid) memory.configMap = undefined;
  }

  #begin(key: string, cached: AppConfigBinding, signal: AbortSignal): Pass {
    const { clock, logger, random } = this.#deps;
    const now = clock.now();
    const { name, namespace = '', uid = '' } = cached.metadata;
    const memory = this.#memories.of(key, uid, () => this.#remember(uid, cached, now));
    beginPass(memory, now);
    const binding = newest(cached, memory.written);
    const previous = binding.status ?? {};
    const wanted = binding.metadata.annotations?.[ANNOTATION_REFRESH];
    const refreshRequested = wanted !== undefined && wanted !== previous.lastHandledRefresh;
    const log = logger.child({ binding: key });
    return {
      key,
      namespace,
      name,
      uid,
      binding,
      previous,
      memory,
      now,
      signal,
      refreshRequested,
      logger: log,
      requestId: requestId(random),
    };
  }

  /** A binding that this process meets for the first time: what is due is spread over the intervals. */
  #remember(uid: string, { status, metadata }: AppConfigBinding, now: number): Memory {
    const { driftIntervalMs } = this.#deps.settings;
    const { total = 0, resolved = 0 } = status?.references ?? {};
    return {
      uid,
      passedAt: now,
      written: undefined,
      lastReadAt: now,
      readOnce: false,
      transientInARow: 0,
      conflictsInARow: 0,
      pausesInARow: 0,
      observedAt: this.#since,
      secretsDueAt: undefined,
      vaultsAnsweredAt: this.#since - 1,
      listsAnsweredAt: undefined,
      listsSettledAt: undefined,
      credentialsReadAt: undefined,
      trouble: { kind: resolved < total ? 'unknown' : 'none' },
      driftDueAt: 0,
      workloadsDueAt: now + firstLook(status, metadata, driftIntervalMs),
      restartsDueAt: Infinity,
      configMap: undefined,
      configMapWrittenAt: 0,
      configMapDigest: undefined,
      secrets: new Map(),
      schema: undefined,
      policyFollowed: 'as recorded',
      contest: undefined,
      tags: new Map(),
    };
  }

  async #run(begun: Pass): Promise<{ readonly plan?: PlannedPass; readonly ended: Ended }> {
    const followed = await followDeletionPolicy(begun, this.#deps);
    if (!followed.ok) return { ended: stopped(begun.memory, 'SettingsFetched', followed.failure, {}) };
    const pass = followed.value;
    const environment = await this.#namespaceEnvironment(pass);
    const namespaceEnvironment = environment.ok ? environment.value : undefined;
    const planned = planBinding(pass.binding, { ...this.#deps.settings, namespaceEnvironment });
    if (!planned.ok) {
      // What an environment may mend cannot be judged while nobody knows that of the namespace.
      const unknown = !environment.ok && planned.failure.kind === 'blocked';
      if (!unknown) this.#deps.settingsSource.unsubscribe(pass.key);
      const failure = unknown ? environment.failure : planned.failure;
      return { ended: stopped(pass.memory, 'SettingsFetched', failure, {}) };
    }
    const plan: PlannedPass = { ...pass, plan: planned.value };
    if (plan.plan.suspended) {
      this.#deps.settingsSource.unsubscribe(pass.key);
      return { plan, ended: { verdict: { kind: 'suspended' }, facts: {}, warnings: [SUSPENDED], deeds: [] } };
    }
    if (!environment.ok)
      return { plan, ended: stopped(pass.memory, 'SettingsFetched', environment.failure, {}) };
    return { plan, ended: await alsoWorkloads(plan, await this.#read(plan), this.#deps) };
  }

  /** Not asked for where the spec decides. */
  #namespaceEnvironment({ binding, namespace }: Pass): Promise<Result<string | undefined>> {
    const { suspend, environment } = binding.spec ?? {};
    if (suspend === true || typeof environment === 'string') return Promise.resolve(ok(undefined));
    return this.#deps.namespaces.of(namespace);
  }

  async #read(planned: PlannedPass): Promise<Ended> {
    const { memory, plan, key } = planned;
    this.#deps.settingsSource.subscribe(key, watchedSelections(planned), plan.refreshIntervalMs);
    memory.credentialsReadAt = undefined;
    const identified = await identify(planned, this.#deps);
    if (!identified.ok) return stopped(memory, 'SettingsFetched', identified.failure, {});
    const readers = identified.value;
    scheduleSecrets(planned, readers);
    const facts = { environment: plan.environment, identity: identityStatus(readers.store) };
    const gated = await withSchemaVersion(planned, this.#deps);
    if (!gated.ok) return stopped(memory, 'TargetsApplied', gated.failure, facts);
    const pass = gated.value;
    const looked = await this.#look(pass, readers.store);
    if (!looked.ok) return stopped(memory, looked.phase, looked.failure, facts);
    const truced = truce(pass, looked.value.strange);
    if (truced !== undefined) return stopped(memory, 'TargetsApplied', truced, facts);
    if (this.#wantsEverything(pass)) return this.#synchronise(pass, readers, facts);
    if (looked.value.current) {
      // After a restart, too, a changed flag can then be told from a changed setting.
      if (plan.flagSources.length > 0) memory.tags = new Map([...memory.tags, ...looked.value.tags]);
      return attend(pass, readers, facts, looked.value.records, this.#deps);
    }
    const refreshed = await refreshFlags(pass, readers.store, facts, looked.value, this.#deps);
    return refreshed ?? this.#synchronise(pass, readers, facts);
  }

  #synchronise(pass: PlannedPass, readers: Readers, facts: Facts): Promise<Ended> {
    return synchronise(pass, readers, facts, { due: pass.refreshRequested }, this.#deps);
  }

  /** What the store holds, and whether the targets hold that. */
  async #look(
    pass: PlannedPass,
    identity: Identity,
    maxAgeMs?: number,
  ): Promise<Result<Inspection> & { readonly phase: Phase }> {
    const { memory } = pass;
    const observed = await observe(pass, identity, this.#deps, maxAgeMs);
    if (!observed.ok) return { ...observed, phase: 'SettingsFetched' };
    memory.lastReadAt = pass.now;
    memory.readOnce = true;
    const inspected = await inspect(pass, observed.value, this.#deps);
    // Who wrote a target may know more than we do, as another leader would: nothing old is written over it.
    const outdone = inspected.ok && inspected.value.strange && memory.observedAt < pass.now;
    return outdone && maxAgeMs === undefined
      ? this.#look(pass, identity, 0)
      : { ...inspected, phase: 'TargetsApplied' };
  }

  /** Reasons to do everything although the targets are current. */
  #wantsEverything({ previous, binding, memory, now, refreshRequested }: PlannedPass): boolean {
    const { trouble } = memory;
    const retry = trouble.kind === 'unknown' || (trouble.kind === 'failed' && now >= trouble.dueAt);
    // Not for a reference, or that would be known: what references there are could not be told.
    const unlisted = trouble.kind === 'none' && isUnresolved(previous);
    return refreshRequested || retry || unlisted || !isSettled(previous, binding.metadata.generation);
  }
}

const partyOf = ({ metadata: { namespace = '', name } }: AppConfigBinding): Party => ({
  key: `${namespace}/${name}`,
  namespace,
});

const movingIn = ({ status }: AppConfigBinding): readonly string[] =>
  (status?.rollouts ?? []).filter(isMoving).map(({ kind, name }) => `${kind}/${name}`);

const isRead = ({ spec, status }: AppConfigBinding): boolean =>
  spec?.suspend !== true &&
  !status?.conditions?.some(({ type, reason }) => type === 'Ready' && reason === 'InvalidSpec');

const BROKEN: Ended = { verdict: { kind: 'bug' }, facts: {}, deeds: [] };

const SUSPENDED = {
  reason: 'Suspended',
  message: 'spec.suspend is true: nothing is read, written or restarted; the targets stay as they are',
} as const;
