/** Lines of the table that several scenarios have in common. */
import { readsOf, sum, writesOf } from '../measure/audit-tail.ts';
import type { Usage } from '../measure/window.ts';
import type { Target } from '../report/measure.ts';
import { summarise } from '../report/statistics.ts';
import type { Bench } from '../scenario.ts';

/** Adds lines under one heading. */
export class Recorder {
  readonly #bench: Bench;
  readonly #heading: string;

  constructor(bench: Bench, heading: string) {
    this.#bench = bench;
    this.#heading = heading;
  }

  add(name: string, value: number, unit = '', target?: Target): void {
    const wish = target === undefined ? {} : { target };
    this.#bench.record({ scenario: this.#heading, name, value, unit, ...wish });
  }

  /** Seconds between `since` and each of the times: median, p95, max. */
  latencies(name: string, times: readonly number[], since: number, target?: Target): void {
    const { median, p95, max } = summarise(times.map((at) => (at - since) / 1000));
    this.add(`${name}, median`, median, 's');
    this.add(`${name}, p95`, p95, 's');
    this.add(`${name}, max`, max, 's', target);
  }

  /** Requests to Azure, one line per kind. */
  azure({ azure }: Usage): void {
    for (const [kind, count] of Object.entries(azure).sort()) this.add(`Azure: ${readable(kind)}`, count);
  }

  /** Requests to the API server by verb, without the Lease and token requests. */
  kubernetes({ kubernetes }: Usage): void {
    const verbs = [...new Set(Object.keys(kubernetes).map((kind) => kind.split(' ')[0] ?? ''))].sort();
    for (const verb of verbs)
      this.add(
        `Kubernetes: ${verb}`,
        sum(kubernetes, (kind) => kind.startsWith(`${verb} `)),
      );
  }

  /** CPU and memory of the operator. */
  process({ cpuSeconds, rssMiB, peakMiB }: Usage, target?: Target): void {
    this.add('operator: CPU', cpuSeconds, 's');
    this.add('operator: RSS', rssMiB, 'MiB', target);
    this.add('operator: RSS, peak', peakMiB, 'MiB');
  }

  /** Everything of a window goes into the raw data. */
  raw(usage: Usage): void {
    this.#bench.note(this.#heading, {
      ...usage,
      reads: readsOf(usage.kubernetes),
      writes: writesOf(usage.kubernetes),
    });
  }
}

/** `proxy CONNECT 200` is a new connection. */
const readable = (kind: string): string => (kind === 'proxy CONNECT 200' ? 'new connections' : kind);

export const pageBodies = ({ azure }: Usage): number => azure['appconfig GET 200'] ?? 0;
export const secretReads = ({ azure }: Usage): number => azure['keyvault GET 200'] ?? 0;
