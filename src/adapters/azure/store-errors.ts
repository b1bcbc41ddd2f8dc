/**
 * Refusals of App Configuration as failures. Facts: 403 with an empty body means that no role grants the data,
 * 403 with problem+json `ip-address-rejected` a network rule; 401 has no body, its cause is in WWW-Authenticate;
 * 429 carries `retry-after-ms`. Nothing of an answer but its status and the parameter at fault is printed.
 */
import {
  blocked,
  cancelled,
  type Failure,
  invalidSpec,
  throttled,
  unavailable,
} from '../../domain/failure.ts';
import {
  callerAtStart,
  callerOf,
  type Identity,
  originOf,
  tenantOf,
} from '../../domain/identity/identity.ts';
import { assigneeOf, grantStore, openStore } from '../../domain/remedies/access.ts';
import { withRemedy } from '../../domain/remedies/remedy.ts';
import { isSnapshot, type KeyFilter, type StoreFilter } from '../../domain/store/settings.ts';
import { describeNetwork } from './network-errors.ts';
import { retryAfterMs } from './retry-after.ts';
import { type Answer, type SdkOutcome, stringMember } from './sdk-call.ts';

/** Pause after a 429 that names none. */
export const DEFAULT_STORE_PAUSE_MS = 30_000;

/** Which read failed. */
export interface StoreRead {
  /** Who was asked: `https://<host>`. */
  readonly endpoint: string;
  /** Whose replica that is, if it is one: the only endpoint under which lists of stores have the store. */
  readonly store?: string | undefined;
  readonly filter: StoreFilter;
  readonly identity: Identity;
}

export type Refusal = Exclude<SdkOutcome<never>, { kind: 'done' }>;

/** The failure that an SDK outcome other than success means. */
export function storeFailure(outcome: Refusal, read: StoreRead, now: number): Failure {
  switch (outcome.kind) {
    case 'failure':
      return outcome.failure;
    case 'cancelled':
      return cancelled;
    case 'garbled':
      return unavailable('StoreUnreachable', garbledMessage(read));
    case 'network':
      return networkFailure(outcome.code, read);
    case 'answered':
      return answeredFailure(outcome.answer, read, now);
  }
}

const garbledMessage = ({ endpoint }: StoreRead): string =>
  `What answers at ${endpoint} does not speak App Configuration; a proxy in between may answer in its place.`;

function networkFailure(code: string, { endpoint }: StoreRead): Failure {
  if (code === 'ENOTFOUND') {
    return unavailable(
      'StoreNotFound',
      `No store answers at ${endpoint}: check spec.store.endpoint, and that the operator's DNS (and proxy) can resolve it.`,
    );
  }
  return unavailable('StoreUnreachable', `${endpoint} cannot be reached: ${describeNetwork(code)}.`);
}

function answeredFailure(answer: Answer, read: StoreRead, now: number): Failure {
  const pause = retryAfterMs((name) => answer.header(name), now);
  const { status } = answer;
  if (status === 429) {
    const message = `${read.endpoint} asks for a pause: its request quota is used up; it is kept.`;
    return throttled('StoreThrottled', message, pause ?? DEFAULT_STORE_PAUSE_MS);
  }
  if (status === 400) return badRequest(answer, read);
  if (status === 401) return unauthorized(answer, read);
  if (status === 403) return forbidden(answer, read);
  if (status === 404) {
    const message = `No App Configuration store at ${read.endpoint}: check spec.store.endpoint.`;
    return blocked('StoreNotFound', message);
  }
  const message = `${read.endpoint} answers HTTP ${status}; tried again by itself.`;
  return status >= 500 || status === 408
    ? unavailable('StoreUnreachable', message, pause)
    : blocked('StoreRejected', `${read.endpoint} refused the read with HTTP ${status}.`);
}

/** `name` of the problem is the query parameter at fault. */
function badRequest(answer: Answer, { endpoint, filter }: StoreRead): Failure {
  if (isSnapshot(filter)) {
    const called = `snapshot ${JSON.stringify(filter.snapshot)}`;
    return blocked('StoreRejected', `${endpoint} refused the read of ${called} with HTTP 400.`);
  }
  const refused = refusedFilter(stringMember(answer.body, 'name'), filter);
  if (refused !== undefined) return invalidSpec('StoreRejected', refused);
  return blocked(
    'StoreRejected',
    `${endpoint} refused the read of key filter ${JSON.stringify(filter.key)} with HTTP 400.`,
  );
}

function refusedFilter(
  parameter: string | undefined,
  { key, label, tags = [] }: KeyFilter,
): string | undefined {
  switch (parameter) {
    case 'key':
    case 'label':
      return `The store refuses the ${parameter} filter ${JSON.stringify(parameter === 'key' ? key : (label ?? ''))}: write an exact key, a prefix that ends in *, or at most 5 exact keys with commas; put \\ before a literal * , or \\.`;
    case 'tags':
      return `The store refuses the tags ${tags.map(([name]) => JSON.stringify(name)).join(', ')}: correct spec.selectors[].tags; names and values hold no control characters, and a selector takes at most 5 tags.`;
    default:
      return undefined;
  }
}

function unauthorized(answer: Answer, { endpoint, identity }: StoreRead): Failure {
  if (identity.kind === 'ConnectionString')
    return blocked(
      'StoreUnauthorized',
      refusedKey(answer.header('www-authenticate') ?? '', endpoint, identity),
    );
  return blocked(
    'StoreUnauthorized',
    `${endpoint} does not accept the token of ${callerOf(identity)}: the identity's tenant${tenantOf(identity)} must be the store's tenant, and the operator's settings cloud and store-audience must fit the store.`,
  );
}

/** The challenge tells why an access key is refused (learn.microsoft.com/azure/azure-app-configuration/rest-api-authentication-hmac). */
function refusedKey(challenge: string, endpoint: string, identity: Identity): string {
  if (challenge.includes('Authentication scheme disabled'))
    return `${endpoint} takes no access keys: enable them in the store's access settings, or use another identity.`;
  if (/access token (date|has expired)|token date/i.test(challenge))
    return `${endpoint} finds a signed request too old or too new: check the clock of the operator's node; 15 min are tolerated.`;
  return `${endpoint} does not know the access key in ${originOf(identity)}: it was regenerated; put the current connection string there. A changed Secret is used within the refresh interval.`;
}

function forbidden(answer: Answer, { endpoint, identity, store = endpoint }: StoreRead): Failure {
  if (/\/ip-address-rejected$/.test(stringMember(answer.body, 'type') ?? '')) {
    const message = `The network rules of ${endpoint} refuse the operator's address: allow it in the store's networking, or give the cluster a private endpoint.`;
    return withRemedy(blocked('StoreFirewall', message), openStore(store));
  }
  if (identity.kind === 'ConnectionString')
    return blocked('StoreForbidden', `${endpoint} forbids reading with ${callerOf(identity)}.`);
  const message = `${callerAtStart(identity)} may not read ${endpoint}: grant App Configuration Data Reader on ${store} to ${callerOf(identity)}; assignments take up to 15 min.`;
  return withRemedy(blocked('StoreForbidden', message), grantStore(assigneeOf(identity), store));
}
