import { cancelled, fail, ok, type Result } from '../domain/failure.ts';
import { slimWorkload } from '../domain/rollouts/slim.ts';
import type { Workload } from '../domain/rollouts/workload.ts';
import type { Clock } from '../ports/clock.ts';
import type { KubernetesObject, ObjectReader, ResourceType } from '../ports/kubernetes.ts';
import { WORKLOADS } from './kinds.ts';
import { kubernetesFailure } from './kubernetes-failures.ts';

/** A workload as it was listed, with the kind that items of a list do not carry. */
export type ListedWorkload = Workload & { readonly type: ResourceType };

/** How old a listing may be for those who do not ask for a fresh one. */
export const LISTING_AGE_MS = 5_000;
const PAGE = 500;

type Answer = Result<readonly ListedWorkload[]>;

interface Listing {
  readonly answer: Promise<Answer>;
  /** Undefined while it waits for the one before it. */
  begunAt: number | undefined;
}

/**
 * Listings of workloads, shared by the bindings of a namespace.
 *
 * Guarantees: a fresh listing began after it was asked for; any other is at most `LISTING_AGE_MS` old and younger
 * than what was last forgotten. Of one namespace one listing goes on at a time, and one waits for it to end: however
 * many bindings ask meanwhile, they share that one. Nothing is kept longer than that.
 * Failure: a caller leaves at once when its signal aborts; the listing, a read, goes on. A failed one is not kept.
 */
export class Listings {
  readonly #kube: Pick<ObjectReader, 'list'>;
  readonly #clock: Clock;
  /** By namespace: the one that can be joined last. */
  readonly #newest = new Map<string, Listing>();

  constructor({ kube, clock }: { readonly kube: Pick<ObjectReader, 'list'>; readonly clock: Clock }) {
    this.#kube = kube;
    this.#clock = clock;
  }

  of(namespace: string, options: { readonly fresh: boolean; readonly signal: AbortSignal }): Promise<Answer> {
    const newest = this.#newest.get(namespace);
    const joins =
      newest !== undefined && (newest.begunAt === undefined || (!options.fresh && this.#young(newest)));
    return unlessAborted((joins ? newest : this.#begin(namespace, newest)).answer, options.signal);
  }

  /** Something was written to a workload: what was listed before is no longer true. */
  forget(namespace: string): void {
    const newest = this.#newest.get(namespace);
    if (newest?.begunAt !== undefined) this.#newest.delete(namespace);
  }

  #young({ begunAt }: Listing): boolean {
    const age = this.#clock.now() - (begunAt ?? 0);
    return age >= 0 && age < LISTING_AGE_MS;
  }

  /** At once, or when `before` has ended. */
  #begin(namespace: string, before: Listing | undefined): Listing {
    let begin = (): void => undefined;
    const turn = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const answer = turn.then(() => this.#list(namespace));
    const listing: Listing = { answer, begunAt: undefined };
    const start = (): void => {
      listing.begunAt = this.#clock.now();
      begin();
    };
    this.#newest.set(namespace, listing);
    if (before === undefined) start();
    else before.answer.then(start, start);
    answer.then(
      (result) => this.#ended(namespace, listing, result.ok),
      () => this.#drop(namespace, listing),
    );
    return listing;
  }

  #ended(namespace: string, listing: Listing, worked: boolean): void {
    if (!worked) this.#drop(namespace, listing);
    else this.#clock.setTimer(LISTING_AGE_MS, () => this.#drop(namespace, listing));
  }

  #drop(namespace: string, listing: Listing): void {
    if (this.#newest.get(namespace) === listing) this.#newest.delete(namespace);
  }

  async #list(namespace: string): Promise<Answer> {
    const kinds = await Promise.all(WORKLOADS.map((type) => this.#listKind(namespace, type)));
    const workloads: ListedWorkload[] = [];
    for (const kind of kinds) {
      if (!kind.ok) return kind;
      workloads.push(...kind.value);
    }
    return ok(workloads);
  }

  async #listKind(namespace: string, type: (typeof WORKLOADS)[number]): Promise<Answer> {
    const workloads: ListedWorkload[] = [];
    let continueToken: string | undefined;
    do {
      const continued = continueToken === undefined ? {} : { continueToken };
      const options = { namespace, limit: PAGE, ...continued };
      const page = await this.#kube.list<Workload & KubernetesObject>(type, options);
      if (!page.ok)
        return fail(kubernetesFailure(page.error, `listing ${type.plural} of namespace ${namespace}`));
      for (const item of page.value.items)
        workloads.push({ ...slimWorkload({ ...item, kind: type.kind }), type });
      continueToken = page.value.continueToken;
    } while (continueToken !== undefined);
    return ok(workloads);
  }
}

function unlessAborted(answer: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  if (signal.aborted) return Promise.resolve(fail(cancelled));
  return new Promise((resolve, reject) => {
    const leave = (): void => resolve(fail(cancelled));
    signal.addEventListener('abort', leave, { once: true });
    answer.finally(() => signal.removeEventListener('abort', leave)).then(resolve, reject);
  });
}
