import { CLOUD_NAMES, CLOUDS, DEFAULT_CLOUD, storeSuffixesOf } from '../domain/clouds.ts';
import { TENANT_FORM } from '../domain/identity/entra-ids.ts';
import { isVaultPattern } from '../domain/vaults/plan-vaults.ts';
import { collect } from './arguments.ts';
import { parseAzureProxy } from './azure-proxy.ts';
import { parseLabelSelector } from './label-selector.ts';
import { Reader } from './reader.ts';
import type { Settings, SettingsResult } from './settings.ts';
import { SETTINGS } from './table.ts';
import {
  parseAddress,
  parseAuthority,
  parseBudget,
  parseCloud,
  parseCount,
  parseDnsServer,
  parseInterval,
  parseLevel,
  parseNamespace,
  parseObjectName,
  parseTenant,
} from './values.ts';

/** What a laptop wants else than a cluster: it neither takes part in an election nor listens to the network. */
const LOCAL_FALLBACKS: Readonly<Record<string, string>> = {
  'leader-elect': 'false',
  'http-address': '127.0.0.1:8080',
};

const OBJECT_NAME_FORM = 'a name of lower-case letters, digits, hyphens and dots';

/** Flags over environment over defaults → settings, or every error at once. */
export function parseSettings(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): SettingsResult {
  const { texts, errors } = collect(SETTINGS, argv, env, LOCAL_FALLBACKS);
  const read = new Reader(texts, errors);
  const name = read.parsed('cloud', parseCloud, `one of ${CLOUD_NAMES.join(', ')}`, DEFAULT_CLOUD);
  const cloud = CLOUDS[name];
  const azureProxy = parseAzureProxy(env, read.errors);
  const settings: Settings = Object.freeze({
    namespace: read.parsed(
      'namespace',
      parseNamespace,
      'the name of a namespace, such as appconfig-system',
      '',
    ),
    podName: read.text('pod-name'),
    serviceAccountDir: read.text('service-account-dir'),
    kubeconfig: read.text('kubeconfig'),
    context: read.text('context'),
    localIdentity: read.boolean('local-identity'),
    http: read.parsed('http-address', parseAddress, 'host:port, such as 0.0.0.0:8080', { host: '', port: 0 }),
    watchNamespaces: read.members(
      'watch-namespaces',
      (name) => parseNamespace(name) !== undefined,
      'names of namespaces, such as team-a',
    ),
    bindingSelector: read.parsed(
      'binding-selector',
      parseLabelSelector,
      'a label selector, such as team=a or team in (a,b)',
      '',
    ),
    tenantId: read.parsed('tenant-id', parseTenant, TENANT_FORM, ''),
    cloud: name,
    authorityHost:
      read.parsed('authority-host', parseAuthority, 'an https URL without a path', '') || cloud.authorityHost,
    tokenAudience: read.text('token-audience'),
    storeAudience: read.text('store-audience'),
    storeSuffixes: [...storeSuffixesOf(cloud), ...read.suffixes('store-suffixes')],
    vaultSuffixes: [...cloud.vaultSuffixes, ...read.suffixes('vault-suffixes')],
    allowedVaults: read.hosts('allowed-vaults', isVaultPattern, 'hosts such as shop-*.vault.azure.net'),
    allowManagedIdentities: read.boolean('allow-managed-identities'),
    ...(azureProxy === undefined ? {} : { azureProxy }),
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
    leaseName: read.parsed('lease-name', parseObjectName, OBJECT_NAME_FORM, ''),
    keySecretName: read.parsed('key-secret-name', parseObjectName, OBJECT_NAME_FORM, ''),
    logLevel: read.parsed('log-level', parseLevel, 'debug, info, warn or error', 'info'),
  });
  if (settings.localIdentity && env['KUBERNETES_SERVICE_HOST'] !== undefined) {
    read.errors.push(
      '--local-identity is for an operator outside of clusters, and this is a pod (KUBERNETES_SERVICE_HOST is set): leave it out; bindings name the identities they read as',
    );
  }
  return read.errors.length === 0 ? { ok: true, settings } : { ok: false, errors: read.errors };
}
