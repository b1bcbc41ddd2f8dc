import {
  COUNTERS,
  GAUGES,
  HISTOGRAMS,
  type MetricHelp,
} from '../../src/adapters/observability/metric-help.ts';
import {
  isPattern,
  LABELS,
  type LabelValues,
  mostSeries,
} from '../../src/adapters/observability/metric-labels.ts';
import { BUCKETS, PREFIX } from '../../src/adapters/observability/metrics.ts';
import type { GeneratedFile } from './files.ts';
import { cell, page, table } from './markdown.ts';

const INTRO = `All names begin with \`${PREFIX}\`. Beside them stand the usual metrics of the process (\`process_*\`, \`nodejs_*\`). What to watch and when to be woken: [operations](../guide/operations.md#metrics).`;
const BOUNDS =
  'The number of time series does not grow with bindings, stores or vaults: every label holds one of a fixed set of values, and the last column tells how many series there can be at most. A test with 1,000 bindings in many states holds each value against this page.';
const HISTOGRAM_NOTE = `Histograms have the buckets ${BUCKETS.map((bucket) => `\`${bucket}\``).join(', ')} and \`+Inf\` (seconds), and \`_sum\` and \`_count\`; what stands under series is without them.`;

/** docs/reference/metrics.md: every metric, its labels and what they may hold. */
export function metricsPage(): readonly GeneratedFile[] {
  const rows = [
    ...Object.entries<MetricHelp>(COUNTERS).map(rowOf('counter')),
    ...Object.entries<MetricHelp>(GAUGES).map(rowOf('gauge')),
    ...Object.entries<MetricHelp>(HISTOGRAMS).map(rowOf('histogram')),
  ];
  const labels = Object.entries(LABELS).map(([name, values]) => [`\`${name}\``, describe(name, values)]);
  const content = page([
    '# Metrics',
    INTRO,
    table(['Metric', 'Type', 'Labels', 'Tells', 'Series at most'], rows),
    HISTOGRAM_NOTE,
    '## Values of labels',
    BOUNDS,
    table(['Label', 'Values'], labels),
  ]);
  return [{ path: 'docs/reference/metrics.md', content }];
}

const rowOf =
  (type: string) =>
  ([name, { help, labels }]: readonly [string, MetricHelp]): readonly string[] => [
    `\`${name}\``,
    type,
    labels.map((label) => `\`${label}\``).join(', '),
    cell(help),
    String(mostSeries(name, labels)),
  ];

function describe(name: string, values: LabelValues): string {
  if (isPattern(values)) return `${cell(values.text)} (at most ${values.atMost})`;
  if (name === 'reason') return `the [closed list](reasons.md) (${values.length})`;
  return values.map((value) => `\`${value}\``).join(', ');
}
