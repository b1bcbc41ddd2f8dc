import { type Answer, type Call, json } from '../http/call.ts';
import { badParameter } from './errors.ts';

const MAX_PAGE = 25;

/** One page of a list with its absolute next link, built from the host the caller used (B.2, B.3). */
export function listPage(call: Call, items: readonly unknown[]): Answer {
  const size = pageSize(call.query.get('maxresults'));
  if (size === undefined) return badParameter('The value of maxresults must be between 1 and 25.');
  const start = startOf(call.query.get('$skiptoken'));
  const end = start + size;
  const nextLink = end < items.length ? nextLinkOf(call, end, size) : null;
  return json(200, { value: items.slice(start, end), nextLink });
}

/** Default and maximum are 25; undefined when out of range (B.2). */
function pageSize(text: string | undefined): number | undefined {
  if (text === undefined) return MAX_PAGE;
  const size = Number(text);
  return Number.isInteger(size) && size >= 1 && size <= MAX_PAGE ? size : undefined;
}

function nextLinkOf(call: Call, offset: number, size: number): string {
  const version = encodeURIComponent(call.query.get('api-version') ?? '');
  const token = Buffer.from(`offset:${offset}`).toString('base64url');
  return `https://${call.host}:443${call.path}?api-version=${version}&$skiptoken=${token}&maxresults=${size}`;
}

function startOf(token: string | undefined): number {
  const text = Buffer.from(token ?? '', 'base64url').toString('utf8');
  return Number(/^offset:(\d+)$/.exec(text)?.[1] ?? 0);
}
