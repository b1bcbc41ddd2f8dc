import type { Call, ServiceName } from './http/call.ts';

/** What a fault applies to; omitted members match anything. */
export interface FaultMatch {
  readonly service?: ServiceName | undefined;
  readonly host?: string | undefined;
  readonly method?: string | undefined;
  /** Regular expression over path and query as on the request line. */
  readonly path?: string | undefined;
}

/**
 * What happens to a matching request. `delayMs` comes first and, alone, only slows the true answer down.
 * A `status` without `body` is answered in the service's own error shape.
 */
export interface FaultEffect {
  readonly delayMs?: number | undefined;
  readonly status?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  /** Pause between the headers and the body of the answer. */
  readonly bodyDelayMs?: number | undefined;
  /** Cut the connection without an answer. */
  readonly reset?: boolean | undefined;
  /** Never answer; the connection stays open until the client gives up. */
  readonly hang?: boolean | undefined;
}

/** `skip` lets that many matching requests pass first; `count` ends the fault after that many hits. */
export interface FaultSpec extends FaultMatch, FaultEffect {
  readonly count?: number | undefined;
  readonly skip?: number | undefined;
}

/** A fault in force, with the number of requests it has shaped. */
export type Fault = FaultSpec & { readonly id: string; readonly hits: number };

interface Armed {
  readonly id: string;
  readonly spec: FaultSpec;
  readonly path: RegExp | undefined;
  seen: number;
  hits: number;
}

/** The list of armed faults; the first that matches a request shapes it. */
export class Faults {
  #armed: Armed[] = [];
  #lastId = 0;

  /** Throws on an invalid `path` expression. */
  add(spec: FaultSpec): string {
    this.#lastId += 1;
    const path = spec.path === undefined ? undefined : new RegExp(spec.path);
    this.#armed.push({ id: `fault-${this.#lastId}`, spec, path, seen: 0, hits: 0 });
    return `fault-${this.#lastId}`;
  }

  remove(id: string): boolean {
    const before = this.#armed.length;
    this.#armed = this.#armed.filter((fault) => fault.id !== id);
    return this.#armed.length < before;
  }

  clear(): void {
    this.#armed = [];
  }

  list(): Fault[] {
    return this.#armed.map(({ id, spec, hits }) => ({ ...spec, id, hits }));
  }

  /** The effect for this request, counted as a hit; spent faults stay listed. */
  take(service: ServiceName, call: Pick<Call, 'host' | 'method' | 'target'>): Fault | undefined {
    if (this.#armed.length === 0) return undefined;
    for (const fault of this.#armed) {
      if (!matches(fault, service, call) || !due(fault)) continue;
      fault.hits += 1;
      return { ...fault.spec, id: fault.id, hits: fault.hits };
    }
    return undefined;
  }
}

function matches(
  fault: Armed,
  service: ServiceName,
  call: Pick<Call, 'host' | 'method' | 'target'>,
): boolean {
  const { spec, path } = fault;
  return (
    (spec.service === undefined || spec.service === service) &&
    (spec.host === undefined || spec.host === call.host) &&
    (spec.method === undefined || spec.method === call.method) &&
    (path === undefined || path.test(call.target))
  );
}

function due(fault: Armed): boolean {
  fault.seen += 1;
  if (fault.seen <= (fault.spec.skip ?? 0)) return false;
  return fault.spec.count === undefined || fault.hits < fault.spec.count;
}
