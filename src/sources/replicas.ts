/**
 * The way to a store that is served by several hosts: the next one is asked when one fails.
 *
 * Guarantees:
 * - A read fails only if every known host fails, or if one refuses: a refusal (a role, a filter, a network rule) is
 *   an answer, and not a reason to ask another.
 * - A host that failed is asked last, and probed in the background while another serves; so nobody waits for it.
 *   As long as another is at hand, a host has {@link PATIENCE_MS} for the first byte of an answer.
 * - Page tags given out are those of one host for as long as the content is the same on all (`replica-versions.ts`),
 *   and content older than what another host gave is not given out for ten minutes.
 * - DNS delays only what is read before the first answer about a store ({@link DNS_PATIENCE_MS}).
 * Assumptions: `gate` bounds and holds back each host by itself.
 * Failure: that of the store's own host, with the names of the others and the shortest pause of all; the refusal.
 */
import { type Failure, fail, type Result, unavailable } from '../domain/failure.ts';
import type { Identity } from '../domain/identity/identity.ts';
import { hostOrder } from '../domain/store/replicas.ts';
import { type Selection, selectionKey } from '../domain/store/settings.ts';
import type { SettingsReader } from '../ports/azure.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Gate } from './gate.ts';
import type { ReplicaDirectory } from './replica-directory.ts';
import { type HostFailure, isOfHost, ReplicaHealth } from './replica-health.ts';
import { isBehind, Site } from './replica-site.ts';
import { ReplicaVersions } from './replica-versions.ts';

/**
 * From the first question about a store on: what is read before that is answered waits so long. With less, its own
 * host might be asked without knowing that there are others; a read that needs another host waits longer.
 */
export const DNS_PATIENCE_MS = { usual: 250, needed: 2_000 };
/** Many times what an answer takes from another continent. */
export const PATIENCE_MS = 2_000;

export interface ReplicasOptions {
  readonly reader: SettingsReader;
  readonly gate: Gate;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Absent: every store is served by the host of its endpoint. */
  readonly directory?: ReplicaDirectory;
}

export interface ReplicatedRead {
  /** The same object each time: what is known of its content is kept as long as it lives. */
  readonly selection: Selection;
  readonly identity: Identity;
  readonly signal: AbortSignal;
  /** How many requests one call makes. */
  readonly requests: number;
}

interface Attempt {
  readonly host: string;
  readonly failure: HostFailure;
}

export class Replicas {
  readonly #options: ReplicasOptions;
  readonly #health: ReplicaHealth;
  readonly #versions = new WeakMap<Selection, ReplicaVersions>();

  constructor(options: ReplicasOptions) {
    this.#options = options;
    this.#health = new ReplicaHealth(options.logger);
  }

  /** Runs `call` against one host after the other until one answers. */
  async run<T>(read: ReplicatedRead, call: (site: Site) => Promise<Result<T>>): Promise<Result<T>> {
    const attempts: Attempt[] = [];
    let hosts = await this.#hosts(read);
    for (let host = hosts[0]; host !== undefined; host = nextOf(hosts, attempts)) {
      const result = await this.#attempt(read, host, hosts, call);
      if (result.ok || !movesOn(result.failure)) return result;
      attempts.push({ host, failure: result.failure });
      hosts = await this.#hosts(read, attempts);
    }
    this.#options.directory?.doubt(hostOf(read.selection));
    return fail(allFailed(hostOf(read.selection), attempts));
  }

  /** In the order in which they are asked. */
  async #hosts(
    { selection, signal }: ReplicatedRead,
    attempts: readonly Attempt[] = [],
  ): Promise<readonly string[]> {
    const { directory } = this.#options;
    const host = hostOf(selection);
    if (directory === undefined || selection.replicas === 'ignored') return [host];
    const balanced = selection.replicas === 'balanced';
    const { usual, needed } = DNS_PATIENCE_MS;
    await directory.firstLookup(host, balanced || attempts.length > 0 ? needed : usual, signal);
    const order = hostOrder(host, directory.known(host), { seed: selectionKey(selection), balanced });
    return order.toSorted((a, b) => this.#rank(a) - this.#rank(b));
  }

  #rank(host: string): number {
    return this.#health.isTroubled(host) ? 1 : 0;
  }

  async #attempt<T>(
    read: ReplicatedRead,
    host: string,
    hosts: readonly string[],
    call: (site: Site) => Promise<Result<T>>,
  ): Promise<Result<T>> {
    const { gate } = this.#options;
    const others = hosts.filter((other) => other !== host);
    const hasAlternative = others.some((other) => !this.#health.isTroubled(other));
    if (!this.#health.isTroubled(host)) this.#probe(read, others);
    const site = this.#site(read, host, hasAlternative);
    const result = await gate.run(host, read.signal, () => call(site), read.requests);
    this.#health.learn(host, result);
    return result;
  }

  /** The gate lets nothing through to a host that it holds, so this costs a request only when one is due. */
  #probe(read: ReplicatedRead, hosts: readonly string[]): void {
    const { signal } = new AbortController();
    for (const host of hosts.filter((other) => this.#health.isTroubled(other))) {
      const site = this.#site(read, host, true);
      this.#health.probe(host, () =>
        this.#options.gate.run(host, signal, () => site.probe(signal), read.requests),
      );
    }
  }

  #site({ selection, identity }: ReplicatedRead, host: string, hasAlternative: boolean): Site {
    const versions = this.#versions.get(selection) ?? new ReplicaVersions(this.#options.clock);
    this.#versions.set(selection, versions);
    const request = {
      ...selection,
      ...(host === hostOf(selection) ? {} : { endpoint: `https://${host}`, store: selection.endpoint }),
      ...(hasAlternative ? { patienceMs: PATIENCE_MS } : {}),
    };
    return new Site({ reader: this.#options.reader, versions, identity, request, host });
  }
}

const hostOf = ({ endpoint }: Selection): string => new URL(endpoint).host;

const nextOf = (hosts: readonly string[], attempts: readonly Attempt[]): string | undefined =>
  hosts.find((host) => attempts.every((attempt) => attempt.host !== host));

const movesOn = (failure: Failure): failure is HostFailure => isOfHost(failure) || isBehind(failure);

/** The same words in whatever order hosts were asked, so that a status is not written for that. */
function allFailed(own: string, attempts: readonly Attempt[]): Failure {
  const first = attempts.find(({ host }) => host === own) ?? attempts[0];
  if (first === undefined) return unavailable('StoreUnreachable', `https://${own} was not asked.`);
  if (attempts.length === 1) return first.failure;
  const others = attempts
    .filter((attempt) => attempt !== first)
    .map(({ host, failure }) => `${host} (${failure.reason})`)
    .toSorted();
  const pauses = attempts.flatMap(({ failure }) => failure.retryAfterMs ?? []);
  return {
    ...first.failure,
    message: `${first.failure.message} Its other hosts do not serve either: ${others.join(', ')}.`,
    ...(pauses.length === 0 ? {} : { retryAfterMs: Math.min(...pauses) }),
  };
}
