/**
 * The content of a snapshot.
 *
 * Guarantees: one that is missing, not ready or ambiguous is a failure, although the store answers the list call
 * with an empty page then; its tags are the ETag of its state and that of its first page, whatever its size: the
 * content is immutable, and having been given that page proves the right to read it.
 */
import type { AppConfigurationClient } from '@azure/app-configuration';
import { type Failure, fail, ok, type Result, unavailable } from '../../domain/failure.ts';
import type { Identity } from '../../domain/identity/identity.ts';
import type { SnapshotFilter } from '../../domain/store/settings.ts';
import { type SnapshotState, snapshotNotFound, snapshotProblem } from '../../domain/store/snapshots.ts';
import type { PageTags, SettingsPages } from '../../ports/azure.ts';
import { type Refusal, storeFailure } from './store-errors.ts';
import { getPage, headOrCause, type Page } from './store-pages.ts';
import { getSnapshotState } from './store-snapshot.ts';
import { walkPages } from './store-walk.ts';

export interface SnapshotRead {
  readonly client: AppConfigurationClient;
  /** `https://<host>`. */
  readonly endpoint: string;
  /** As in `StoreRequest`. */
  readonly store: string | undefined;
  readonly filter: SnapshotFilter;
  readonly identity: Identity;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Two requests: the state, and a HEAD of the first page. */
export async function headSnapshot(read: SnapshotRead, known: readonly string[]): Promise<Result<PageTags>> {
  const state = await readState(read);
  if (!state.ok) return state;
  const { client, filter, signal } = read;
  const [, knownPage] = known;
  const outcome = await headOrCause(client, {
    filter,
    signal,
    ...(knownPage ? { known: knownPage } : {}),
  });
  if (outcome.kind !== 'page') return fail(refused(read, outcome));
  return ok(tagsOf(read, state.value, [outcome.page]));
}

/** All pages, between two looks at the state: it may have been deleted, and the pages empty, meanwhile. */
export async function readSnapshot(read: SnapshotRead): Promise<Result<SettingsPages>> {
  const before = await readState(read);
  if (!before.ok) return before;
  const { client, filter, signal } = read;
  const walked = await walkPages(getPage, client, { filter, known: [], signal });
  if (walked.kind !== 'pages') return fail(refused(read, walked));
  const after = await readState(read);
  if (!after.ok) return after;
  // Archived or recovered meanwhile; or, what looks the same, deleted and made anew.
  if (after.value.etag !== before.value.etag) return fail(restless(read));
  const { status, expiresAt } = after.value;
  const archived = { ...(expiresAt === undefined ? {} : { expiresAt }) };
  return ok({
    ...tagsOf(read, after.value, walked.pages),
    settings: walked.pages.flatMap(({ settings }) => settings ?? []),
    ...(status === 'archived' ? { archived } : {}),
  });
}

async function readState(read: SnapshotRead): Promise<Result<SnapshotState>> {
  const { client, endpoint, filter, signal } = read;
  const outcome = await getSnapshotState(client, filter.snapshot, signal);
  if (outcome.kind === 'missing') return fail(snapshotNotFound(filter.snapshot, endpoint));
  if (outcome.kind !== 'snapshot') return fail(refused(read, outcome));
  const problem = snapshotProblem(filter.snapshot, endpoint, outcome.state);
  return problem === undefined ? ok(outcome.state) : fail(problem);
}

const tagsOf = ({ endpoint }: SnapshotRead, { etag }: SnapshotState, [first]: readonly Page[]): PageTags => ({
  host: new URL(endpoint).host,
  etags: [etag, first?.etag ?? ''],
});

const refused = ({ endpoint, store, filter, identity, now }: SnapshotRead, outcome: Refusal): Failure =>
  storeFailure(outcome, { endpoint, store, filter, identity }, now());

const restless = ({ endpoint, filter }: SnapshotRead): Failure =>
  unavailable(
    'StoreUnreachable',
    `Snapshot ${JSON.stringify(filter.snapshot)} of ${endpoint} changed while it was read; tried again by itself.`,
  );
