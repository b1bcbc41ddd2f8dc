export const AZURE_SERVICES = ['appconfig', 'keyvault', 'entra', 'imds'] as const;
export type AzureService = (typeof AZURE_SERVICES)[number];

/**
 * What a request to Azure asks for. `check_settings` is the cheap look for changes (HEAD), `list_settings` reads
 * content, `discover` is what the authentication library asks before its first token.
 */
export const AZURE_OPERATIONS = [
  'check_settings',
  'list_settings',
  'get_snapshot',
  'get_secret',
  'list_secrets',
  'get_token',
  'discover',
  'other',
] as const;
export type AzureOperation = (typeof AZURE_OPERATIONS)[number];

/** Everything that can be counted. Label values come from closed sets: no host, key or object name. */
export interface Counters {
  reconcile_total: { outcome: string };
  azure_requests_total: { service: AzureService; operation: AzureOperation; code: string };
  kubernetes_requests_total: { verb: string; resource: string; code: string };
  azure_throttled_seconds_total: { service: AzureService };
  token_requests_total: { kind: 'serviceaccount' | 'entra'; outcome: string };
  target_writes_total: { kind: string; action: string };
  restarts_total: { kind: string; outcome: string };
  events_total: { reason: string };
  watch_restarts_total: { resource: string; cause: string };
}

export interface Gauges {
  leader: Record<string, never>;
  bindings: { ready: string };
  bindings_unready: { reason: string };
  bindings_stale: Record<string, never>;
  bindings_warning: Record<string, never>;
  last_success_age_seconds: Record<string, never>;
  rollouts: { phase: string };
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
