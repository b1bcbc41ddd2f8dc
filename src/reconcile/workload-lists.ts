/** What is listed of a namespace to know who uses a target, page by page. */
import { fail, ok, type Result } from '../domain/failure.ts';
import { type Job, type JobKind, type LiveJob, liveJob } from '../domain/rollouts/job.ts';
import { slimWorkload } from '../domain/rollouts/slim.ts';
import type { Workload, WorkloadKind } from '../domain/rollouts/workload.ts';
import type { KubernetesObject, ObjectReader, ResourceType } from '../ports/kubernetes.ts';
import type { Logger } from '../ports/logger.ts';
import { JOBS, WORKLOADS } from './kinds.ts';
import { kubernetesFailure } from './kubernetes-failures.ts';
import { Listings, type ListingsOptions } from './listings.ts';

/** A workload as it was listed, with the kind that items of a list do not carry. */
export type ListedWorkload = Workload & { readonly type: ResourceType };

/** How old a listing of workloads may be for those who do not ask for a fresh one. */
export const LISTING_AGE_MS = 5_000;
/** Nobody waits for what is told of jobs: looks at workloads that follow each other closely share one listing. */
export const JOBS_AGE_MS = 60_000;
const PAGE = 500;

type Kube = Pick<ObjectReader, 'list'>;
type Parts = Pick<ListingsOptions<unknown>, 'clock'> & { readonly kube: Kube };

/** Of the kinds that can be restarted: all of each. */
export const workloadListings = ({ kube, clock }: Parts): Listings<ListedWorkload> =>
  new Listings({ clock, ageMs: LISTING_AGE_MS, list: (namespace) => listWorkloads(kube, namespace) });

/**
 * Of Jobs and CronJobs, of each kind the first page: finished Jobs may lie about by the thousands.
 *
 * Failure: the operator lacks the right where its role is older than itself; that is logged once.
 */
export function jobListings({ kube, clock, logger }: Parts & { readonly logger: Logger }): Listings<LiveJob> {
  let refused = false;
  const list = async (namespace: string) => {
    const listed = await listJobs(kube, namespace);
    if (listed.ok || listed.failure.kind !== 'blocked' || refused) return listed;
    refused = true;
    logger.warn('Jobs are not told of in any status: listing them was refused.', {
      why: listed.failure.message,
    });
    return listed;
  };
  return new Listings({ clock, ageMs: JOBS_AGE_MS, list });
}

async function listWorkloads(kube: Kube, namespace: string): Promise<Result<readonly ListedWorkload[]>> {
  return flat(await Promise.all(WORKLOADS.map((type) => listKind(kube, namespace, type))));
}

async function listKind(
  kube: Kube,
  namespace: string,
  type: ResourceType & { readonly kind: WorkloadKind },
): Promise<Result<readonly ListedWorkload[]>> {
  const workloads: ListedWorkload[] = [];
  let continueToken: string | undefined;
  do {
    const continued = continueToken === undefined ? {} : { continueToken };
    const options = { namespace, limit: PAGE, ...continued };
    const page = await kube.list<Workload & KubernetesObject>(type, options);
    if (!page.ok) return fail(kubernetesFailure(page.error, listing(type, namespace)));
    for (const item of page.value.items)
      workloads.push({ ...slimWorkload({ ...item, kind: type.kind }), type });
    continueToken = page.value.continueToken;
  } while (continueToken !== undefined);
  return ok(workloads);
}

async function listJobs(kube: Kube, namespace: string): Promise<Result<readonly LiveJob[]>> {
  return flat(await Promise.all(JOBS.map((type) => listJobKind(kube, namespace, type))));
}

async function listJobKind(
  kube: Kube,
  namespace: string,
  type: ResourceType & { readonly kind: JobKind },
): Promise<Result<readonly LiveJob[]>> {
  const page = await kube.list<Job & KubernetesObject>(type, { namespace, limit: PAGE });
  if (!page.ok) return fail(kubernetesFailure(page.error, listing(type, namespace)));
  return ok(page.value.items.flatMap((item) => liveJob({ ...item, kind: type.kind }) ?? []));
}

const listing = ({ plural }: ResourceType, namespace: string): string =>
  `listing ${plural} of namespace ${namespace}`;

function flat<T>(kinds: readonly Result<readonly T[]>[]): Result<readonly T[]> {
  const all: T[] = [];
  for (const kind of kinds) {
    if (!kind.ok) return kind;
    all.push(...kind.value);
  }
  return ok(all);
}
