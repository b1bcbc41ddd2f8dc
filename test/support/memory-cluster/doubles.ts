import type { LogFields, Logger } from '../../../src/ports/logger.ts';
import type { Counters, Gauges, Histograms, Metrics } from '../../../src/ports/metrics.ts';
import type { Random } from '../../../src/ports/random.ts';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: LogFields;
}

/** Keeps every line. */
export class RecordingLogger implements Logger {
  readonly lines: LogLine[];
  readonly #fields: LogFields;

  constructor(lines: LogLine[] = [], fields: LogFields = {}) {
    this.lines = lines;
    this.#fields = fields;
  }

  debug(message: string, fields?: LogFields): void {
    this.#log('debug', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#log('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#log('warn', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#log('error', message, fields);
  }

  child(fields: LogFields): Logger {
    return new RecordingLogger(this.lines, { ...this.#fields, ...fields });
  }

  #log(level: LogLine['level'], message: string, fields: LogFields = {}): void {
    this.lines.push({ level, message, fields: { ...this.#fields, ...fields } });
  }
}

/** Keeps sums, last values and observations, by `name{label="value"}`. */
export class RecordingMetrics implements Metrics {
  readonly values = new Map<string, number>();
  readonly observations = new Map<string, number[]>();

  increment<N extends keyof Counters>(name: N, labels: Counters[N], by = 1): void {
    const series = seriesOf(name, labels);
    this.values.set(series, (this.values.get(series) ?? 0) + by);
  }

  set<N extends keyof Gauges>(name: N, labels: Gauges[N], value: number): void {
    this.values.set(seriesOf(name, labels), value);
  }

  observe<N extends keyof Histograms>(name: N, labels: Histograms[N], value: number): void {
    const series = seriesOf(name, labels);
    this.observations.set(series, [...(this.observations.get(series) ?? []), value]);
  }
}

function seriesOf(name: string, labels: object): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`;
}

/** The same sequence for the same seed (mulberry32). */
export class SeededRandom implements Random {
  #state: number;

  constructor(seed = 1) {
    this.#state = seed;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
}
