/**
 * One selection of a store, read once for all bindings that want it.
 *
 * Guarantees:
 * - An identity gets ETags or content only if its own request saw exactly these pages, at most 10 min ago
 *   (`proofs.ts`); a refusal ends that at once.
 * - One HEAD per (selection, identity) and one full read per selection at a time; callers share them.
 * - Nothing goes back in time: of requests that overlap none overrules another, late answers are thrown away and
 *   asked for again. (Sync tokens are shared below the port; for several hosts of a store see `replica-versions.ts`.)
 * - A read keeps its content for 60 s at most; a selection nobody subscribes to is forgotten.
 * Assumptions: `reader` is consistent within a call; `gate` decides when a host may be asked, `replicas.ts` which.
 * Failure: the failure of the caller's own identity, or of the host; never that of another identity.
 */
import { type Failure, fail, ok, type Result, unavailable } from '../domain/failure.ts';
import type { Identity } from '../domain/identity/identity.ts';
import type { RequestEstimate } from '../domain/request-budget.ts';
import type { Selection } from '../domain/store/settings.ts';
import type { PageTags, SettingsReader } from '../ports/azure.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Metrics } from '../ports/metrics.ts';
import { Demand } from './demand.ts';
import type { Gate } from './gate.ts';
import type { Stamp } from './proofs.ts';
import type { ReplicaDirectory } from './replica-directory.ts';
import type { Site } from './replica-site.ts';
import { Replicas, type ReplicatedRead } from './replicas.ts';
import { type Content, contentOf, type Observation, type SelectionState } from './selection-state.ts';
import { Subscriptions } from './subscriptions.ts';

export type { Content, Observation } from './selection-state.ts';

export interface SelectionsOptions {
  readonly reader: SettingsReader;
  readonly gate: Gate;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Where else stores are served; absent: nowhere. */
  readonly directory?: ReplicaDirectory;
}

export interface ReadSelectionOptions {
  readonly signal: AbortSignal;
  /** Who asks: not told of a change that it finds itself. */
  readonly subscriberKey?: string;
}

export interface ObserveOptions extends ReadSelectionOptions {
  /** An observation younger than this will do; 0 asks the store. */
  readonly maxAgeMs: number;
  /** Unless it was made before this time, in milliseconds since the epoch. */
  readonly notBefore?: number;
}

/** Gets the keys of subscribers whose selection changed; must not throw. */
export type ChangeListener = (subscriberKeys: readonly string[]) => void;

/** A store that changes faster than it is read; each attempt is a request. */
const MAX_ATTEMPTS = 4;

export class Selections {
  readonly #options: SelectionsOptions;
  readonly #replicas: Replicas;
  readonly #subscriptions: Subscriptions;
  readonly #demand: Demand;
  readonly #listeners: ChangeListener[] = [];
  #order = 0;

  constructor(options: SelectionsOptions) {
    this.#options = options;
    this.#replicas = new Replicas(options);
    this.#subscriptions = new Subscriptions(options.clock, (count) =>
      options.metrics.set('selections', {}, count),
    );
    this.#demand = new Demand(this.#subscriptions);
  }

  /** Replaces what `subscriberKey` wants to be told about. `intervalMs`: how often it will ask by itself. */
  subscribe(subscriberKey: string, selections: readonly Selection[], intervalMs = Infinity): void {
    this.#demand.recount(this.#subscriptions.set(subscriberKey, selections));
    this.#demand.note(subscriberKey, { intervalMs });
  }

  unsubscribe(subscriberKey: string): void {
    this.#demand.recount(this.#subscriptions.set(subscriberKey, []));
    this.#demand.forget(subscriberKey);
  }

  /** What all subscribers together ask of the store at `host`, in requests per hour, while nothing changes. */
  demand(host: string): RequestEstimate {
    return this.#demand.of(host);
  }

  /** Requests per hour to the store that is asked most. */
  get greatestDemand(): number {
    return this.#demand.greatest;
  }

  onChange(listener: ChangeListener): void {
    this.#listeners.push(listener);
  }

  /** The page ETags of `selection`, as `identity` sees them. */
  async observe(
    selection: Selection,
    identity: Identity,
    options: ObserveOptions,
  ): Promise<Result<Observation>> {
    const { subscriberKey } = options;
    if (subscriberKey !== undefined) this.#demand.note(subscriberKey, { identity: identity.key });
    const state = this.#subscriptions.state(selection);
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const reusable = this.#reusable(state, identity, options);
      if (reusable) return ok(reusable);
      const head = await this.#head(state, identity, options);
      if (!head.ok) return head;
      // Not `head` itself: by now something newer may be known and proven.
      if (state.newest && state.isProven(identity.key)) return ok(state.newest);
    }
    return fail(restless(selection));
  }

  /** The settings of `selection`, as `identity` sees them. */
  async content(
    selection: Selection,
    identity: Identity,
    options: ReadSelectionOptions,
  ): Promise<Result<Content>> {
    const state = this.#subscriptions.state(selection);
    let alone = false;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      if (!alone && this.#hasToProve(state, identity)) {
        const head = await this.#head(state, identity, { ...options, maxAgeMs: 0 });
        if (!head.ok) return head;
      }
      if (state.content && state.isProven(identity.key)) return ok(state.content);
      const reader = alone ? identity.key : this.#readerFor(state, identity);
      const read = await this.#read(state, reader, identity, options);
      if (read.ok && state.isProven(identity.key) && state.isNewest(read.value.tags)) return read;
      if (!read.ok && (reader === identity.key || read.failure.kind === 'cancelled')) return read;
      // Late, or another identity's read that failed or gave what this one has not seen: share once more, so
      // that those who waited together do not all read, then read for oneself.
      alone = attempt > 0;
    }
    return fail(restless(selection));
  }

  /** Where there is something to share, a HEAD of one's own is cheaper than a read of one's own. */
  #hasToProve(state: SelectionState, identity: Identity): boolean {
    const shareable = state.content !== undefined || state.reads.anyKey !== undefined;
    return shareable && !state.isProven(identity.key);
  }

  /** Whose read under way to join; one's own if there is none, or none that could be used. */
  #readerFor(state: SelectionState, identity: Identity): string {
    return state.isProven(identity.key) ? (state.reads.anyKey ?? identity.key) : identity.key;
  }

  #reusable(
    state: SelectionState,
    identity: Identity,
    { maxAgeMs, notBefore = -Infinity }: ObserveOptions,
  ): Observation | undefined {
    const { newest } = state;
    if (newest === undefined || newest.observedAt < notBefore) return undefined;
    const age = this.#options.clock.now() - newest.observedAt;
    // One of the future says that the clock was set back, and nothing about its age.
    const young = age >= 0 && age < maxAgeMs;
    return young && state.isProven(identity.key) ? newest : undefined;
  }

  #head(
    state: SelectionState,
    identity: Identity,
    { signal, subscriberKey, maxAgeMs, notBefore = -Infinity }: ObserveOptions,
  ): Promise<Result<Observation>> {
    const oldest = Math.max(this.#options.clock.now() - maxAgeMs, notBefore);
    const work = (inner: AbortSignal) => this.#ask(state, identity, inner, subscriberKey);
    return state.heads.join(identity.key, signal, work, oldest);
  }

  async #ask(
    state: SelectionState,
    identity: Identity,
    signal: AbortSignal,
    subscriberKey: string | undefined,
  ): Promise<Result<Observation>> {
    const { clock } = this.#options;
    return this.#replicas.run(wish(state, identity, signal), async (site) => {
      const stamp = this.#stamp();
      const answer = await site.headPages(state.newest?.tags, signal);
      this.#note(state, identity, site, answer, stamp, subscriberKey);
      return answer.ok ? ok({ tags: answer.value, observedAt: stamp.at, since: clock.now() }) : answer;
    });
  }

  #read(
    state: SelectionState,
    key: string,
    identity: Identity,
    { signal, subscriberKey }: ReadSelectionOptions,
  ): Promise<Result<Content>> {
    return state.reads.join(key, signal, (inner) =>
      this.#replicas.run(wish(state, identity, inner), async (site) => {
        const stamp = this.#stamp();
        const answer = await site.readPages(state.newest?.tags, inner);
        this.#note(state, identity, site, answer, stamp, subscriberKey);
        if (!answer.ok) return answer;
        const content = contentOf(answer.value);
        state.keep(content);
        return ok(content);
      }),
    );
  }

  /** The place of an event in time. Requests begin after the gate, not when they queue up. */
  #stamp(): Stamp {
    this.#order += 1;
    return { at: this.#options.clock.now(), order: this.#order };
  }

  #note(
    state: SelectionState,
    identity: Identity,
    site: Site,
    answer: Result<PageTags>,
    stamp: Stamp,
    subscriberKey: string | undefined,
  ): void {
    const received = this.#stamp();
    if (!answer.ok) {
      if (isRefusal(answer.failure)) state.proofs.revoke(identity.key, received);
      return;
    }
    const { host, etags } = answer.value;
    state.proofs.record(identity.key, { host, etags }, stamp);
    const sighting = state.see({ host, etags }, stamp, received);
    if (sighting !== 'late') site.accept({ host, etags });
    if (sighting === 'changed') this.#announce(state, subscriberKey);
  }

  #announce(state: SelectionState, subscriberKey: string | undefined): void {
    const others = [...state.subscribers].filter((key) => key !== subscriberKey);
    this.#options.logger.debug('A selection changed.', { host: state.host, subscribers: others.length });
    if (others.length === 0) return;
    for (const listener of this.#listeners) listener(others);
  }
}

const wish = (state: SelectionState, identity: Identity, signal: AbortSignal): ReplicatedRead => ({
  selection: state.selection,
  identity,
  signal,
  requests: pagesOf(state),
});

/** How many requests one look takes, as far as is known. */
const pagesOf = ({ newest }: SelectionState): number => newest?.tags.etags.length ?? 1;

/** Trouble on the way says nothing about what an identity may see. */
const isRefusal = ({ kind }: Failure): boolean => kind === 'blocked' || kind === 'invalid-spec';

const restless = ({ endpoint }: Selection): Failure =>
  unavailable('StoreUnreachable', `${endpoint} changes faster than it can be read; tried again by itself.`);
