/**
 * One page of a selection, by HEAD or by GET.
 *
 * The SDK's pager walks pages by itself, but loses what is needed between them: on 304 the continuation token
 * is not in the page, on HEAD the ETag is quoted and in the header only, on GET in the body only, an HTML page
 * of a proxy reads as an empty list, and tokens are decoded twice and sent on unencoded. So it is asked for one
 * page at a time, and the answer itself is read.
 */
import type { AppConfigurationClient, ConfigurationSetting } from '@azure/app-configuration';
import { contentKind } from '../../domain/store/contenttypes.ts';
import { isSnapshot, type Setting, type StoreFilter } from '../../domain/store/settings.ts';
import {
  type Answer,
  callSdk,
  objectMember,
  type RawAnswer,
  type SdkOutcome,
  stringMember,
} from './sdk-call.ts';
import { encodeQuery } from './store-filter.ts';

export interface PageRequest {
  readonly filter: StoreFilter;
  /** Continuation token, percent-encoded as the store gave it; absent for the first page. */
  readonly after?: string;
  /** Makes the request conditional. */
  readonly known?: string;
  readonly signal: AbortSignal;
}

export interface Page {
  /** Unquoted. */
  readonly etag: string;
  readonly next?: string;
  /** Only of a GET that was not answered by 304. */
  readonly settings?: readonly Setting[];
  /** Of the setting modified last; milliseconds since the epoch. */
  readonly modifiedAt?: number;
}

export type PageOutcome =
  | Exclude<SdkOutcome<never>, { kind: 'done' }>
  | { readonly kind: 'page'; readonly page: Page };

/** HEAD of one page: its ETag and where the next begins. */
async function headPage(client: AppConfigurationClient, request: PageRequest): Promise<PageOutcome> {
  const outcome = await callSdk((onResponse) => {
    const pages = client.checkConfigurationSettings(optionsFor(request, onResponse));
    return onePage(pages.byPage(startOf(request)));
  }, request.signal);
  if (outcome.kind !== 'done') return outcome;
  return pageOf(outcome.answer, request, nextOfLink(outcome.answer.header('link')));
}

/** HEAD has no body, and role, firewall and filter errors differ only there: one GET of the page tells. */
export async function headOrCause(
  client: AppConfigurationClient,
  request: PageRequest,
): Promise<PageOutcome> {
  const head = await headPage(client, request);
  if (head.kind !== 'answered' || ![400, 403, 404].includes(head.answer.status)) return head;
  return getPage(client, request);
}

/** GET of one page. */
export async function getPage(client: AppConfigurationClient, request: PageRequest): Promise<PageOutcome> {
  const outcome = await callSdk((onResponse) => {
    const pages = client.listConfigurationSettings(optionsFor(request, onResponse));
    return onePage(pages.byPage(startOf(request)));
  }, request.signal);
  if (outcome.kind !== 'done') return outcome;
  const { answer, value } = outcome;
  if (answer.status === 304) return pageOf(answer, request, nextOfLink(answer.header('link')));
  // Something between us and the store may answer 200 with a page of its own.
  if (!Array.isArray(objectMember(answer.body, 'items'))) return { kind: 'garbled' };
  const next = afterOf(stringMember(answer.body, '@nextLink')) ?? nextOfLink(answer.header('link'));
  const page = pageOf(answer, request, next, value?.items.map(settingOf) ?? []);
  return page.kind === 'page' ? { ...page, page: { ...page.page, ...modifiedLast(value?.items) } } : page;
}

/** The latest of all pages, if any page tells. */
export function newestOf(pages: readonly Page[]): Pick<Page, 'modifiedAt'> {
  const times = pages.flatMap(({ modifiedAt }) => modifiedAt ?? []);
  return times.length === 0 ? {} : { modifiedAt: times.reduce((a, b) => Math.max(a, b)) };
}

function modifiedLast(items: readonly ConfigurationSetting[] = []): Pick<Page, 'modifiedAt'> {
  const times = items.map(({ lastModified }) => lastModified?.getTime() ?? Number.NaN);
  const newest = Math.max(...times.filter(Number.isFinite));
  return Number.isFinite(newest) ? { modifiedAt: newest } : {};
}

/** A fresh object for each call: the SDK deletes `pageEtags` from the one it is given. */
function optionsFor({ filter, known, signal }: PageRequest, onResponse: (raw: RawAnswer) => void) {
  return {
    ...encodeQuery(filter),
    abortSignal: signal,
    onResponse,
    ...(known === undefined ? {} : { pageEtags: [known] }),
  };
}

const startOf = ({ after }: PageRequest) => (after === undefined ? {} : { continuationToken: after });

async function onePage<P>(pages: AsyncIterableIterator<P>): Promise<P | undefined> {
  const first = await pages.next();
  return first.done ? undefined : first.value;
}

function pageOf(
  answer: Answer,
  { filter, known, after }: PageRequest,
  next: string | undefined,
  settings?: readonly Setting[],
): PageOutcome {
  const seen = answer.status === 304 ? known : (etagOf(answer) ?? etagOfSnapshot(filter));
  // Without ETags changes would go unseen, and a page that leads to itself would never end.
  if (seen === undefined || (next !== undefined && next === after)) return { kind: 'garbled' };
  return {
    kind: 'page',
    page: {
      etag: seen,
      ...(next === undefined ? {} : { next }),
      ...(settings === undefined ? {} : { settings }),
    },
  };
}

/** A snapshot tells by itself when it changes; its pages need no ETag. */
const etagOfSnapshot = (filter: StoreFilter): string | undefined => (isSnapshot(filter) ? '' : undefined);

/** The body's ETag is unquoted and may be missing; the header's is quoted, and weak behind some proxies. */
function etagOf(answer: Answer): string | undefined {
  return unquoted(stringMember(answer.body, 'etag')) ?? unquoted(answer.header('etag'));
}

/** `"x"`, `W/"x"` and `x` are all `x`. */
export function unquoted(etag: string | undefined): string | undefined {
  const [, inner] = /^(?:W\/)?"?([^"]+)"?$/.exec(etag?.trim() ?? '') ?? [];
  return inner;
}

/** The continuation token of a `Link` header's `rel="next"`, as encoded by the store. */
export function nextOfLink(header: string | undefined): string | undefined {
  const [, target] = /<([^>]*)>\s*;\s*rel="?next"?/i.exec(header ?? '') ?? [];
  return afterOf(target);
}

/** The raw value of the query parameter `after`: sent back as it came, it survives any alphabet. */
function afterOf(link: string | undefined): string | undefined {
  const query = link?.slice(link.indexOf('?') + 1) ?? '';
  const pair = query.split('&').find((part) => /^after=/i.test(part));
  return pair === undefined || pair.length === 6 ? undefined : pair.slice(6);
}

function settingOf(item: ConfigurationSetting): Setting {
  const { key, label, value, contentType, etag, tags } = item;
  const isTagged = contentKind(contentType) === 'reference' && Object.keys(tags ?? {}).length > 0;
  return {
    key,
    ...(label ? { label } : {}),
    ...(typeof value === 'string' ? { value } : {}),
    ...(contentType ? { contentType } : {}),
    ...(isTagged && tags ? { tags } : {}),
    etag: unquoted(etag) ?? '',
  };
}
