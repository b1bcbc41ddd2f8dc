import { PREFIX } from '../../src/adapters/observability/metrics.ts';
import type { Counters, Gauges, Histograms } from '../../src/ports/metrics.ts';

/** One picture of the dashboard. */
export interface Panel {
  readonly kind: 'stat' | 'timeseries';
  readonly title: string;
  /** What to make of it. */
  readonly description: string;
  /** As Grafana calls units. */
  readonly unit: 'short' | 's' | 'reqps' | 'bytes';
  readonly queries: readonly Query[];
}

export interface Query {
  readonly expr: string;
  /** Grafana's `{{label}}`. */
  readonly legend: string;
}

const CHOSEN = 'namespace=~"$namespace", job=~"$job"';

const series = (name: string, more = ''): string =>
  `${PREFIX}${name}{${CHOSEN}${more === '' ? '' : `, ${more}`}}`;

/** Each replica counts all bindings. */
const gauge = (name: keyof Gauges, ...labels: readonly string[]): string =>
  labels.length === 0 ? `max(${series(name)})` : `max by (${labels.join(', ')}) (${series(name)})`;

const rate = (name: keyof Counters, labels: string, more?: string): string =>
  `sum by (${labels}) (rate(${series(name, more)}[$__rate_interval]))`;

const p99 = (name: keyof Histograms): string =>
  `histogram_quantile(0.99, sum by (le) (rate(${series(`${name}_bucket`)}[$__rate_interval])))`;

const stat = (title: string, description: string, expr: string, unit: Panel['unit'] = 'short'): Panel => ({
  kind: 'stat',
  title,
  description,
  unit,
  queries: [{ expr, legend: title }],
});

const graph = (
  title: string,
  description: string,
  unit: Panel['unit'],
  ...queries: readonly (readonly [expr: string, legend: string])[]
): Panel => ({
  kind: 'timeseries',
  title,
  description,
  unit,
  queries: queries.map(([expr, legend]) => ({ expr, legend })),
});

/** First what users feel, then Azure, then the operator itself. */
export const PANELS: readonly Panel[] = [
  stat(
    'Ready',
    'Bindings whose targets hold what the store holds.',
    `max(${series('bindings', 'ready="true"')})`,
  ),
  stat(
    'Not ready',
    'Bindings that need someone, or an answer of Azure.',
    `max(${series('bindings', 'ready="false"')})`,
  ),
  stat('Stale', 'Bindings whose store could not be read for a long time.', gauge('bindings_stale')),
  stat('Warnings', 'Bindings that work and need a look.', gauge('bindings_warning')),
  stat('Oldest read', 'For the binding that has waited longest.', gauge('last_success_age_seconds'), 's'),
  stat('Leaders', 'One, at every time.', `sum(${series('leader')})`),
  graph(
    'Bindings not ready',
    'By the reason of Ready; each is explained in the reference of reasons.',
    'short',
    [gauge('bindings_unready', 'reason'), '{{reason}}'],
  ),
  graph('Rollouts', 'Workloads that use a target, by phase.', 'short', [
    gauge('rollouts', 'phase'),
    '{{phase}}',
  ]),
  graph('Requests to Azure', 'Idle, these are looks for changes and renewed tokens.', 'reqps', [
    rate('azure_requests_total', 'service, operation'),
    '{{service}} {{operation}}',
  ]),
  graph(
    'Answers of Azure that are none',
    'Other codes than 2xx and 304. A vault answers the first request of each client with 401: its challenge.',
    'reqps',
    [rate('azure_requests_total', 'service, code', 'code!~"2..|304"'), '{{service}} {{code}}'],
  ),
  graph('Pauses that Azure asked for', 'Seconds of pause per second.', 'short', [
    rate('azure_throttled_seconds_total', 'service'),
    '{{service}}',
  ]),
  graph('Tokens', 'Asked for, by outcome.', 'reqps', [
    rate('token_requests_total', 'kind, outcome'),
    '{{kind}} {{outcome}}',
  ]),
  graph(
    'Targets written and workloads restarted',
    'Nothing while nothing changes.',
    'reqps',
    [rate('target_writes_total', 'kind, action'), '{{kind}} {{action}}'],
    [rate('restarts_total', 'kind, outcome'), '{{kind}} {{outcome}}'],
  ),
  graph(
    'Wait and work',
    'Of one binding, the slowest of a hundred.',
    's',
    [p99('workqueue_latency_seconds'), 'wait'],
    [p99('reconcile_duration_seconds'), 'reconcile'],
  ),
  graph('Queue', 'Bindings that wait.', 'short', [gauge('workqueue_depth'), 'depth']),
  graph('Requests to the API server', 'By verb.', 'reqps', [
    rate('kubernetes_requests_total', 'verb'),
    '{{verb}}',
  ]),
  graph('Silence of watches', 'Since something was last heard; a minute is usual, ten are too many.', 's', [
    `time() - max by (resource) (${series('watch_last_activity_seconds')})`,
    '{{resource}}',
  ]),
  graph('Memory', 'Resident.', 'bytes', [
    `max by (pod) (process_resident_memory_bytes{${CHOSEN}})`,
    '{{pod}}',
  ]),
];
