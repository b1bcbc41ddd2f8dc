import { type Failure, fail, ok, type Result, unavailable } from '../domain/failure.ts';
import type { Identity } from '../domain/identity/identity.ts';
import type { PageTags, SettingsPages, SettingsReader, StoreRequest } from '../ports/azure.ts';
import { isOfHost } from './replica-health.ts';
import type { ReplicaVersions } from './replica-versions.ts';

/** At a host that changes while it is compared; each is a request or two. */
const MOST_LOOKS = 3;

export interface SiteOptions {
  readonly reader: SettingsReader;
  readonly versions: ReplicaVersions;
  readonly identity: Identity;
  /** The selection, at this host. */
  readonly request: StoreRequest;
  readonly host: string;
}

/**
 * One host of a store, for one read.
 *
 * `newest` are the tags that the caller last took for the truth. Where this host shows the same content under tags
 * of its own, its answer carries `newest`.
 */
export class Site {
  readonly #options: SiteOptions;

  constructor(options: SiteOptions) {
    this.#options = options;
  }

  async headPages(newest: PageTags | undefined, signal: AbortSignal): Promise<Result<PageTags>> {
    for (let look = 0; look < MOST_LOOKS; look += 1) {
      const seen = await this.#head(newest, signal);
      if (!seen.ok) return seen;
      const read = this.#isUnread(seen.value, newest) ? await this.#readForAll(signal) : seen;
      if (!read.ok) return read;
      // Else it changed in between, and what was read says nothing of these tags.
      if (!this.#isUnread(seen.value, newest)) return this.#asKnown(seen.value, newest);
    }
    return this.#notYet(newest);
  }

  async readPages(newest: PageTags | undefined, signal: AbortSignal): Promise<Result<SettingsPages>> {
    const read = await this.#read(signal);
    if (!read.ok) return read;
    const tags = this.#asKnown(read.value, newest);
    return tags.ok ? ok({ ...read.value, host: tags.value.host, etags: tags.value.etags }) : tags;
  }

  /** Does the host answer? */
  probe(signal: AbortSignal): Promise<Result<PageTags>> {
    return this.#head(undefined, signal);
  }

  /** The caller takes what was answered for the truth: it did not come late. */
  accept(tags: PageTags): void {
    this.#options.versions.accept(tags);
  }

  #head(newest: PageTags | undefined, signal: AbortSignal): Promise<Result<PageTags>> {
    const { reader, versions, identity, request, host } = this.#options;
    const known = newest?.host === host ? newest.etags : versions.lastOf(host);
    return reader.headPages(request, identity, known, signal);
  }

  async #read(signal: AbortSignal): Promise<Result<SettingsPages>> {
    const { reader, versions, identity, request } = this.#options;
    const read = await reader.readPages(request, identity, signal);
    if (read.ok) versions.record(read.value);
    return read;
  }

  /**
   * Has what `seen` stand for to be read, to compare it? Not where that, or what to compare it with, is known or
   * unknowable. Tags that nobody read are not taken for the truth: they may stand for what was true earlier.
   */
  #isUnread(seen: PageTags, newest: PageTags | undefined): boolean {
    const { versions, host } = this.#options;
    return newest !== undefined && newest.host !== host && versions.needsReading(seen, newest);
  }

  async #readForAll(signal: AbortSignal): Promise<Result<SettingsPages>> {
    const { versions, host } = this.#options;
    const shared = await versions.reads.join(host, signal, (inner) => this.#read(inner));
    return shared.ok || isForAll(shared.failure) ? shared : this.#read(signal);
  }

  #asKnown({ host, etags }: PageTags, newest: PageTags | undefined): Result<PageTags> {
    const { versions } = this.#options;
    const tags = { host, etags };
    // What one host shows of itself is newer each time.
    const relation =
      newest === undefined || newest.host === host ? 'unknown' : versions.relation(tags, newest);
    if (relation === 'behind') return this.#notYet(newest);
    if (relation === 'same' && newest !== undefined) return ok(newest);
    return ok(tags);
  }

  #notYet(newest: PageTags | undefined): Result<never> {
    const { host } = this.#options;
    return fail(behind(host, newest?.host ?? host));
  }
}

const behind = (host: string, newer: string): Failure =>
  unavailable(
    'ReplicaBehind',
    `${host} does not show yet what was read from ${newer}; tried again by itself.`,
  );

export const isBehind = (failure: Failure): failure is Extract<Failure, { kind: 'unavailable' }> =>
  failure.kind === 'unavailable' && failure.reason === 'ReplicaBehind';

/** Whoever else reads meets the same; a refusal is of one identity. */
const isForAll = (failure: Failure): boolean => isOfHost(failure) || failure.kind === 'cancelled';
