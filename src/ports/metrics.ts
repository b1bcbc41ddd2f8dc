/** Everything that can be counted. Label values come from closed sets: no host, key or object name. */
export interface Counters {
  reconcile_total: { outcome: string };
  azure_requests_total: { service: string; operation: string; code: string };
  kubernetes_requests_total: { verb: string; resource: string; code: string };
  token_requests_total: { kind: 'serviceaccount' | 'entra'; outcome: string };
  target_writes_total: { kind: string; action: string };
  restarts_total: { kind: string; outcome: string };
  events_total: { reason: string };
  watch_restarts_total: { resource: string; cause: string };
}

export interface Gauges {
  leader: Record<string, never>;
  bindings: { ready: string };
  workqueue_depth: Record<string, never>;
  watch_last_activity_seconds: { resource: string };
  selections: Record<string, never>;
  store_requests_per_hour: Record<string, never>;
}

export interface Histograms {
  reconcile_duration_seconds: { outcome: string };
  workqueue_latency_seconds: Record<string, never>;
}

/** Metrics by name; the adapter adds the prefix `appconfig_operator_`. */
export interface Metrics {
  increment<N extends keyof Counters>(name: N, labels: Counters[N], by?: number): void;
  set<N extends keyof Gauges>(name: N, labels: Gauges[N], value: number): void;
  observe<N extends keyof Histograms>(name: N, labels: Histograms[N], value: number): void;
}
