import { CLOUD_NAMES, DEFAULT_CLOUD } from '../domain/clouds.ts';
import { envName, type SettingSpec } from './arguments.ts';

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
  spec(
    'tenant-id',
    'ID',
    '',
    'Entra tenant for ServiceAccounts that name none: its id or one of its domains',
  ),
  spec(
    'cloud',
    'CLOUD',
    DEFAULT_CLOUD,
    `the Azure cloud of stores, vaults and Entra: ${CLOUD_NAMES.join(', ')}`,
  ),
  spec('authority-host', 'URL', '', 'Entra authority; empty: that of the cloud'),
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
  spec(
    'store-suffixes',
    'A,B',
    '',
    'host suffixes under which stores are trusted, beside those of the cloud',
  ),
  spec(
    'vault-suffixes',
    'A,B',
    '',
    'host suffixes under which vaults are trusted, beside those of the cloud',
  ),
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

/** Variables that others define and set, as their names have it. */
export const ENVIRONMENT: readonly { readonly name: string; readonly help: string }[] = [
  {
    name: 'AZURE_KUBERNETES_TOKEN_PROXY',
    help: 'proxy for AKS identity bindings, https:// and a host; empty: no binding may ask for it',
  },
  {
    name: 'AZURE_KUBERNETES_SNI_NAME',
    help: 'name by which that proxy is called in TLS; empty: its host',
  },
  {
    name: 'AZURE_KUBERNETES_CA_FILE',
    help: 'PEM file with the authorities that are trusted for that proxy; empty: the usual ones',
  },
  { name: 'AZURE_KUBERNETES_CA_DATA', help: 'those authorities themselves, in place of a file' },
  {
    name: 'AZURE_POD_IDENTITY_AUTHORITY_HOST',
    help: 'instance metadata service, http:// and a host; empty: where every node has it',
  },
  { name: 'HTTPS_PROXY, NO_PROXY', help: 'proxy on the way to Azure, and hosts that are reached without it' },
  {
    name: 'NODE_EXTRA_CA_CERTS',
    help: 'PEM file with authorities that are trusted beside the usual ones',
  },
];

/** The text of `--help`. */
export function helpText(): string {
  const lines = SETTINGS.map(({ flag, placeholder, fallback, help }) => {
    const suffix = fallback === '' ? '' : ` (default ${fallback})`;
    return `  --${flag} ${placeholder}\n      ${help}${suffix}`;
  });
  const intro = 'appconfig-operator: Azure App Configuration and Key Vault for Kubernetes';
  const note = `Each flag is also an environment variable: --log-level = ${envName('log-level')}.`;
  const variables = ENVIRONMENT.map(({ name, help }) => `  ${name}\n      ${help}`);
  return [intro, '', ...lines, '', note, 'These are variables alone:', '', ...variables, ''].join('\n');
}
