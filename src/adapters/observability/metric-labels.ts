import { REASONS } from '../../api/reasons.ts';
import { AZURE_OPERATIONS, AZURE_SERVICES } from '../../ports/metrics.ts';

/**
 * What a label may hold. Every one is bounded: no namespace, name, host or key ever becomes a label, so the number of
 * time series does not grow with bindings.
 */
export type LabelValues = readonly string[] | Pattern;

/** Values too many to list. */
export interface Pattern {
  readonly pattern: RegExp;
  /** For people. */
  readonly text: string;
  /** How many different ones there can be. */
  readonly atMost: number;
}

const CODE: Pattern = {
  pattern: /^([1-5]\d\d|2xx|network|timeout|cancelled|transport)$/,
  text: 'the HTTP status, or what happened instead of one: `network`, `transport`, `timeout`, `cancelled`',
  atMost: 40,
};
const OUTCOMES = ['done', 'requeueAfter', 'retry'] as const;
const WATCHED = ['appconfigbindings', 'configmaps', 'serviceaccounts', 'namespaces'] as const;
const FAILURES = ['invalid-spec', 'blocked', 'throttled', 'unavailable', 'conflict', 'cancelled'] as const;

/** By label, or by metric and label where the same word means something else. */
export const LABELS: Readonly<Record<string, LabelValues>> = {
  service: AZURE_SERVICES,
  operation: AZURE_OPERATIONS,
  code: CODE,
  verb: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'],
  resource: {
    pattern: /^[a-z]+(\/[a-z]+)?$/,
    text: 'the plural name of the kind, with its subresource',
    atMost: 20,
  },
  reason: REASONS,
  ready: ['true', 'false'],
  action: ['created', 'updated', 'repaired', 'unchanged'],
  phase: {
    pattern: /^([A-Z][a-z]+)+$/,
    text: 'the phases of `status.rollouts`, such as `Progressing`, `Pending`, `Complete`, `Failed`, `OptedOut`; without `NoRestartNeeded`',
    atMost: 15,
  },
  'reconcile_total.outcome': OUTCOMES,
  'reconcile_duration_seconds.outcome': OUTCOMES,
  'token_requests_total.kind': ['serviceaccount', 'entra'],
  'token_requests_total.outcome': ['ok', ...FAILURES, 'status', 'transport', 'timeout'],
  'target_writes_total.kind': ['ConfigMap', 'Secret'],
  'restarts_total.kind': ['Deployment', 'StatefulSet', 'DaemonSet'],
  'restarts_total.outcome': ['restarted', 'failed'],
  'watch_restarts_total.cause': ['closed', 'silent', 'expired', 'failed', 'list-failed'],
  'watch_restarts_total.resource': WATCHED,
  'watch_last_activity_seconds.resource': WATCHED,
};

export function valuesOf(metric: string, label: string): LabelValues {
  const values = LABELS[`${metric}.${label}`] ?? LABELS[label];
  if (values === undefined)
    throw new Error(
      `say in src/adapters/observability/metric-labels.ts which values the label ${label} of ${metric} may have`,
    );
  return values;
}

export const isAllowed = (values: LabelValues, value: string): boolean =>
  isPattern(values) ? values.pattern.test(value) : values.includes(value);

/** The largest number of time series that a metric with these labels can have, without the buckets of a histogram. */
export const mostSeries = (metric: string, labels: readonly string[]): number =>
  labels
    .map((label) => valuesOf(metric, label))
    .reduce((product, values) => product * (isPattern(values) ? values.atMost : values.length), 1);

export const isPattern = (values: LabelValues): values is Pattern => 'pattern' in values;
