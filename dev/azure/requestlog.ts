import type { ServiceName } from './http/call.ts';

/** What was asked and answered; holds no token, assertion, body or secret value. */
export interface RequestRecord {
  /** Rises by one per record; `since` in a filter compares with it. */
  readonly sequence: number;
  /** ISO 8601 by the pretend clock. */
  readonly time: string;
  /**
   * `proxy` records are CONNECTs: one per connection, or a refusal. `dns` records are questions: `method` is the
   * record type, `path` the transport, `status` the response code.
   */
  readonly service: ServiceName | 'proxy' | 'dns';
  readonly host: string;
  readonly method: string;
  /** Percent-encoded, without the query. */
  readonly path: string;
  readonly query: string;
  /** 0: the connection was reset or left hanging by a fault (in DNS, 0 is NOERROR and -1 no answer). */
  readonly status: number;
  /** Application id of the accepted token, or the client id of a token request. */
  readonly principal?: string;
  /** The service's error code, e.g. `SecretDisabled`, `AADSTS700213`. */
  readonly code?: string;
  /** The precondition header, as sent. */
  readonly conditional?: { readonly header: 'if-match' | 'if-none-match'; readonly etag: string };
  /** `x-ms-client-request-id`, as sent: what Key Vault logs as the correlation id of an audit event. */
  readonly clientRequestId?: string;
  /** Id of the fault that shaped the answer. */
  readonly fault?: string;
}

/** All members must match; omitted ones match anything. `path` is a regular expression over path and query. */
export interface RequestFilter {
  readonly service?: RequestRecord['service'] | undefined;
  readonly host?: string | undefined;
  readonly method?: string | undefined;
  readonly status?: number | undefined;
  readonly principal?: string | undefined;
  readonly path?: string | undefined;
  readonly since?: number | undefined;
}

const CAPACITY = 200_000;

/** Keeps the newest records up to a fixed capacity (oldest are dropped in blocks). */
export class RequestLog {
  #records: RequestRecord[] = [];
  #sequence = 0;

  add(record: Omit<RequestRecord, 'sequence'>): void {
    this.#sequence += 1;
    this.#records.push({ sequence: this.#sequence, ...record });
    if (this.#records.length > CAPACITY) this.#records = this.#records.slice(CAPACITY / 4);
  }

  get(filter: RequestFilter = {}): RequestRecord[] {
    const path = filter.path === undefined ? undefined : new RegExp(filter.path);
    return this.#records.filter((record) => fits(record, filter, path));
  }

  /** How many there are by `service METHOD status`: cheaper to tell than thousands of records. */
  count(filter: RequestFilter = {}): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { service, method, status } of this.get(filter)) {
      const kind = `${service} ${method} ${status}`;
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    return counts;
  }

  clear(): void {
    this.#records = [];
  }
}

function fits(record: RequestRecord, filter: RequestFilter, path: RegExp | undefined): boolean {
  return (
    same(filter.service, record.service) &&
    same(filter.host, record.host) &&
    same(filter.method, record.method) &&
    same(filter.status, record.status) &&
    same(filter.principal, record.principal) &&
    (filter.since === undefined || record.sequence > filter.since) &&
    (path === undefined || path.test(`${record.path}?${record.query}`))
  );
}

function same<T>(wanted: T | undefined, actual: T | undefined): boolean {
  return wanted === undefined || wanted === actual;
}
