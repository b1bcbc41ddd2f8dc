import type { Counters, Gauges, Histograms } from '../../ports/metrics.ts';

/** What a metric says on `/metrics`. Complete by type: a metric without an entry here does not compile. */
export interface MetricHelp {
  readonly help: string;
  readonly labels: readonly string[];
}

type Described<M> = {
  readonly [N in keyof M]: { readonly help: string; readonly labels: readonly (keyof M[N] & string)[] };
};

export const COUNTERS: Described<Counters> = {
  reconcile_total: { help: 'Reconciles of bindings, by outcome.', labels: ['outcome'] },
  azure_requests_total: {
    help: 'Requests to Azure, by service, operation and HTTP status or kind of failure.',
    labels: ['service', 'operation', 'code'],
  },
  azure_throttled_seconds_total: {
    help: 'Seconds for which services asked to be left alone (429, Retry-After), overlapping pauses of a host once.',
    labels: ['service'],
  },
  kubernetes_requests_total: {
    help: 'Requests to the API server, by verb, resource and HTTP status or kind of failure.',
    labels: ['verb', 'resource', 'code'],
  },
  token_requests_total: { help: 'Tokens asked for, by kind and outcome.', labels: ['kind', 'outcome'] },
  target_writes_total: {
    help: 'Writes of ConfigMaps and Secrets, by kind and action.',
    labels: ['kind', 'action'],
  },
  restarts_total: { help: 'Restarts of workloads, by kind and outcome.', labels: ['kind', 'outcome'] },
  events_total: { help: 'Kubernetes events recorded, by reason.', labels: ['reason'] },
  watch_restarts_total: {
    help: 'Lists and watches begun anew, by resource and cause.',
    labels: ['resource', 'cause'],
  },
};

export const GAUGES: Described<Gauges> = {
  leader: { help: '1 while this process leads.', labels: [] },
  bindings: { help: 'Bindings, by their condition Ready.', labels: ['ready'] },
  bindings_unready: {
    help: 'Bindings whose Ready is not True, by its reason; a new one has none yet.',
    labels: ['reason'],
  },
  bindings_stale: {
    help: 'Bindings whose store could not be read for a long time (condition Stale).',
    labels: [],
  },
  bindings_warning: { help: 'Bindings that work and need a look (condition Warning).', labels: [] },
  last_success_age_seconds: {
    help: 'Seconds since the store was last read for the binding that has waited longest, suspended ones aside; 0 where nothing is led.',
    labels: [],
  },
  rollouts: { help: 'Workloads that use a target, by the phase of their rollout.', labels: ['phase'] },
  workqueue_depth: { help: 'Bindings that wait for a reconcile.', labels: [] },
  watch_last_activity_seconds: {
    help: 'When a list or watch last brought something, in seconds since the epoch, by resource; of the namespace that has waited longest.',
    labels: ['resource'],
  },
  selections: { help: 'Selections that are polled.', labels: [] },
  store_requests_per_hour: {
    help: 'Estimate of requests per hour, while nothing changes, to the store that gets most.',
    labels: [],
  },
};

export const HISTOGRAMS: Described<Histograms> = {
  reconcile_duration_seconds: { help: 'Duration of reconciles, by outcome.', labels: ['outcome'] },
  workqueue_latency_seconds: { help: 'Time a binding waited for its reconcile to start.', labels: [] },
};
