import type { CloudName } from '../domain/clouds.ts';
import type { AzureProxySettings } from './azure-proxy.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Checked, typed and frozen. Durations in milliseconds. */
export interface Settings {
  readonly namespace: string;
  readonly podName: string;
  readonly serviceAccountDir: string;
  readonly kubeconfig: string;
  readonly context: string;
  /** Azure is read as whoever runs the operator. */
  readonly localIdentity: boolean;
  readonly http: { readonly host: string; readonly port: number };
  readonly watchNamespaces: readonly string[];
  readonly bindingSelector: string;
  readonly tenantId: string;
  readonly cloud: CloudName;
  /** `https://<host>`. */
  readonly authorityHost: string;
  readonly tokenAudience: string;
  readonly storeAudience: string;
  /** All under which stores, and vaults, are trusted; those of the cloud first. */
  readonly storeSuffixes: readonly string[];
  readonly vaultSuffixes: readonly string[];
  /** Patterns of hosts, lower case; empty: any. */
  readonly allowedVaults: readonly string[];
  readonly allowManagedIdentities: boolean;
  /** Absent: the pod has none. */
  readonly azureProxy?: AzureProxySettings;
  /** `IP`, `IP:PORT` or `[IPv6]:PORT`; empty: those of the system. */
  readonly dnsServer: string;
  /** Requests per hour and store; 0: no check. */
  readonly storeRequestBudget: number;
  readonly concurrency: number;
  readonly driftIntervalMs: number;
  readonly rolloutsEnabled: boolean;
  readonly rolloutsDryRun: boolean;
  /** 0: no limit. */
  readonly rolloutsPerNamespace: number;
  /** 0: no limit. */
  readonly rolloutsPerCluster: number;
  readonly leaderElect: boolean;
  readonly leaseName: string;
  readonly keySecretName: string;
  readonly logLevel: LogLevel;
}

export type SettingsResult =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly errors: readonly string[] };
