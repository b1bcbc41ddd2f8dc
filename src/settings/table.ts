import { isIP } from 'node:net';
import { collect, envName, type SettingSpec } from './arguments.ts';
import { parseDuration } from './domain/durations.ts';
import { isVaultPattern } from './domain/plan-vaults.ts';

/**
 * The operator's own settings: one table of flags, each also an environment variable
 * (`--drift-interval` = `APPCONFIG_OPERATOR_DRIFT_INTERVAL`; the flag wins). The chart, `--help` and
 * docs/reference/settings.md all come from this table.
 */
const spec = (flag: string, placeholder: string, fallback: string, help: string): SettingSpec => ({
  flag,
  placeholder,
  fallback,
  help,
});

export const SETTINGS = [
  spec(
    'namespace',
    'NAME',
    'appconfig-system',
    "the operator's own namespace: its Lease and its hash key live there",
  ),
  spec('pod-name', 'NAME', '', "this process's name in the Lease and in events; empty: the host name"),
  spec(
    'service-account-dir',
    'DIR',
    '/var/run/secrets/kubernetes.io/serviceaccount',
    'folder of the in-cluster token, ca.crt and namespace',
  ),
  spec(
    'kubeconfig',
    'FILE',
    '',
    'run outside the cluster with this kubeconfig; empty outside a cluster: the usual search',
  ),
  spec('context', 'NAME', '', 'context of the kubeconfig; empty: its current one'),
  spec(
    'local-identity',
    'BOOL',
    'false',
    'for development, outside of clusters only: read Azure as your own login (service principal of the environment, Azure CLI, Azure Developer CLI, PowerShell, VS Code) whatever bindings say; then --leader-elect is false and --http-address is on 127.0.0.1 unless set',
  ),
  spec('http-address', 'HOST:PORT', '0.0.0.0:8080', 'where /livez, /readyz and /metrics are served'),
  spec('watch-namespaces', 'A,B', '', 'namespaces to serve; empty: all'),
  spec(
    'binding-selector',
    'SELECTOR',
    '',
    'label selector of the bindings to serve, so that several releases can share a cluster',
  ),
  spec('tenant-id', 'ID', '', 'Entra tenant for ServiceAccounts that name none'),
  spec('authority-host', 'URL', 'https://login.microsoftonline.com', 'Entra authority of the cloud'),
  spec(
    'token-audience',
    'URI',
    'api://AzureADTokenExchange',
    'audience of ServiceAccount tokens; equal to the one in the federated credentials',
  ),
  spec(
    'store-audience',
    'URI',
    '',
    'audience of App Configuration tokens; empty: derived from the host of the store',
  ),
  spec('store-suffixes', 'A,B', '', 'further host suffixes under which stores are trusted'),
  spec('vault-suffixes', 'A,B', '', 'further host suffixes under which vaults are trusted'),
  spec(
    'allowed-vaults',
    'A,B',
    '',
    'hosts of the vaults that may be read at all, * for any characters of the first label; empty: any of the cloud',
  ),
  spec(
    'allow-managed-identities',
    'BOOL',
    'false',
    'true: bindings of any namespace may read as the managed identities of the node that the operator runs on',
  ),
  spec(
    'dns-server',
    'IP[:PORT]',
    '',
    'DNS server that is asked for the replicas of stores; empty: those of the system',
  ),
  spec(
    'store-request-budget',
    'N',
    '0',
    'requests per hour that a store grants (tier Developer 6,000, Standard 30,000); bindings whose intervals cannot fit it get the condition Warning; 0: no check',
  ),
  spec(
    'concurrency',
    'N',
    '16',
    'bindings reconciled at the same time, those that wait for Azure not counted',
  ),
  spec(
    'drift-interval',
    'DURATION',
    '5m',
    'how often Secrets are checked for edits by others, and workloads for missed restarts',
  ),
  spec('rollouts-enabled', 'BOOL', 'true', 'false: never restart a workload, whatever bindings say'),
  spec(
    'rollouts-dry-run',
    'BOOL',
    'false',
    'true: the status of bindings tells what would be restarted, and nothing is',
  ),
  spec(
    'rollouts-per-namespace',
    'N',
    '0',
    'workloads of a namespace that roll out at a time, for all its bindings together; 0: no limit',
  ),
  spec(
    'rollouts-per-cluster',
    'N',
    '20',
    'workloads that roll out at a time, for all bindings that this operator serves; 0: no limit',
  ),
  spec(
    'leader-elect',
    'BOOL',
    'true',
    'take the Lease before reconciling; needed with more than one replica',
  ),
  spec('lease-name', 'NAME', 'appconfig-operator', 'name of the Lease'),
  spec(
    'key-secret-name',
    'NAME',
    'appconfig-operator-key',
    'Secret that holds the key of all hashes; made by the operator',
  ),
  spec('log-level', 'LEVEL', 'info', 'debug, info, warn or error'),
] as const;

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
  readonly authorityHost: string;
  readonly tokenAudience: string;
  readonly storeAudience: string;
  readonly storeSuffixes: readonly string[];
  readonly vaultSuffixes: readonly string[];
  /** Patterns of hosts, lower case; empty: any. */
  readonly allowedVaults: readonly string[];
  readonly allowManagedIdentities: boolean;
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

/** What a laptop wants else than a cluster: it neither takes part in an election nor listens to the network. */
const LOCAL_FALLBACKS: Readonly<Record<string, string>> = {
  'leader-elect': 'false',
  'http-address': '127.0.0.1:8080',
};

/** Reads one setting after the other and remembers every complaint. */
class Reader {
  readonly errors: string[];
  readonly #texts: ReadonlyMap<string, string>;

  constructor(texts: ReadonlyMap<string, string>, errors: string[]) {
    this.#texts = texts;
    this.errors = errors;
  }

  text(flag: string): string {
    return (this.#texts.get(flag) ?? '').trim();
  }

  list(flag: string): readonly string[] {
    return this.text(flag)
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  }

  /** Host suffixes, lower case, without leading dots. */
  suffixes(flag: string): readonly string[] {
    return this.list(flag).map((suffix) => suffix.toLowerCase().replace(/^\.+/, ''));
  }

  /** Members in lower case, each of which must be `valid`. */
  members(flag: string, valid: (member: string) => boolean, expected: string): readonly string[] {
    const members = this.list(flag).map((member) => member.toLowerCase());
    for (const member of members)
      if (!valid(member)) this.errors.push(`--${flag} holds ${JSON.stringify(member)}; expected ${expected}`);
    return members;
  }

  parsed<T>(flag: string, parse: (text: string) => T | undefined, expected: string, otherwise: T): T {
    const value = parse(this.text(flag));
    if (value !== undefined) return value;
    this.errors.push(`--${flag} is ${JSON.stringify(this.text(flag))}; expected ${expected}`);
    return otherwise;
  }

  boolean(flag: string): boolean {
    const parse = (text: string) => (text === 'true' ? true : text === 'false' ? false : undefined);
    return this.parsed(flag, parse, 'true or false', false);
  }
}

/** `host:port`; the last colon separates, so that a bare IPv6 address from the downward API works. */
function parseAddress(text: string): { host: string; port: number } | undefined {
  const at = text.lastIndexOf(':');
  const host = text.slice(0, at).replace(/^\[(.*)\]$/, '$1');
  const port = Number(text.slice(at + 1));
  if (at < 1 || !Number.isInteger(port) || port < 0 || port > 65_535) return undefined;
  return isIP(host) !== 0 || /^[a-z0-9.-]+$/i.test(host) ? { host, port } : undefined;
}

/** As the resolver takes it: a host name would need a server to resolve it. */
function parseDnsServer(text: string): string | undefined {
  if (text === '' || isIP(text) !== 0) return text;
  const { host, port } = parseAddress(text) ?? { host: '', port: 0 };
  if (isIP(host) === 0 || port === 0) return undefined;
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

const parseCount = (text: string): number | undefined =>
  /^[1-9]\d{0,3}$/.test(text) ? Number(text) : undefined;

const parseBudget = (text: string): number | undefined =>
  /^(0|[1-9]\d{0,8})$/.test(text) ? Number(text) : undefined;

const parseLevel = (text: string): LogLevel | undefined =>
  (['debug', 'info', 'warn', 'error'] as const).find((level) => level === text);

const parseAuthority = (text: string): string | undefined =>
  /^https:\/\/[a-z0-9.-]+(:\d+)?\/?$/i.test(text) ? text.replace(/\/$/, '') : undefined;

function parseInterval(text: string): number | undefined {
  const ms = parseDuration(text);
  return ms !== undefined && ms >= 1_000 ? ms : undefined;
}

/** Flags over environment over defaults → settings, or every error at once. */
export function parseSettings(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): SettingsResult {
  const { texts, errors } = collect(SETTINGS, argv, env, LOCAL_FALLBACKS);
  const read = new Reader(texts, errors);
  const settings: Settings = Object.freeze({
    namespace: read.text('namespace'),
    podName: read.text('pod-name'),
    serviceAccountDir: read.text('service-account-dir'),
    kubeconfig: read.text('kubeconfig'),
    context: read.text('context'),
    localIdentity: read.boolean('local-identity'),
    http: read.parsed('http-address', parseAddress, 'host:port, such as 0.0.0.0:8080', { host: '', port: 0 }),
    watchNamespaces: read.list('watch-namespaces'),
    bindingSelector: read.text('binding-selector'),
    tenantId: read.text('tenant-id'),
    authorityHost: read.parsed('authority-host', parseAuthority, 'an https URL without a path', ''),
    tokenAudience: read.text('token-audience'),
    storeAudience: read.text('store-audience'),
    storeSuffixes: read.suffixes('store-suffixes'),
    vaultSuffixes: read.suffixes('vault-suffixes'),
    allowedVaults: read.members('allowed-vaults', isVaultPattern, 'hosts such as shop-*.vault.azure.net'),
    allowManagedIdentities: read.boolean('allow-managed-identities'),
    dnsServer: read.parsed('dns-server', parseDnsServer, 'an IP address, with a port or without', ''),
    storeRequestBudget: read.parsed(
      'store-request-budget',
      parseBudget,
      'a whole number of requests per hour, or 0',
      0,
    ),
    concurrency: read.parsed('concurrency', parseCount, 'a whole number from 1 to 9999', 1),
    driftIntervalMs: read.parsed('drift-interval', parseInterval, 'a duration of at least 1s, such as 5m', 0),
    rolloutsEnabled: read.boolean('rollouts-enabled'),
    rolloutsDryRun: read.boolean('rollouts-dry-run'),
    rolloutsPerNamespace: read.parsed('rollouts-per-namespace', parseBudget, 'a whole number, or 0', 0),
    rolloutsPerCluster: read.parsed('rollouts-per-cluster', parseBudget, 'a whole number, or 0', 0),
    leaderElect: read.boolean('leader-elect'),
    leaseName: read.text('lease-name'),
    keySecretName: read.text('key-secret-name'),
    logLevel: read.parsed('log-level', parseLevel, 'debug, info, warn or error', 'info'),
  });
  if (settings.localIdentity && env['KUBERNETES_SERVICE_HOST'] !== undefined) {
    read.errors.push(
      '--local-identity is for an operator outside of clusters, and this is a pod (KUBERNETES_SERVICE_HOST is set): leave it out; bindings name the identities they read as',
    );
  }
  return read.errors.length === 0 ? { ok: true, settings } : { ok: false, errors: read.errors };
}

/** The text of `--help`. */
export function helpText(): string {
  const lines = SETTINGS.map(({ flag, placeholder, fallback, help }) => {
    const suffix = fallback === '' ? '' : ` (default ${fallback})`;
    return `  --${flag} ${placeholder}\n      ${help}${suffix}`;
  });
  const intro = 'appconfig-operator: Azure App Configuration and Key Vault for Kubernetes';
  const note = `Each flag is also an environment variable: --log-level = ${envName('log-level')}.`;
  return [intro, '', ...lines, '', note, ''].join('\n');
}
