import {
  COUNTERS,
  GAUGES,
  HISTOGRAMS,
  type MetricHelp,
} from '../../../src/adapters/observability/metric-help.ts';
import { PREFIX } from '../../../src/adapters/observability/metrics.ts';

/** Labels that Prometheus adds to every series of a pod. */
const ADDED = ['namespace', 'job', 'pod', 'instance'];

const KNOWN = new Map<string, readonly string[]>([
  ...Object.entries<MetricHelp>({ ...COUNTERS, ...GAUGES }).map(
    ([name, { labels }]) => [`${PREFIX}${name}`, [...labels, ...ADDED]] as const,
  ),
  ...Object.entries<MetricHelp>(HISTOGRAMS).flatMap(([name, { labels }]) =>
    ['_bucket', '_sum', '_count'].map(
      (part) =>
        [`${PREFIX}${name}${part}`, [...labels, ...ADDED, ...(part === '_bucket' ? ['le'] : [])]] as const,
    ),
  ),
  // Of the process: prom-client's default metrics.
  ['process_resident_memory_bytes', ADDED],
]);

/** Metrics of a query that the operator does not have, and labels that its metrics do not have. */
export function strangersOf(query: string): readonly string[] {
  const names = [
    ...new Set([...query.matchAll(/\b(?:appconfig_operator|process|nodejs)_\w+/g)].map(([name]) => name)),
  ];
  const metrics = names.filter((name) => !KNOWN.has(name));
  const allowed = new Set(names.flatMap((name) => KNOWN.get(name) ?? []));
  return [...metrics, ...labelsOf(query).filter((label) => !allowed.has(label))];
}

/** Of matchers in braces, and of by-clauses. */
function labelsOf(query: string): readonly string[] {
  const matchers = [...query.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, label = '']) => label);
  const groups = [...query.matchAll(/\bby\s*\(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(',').map((one) => one.trim()),
  );
  return [...matchers, ...groups];
}
