import type { AppConfigurationClient } from '@azure/app-configuration';
import type { StoreFilter } from '../../domain/store/settings.ts';
import type { Refusal } from './store-errors.ts';
import type { Page, PageOutcome, PageRequest } from './store-pages.ts';

/** Against a server that never ends: 1,000 pages are 100,000 settings, far beyond what a target can hold. */
const MAX_PAGES = 1_000;

export type FetchPage = (client: AppConfigurationClient, request: PageRequest) => Promise<PageOutcome>;

export interface WalkRequest {
  readonly filter: StoreFilter;
  /** ETags that make the requests conditional, in page order. */
  readonly known: readonly string[];
  readonly signal: AbortSignal;
}

/** Follows the pages until one has no next; a store that never ends does not speak App Configuration. */
export async function walkPages(
  fetch: FetchPage,
  client: AppConfigurationClient,
  { filter, known, signal }: WalkRequest,
): Promise<Refusal | { readonly kind: 'pages'; readonly pages: readonly Page[] }> {
  const pages: Page[] = [];
  let after: string | undefined;
  while (pages.length < MAX_PAGES) {
    const outcome = await fetch(client, pageRequest(filter, after, known[pages.length], signal));
    if (outcome.kind !== 'page') return outcome;
    pages.push(outcome.page);
    after = outcome.page.next;
    if (after === undefined) return { kind: 'pages', pages };
  }
  return { kind: 'garbled' };
}

function pageRequest(
  filter: StoreFilter,
  after: string | undefined,
  known: string | undefined,
  signal: AbortSignal,
): PageRequest {
  return {
    filter,
    signal,
    ...(after === undefined ? {} : { after }),
    ...(known === undefined ? {} : { known }),
  };
}
