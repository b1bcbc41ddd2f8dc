import type { Call } from '../../http/call.ts';
import type { Endpoint } from '../endpoint.ts';
import { type Listing, makeListing } from '../listing.ts';
import { pageOf, positionOf } from '../pages.ts';
import { isProblem, type Problem } from '../problems.ts';
import { readVersion } from '../versions.ts';
import { statusAt } from './snapshot.ts';

/**
 * `GET|HEAD /kv?snapshot=name`: a page of what the snapshot holds; key and label are not used (A.2, A.11).
 *
 * A snapshot that is missing, being built or failed is an *empty* page, not an error; an archived one still serves.
 * Undefined at API versions that do not know the parameter: it is ignored then (A.1).
 */
export function listSnapshotContent(
  call: Call,
  endpoint: Endpoint,
  now: number,
): Listing | Problem | undefined {
  const api = readVersion(call.query.all('api-version'), `https://${call.host}${call.target}`);
  if (isProblem(api)) return api;
  if (!api.snapshots) return undefined;
  const snapshot = endpoint.store.snapshots.get(call.query.get('snapshot') ?? '');
  const status = snapshot && statusAt(snapshot, now);
  const settings = snapshot && (status === 'ready' || status === 'archived') ? snapshot.settings : [];
  const page = pageOf(settings, () => true, positionOf(call.query.get('after')));
  return makeListing(call, api, page, endpoint.pageEtagSalt);
}
