import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Counters, Gauges, Histograms, Metrics } from '../../ports/metrics.ts';
import { COUNTERS, GAUGES, HISTOGRAMS, type MetricHelp } from './metric-help.ts';

/** Of every metric's name. */
export const PREFIX = 'appconfig_operator_';
/** From a reconcile that finds nothing to do to one that waits for slow servers, in seconds. */
export const BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export interface PrometheusMetrics extends Metrics {
  readonly contentType: string;
  /** The exposition text. */
  render(): Promise<string>;
}

/** Prometheus metrics in a registry of their own, with the process's default metrics beside them. */
export function createMetrics(options: { readonly processMetrics?: boolean } = {}): PrometheusMetrics {
  const registry = new Registry();
  const counters = mapOf(COUNTERS, (name, help) => new Counter({ ...of(name, help), registers: [registry] }));
  const gauges = mapOf(GAUGES, (name, help) => new Gauge({ ...of(name, help), registers: [registry] }));
  const histograms = mapOf(
    HISTOGRAMS,
    (name, help) => new Histogram({ ...of(name, help), buckets: BUCKETS, registers: [registry] }),
  );
  if (options.processMetrics !== false) collectDefaultMetrics({ register: registry });
  return {
    increment: (name, labels, by = 1) => counters[name].inc({ ...labels }, by),
    set: (name, labels, value) => gauges[name].set({ ...labels }, value),
    observe: (name, labels, value) => histograms[name].observe({ ...labels }, value),
    contentType: registry.contentType,
    render: () => registry.metrics(),
  };
}

const of = (name: string, { help, labels }: MetricHelp) => ({
  name: `${PREFIX}${name}`,
  help,
  labelNames: [...labels],
});

type Name = keyof Counters | keyof Gauges | keyof Histograms;

function mapOf<N extends Name, M>(
  described: Readonly<Record<N, MetricHelp>>,
  make: (name: string, help: MetricHelp) => M,
): Record<N, M> {
  const entries = Object.entries<MetricHelp>(described).map(([name, help]) => [name, make(name, help)]);
  return Object.fromEntries(entries) as Record<N, M>;
}
