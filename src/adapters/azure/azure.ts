import { setLogLevel } from '@azure/logger';
import type { CloudName } from '../../domain/clouds.ts';
import type { TokenIdentity } from '../../domain/identity/identity.ts';
import type { AssertionSource, HostGate, SecretReader, SettingsReader } from '../../ports/azure.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { ReplicaFinder } from '../../ports/replicas.ts';
import { AppConfigurationReader } from './app-configuration.ts';
import { type AzureProxy, azureProxyClient } from './azure-proxy.ts';
import { ClientCache } from './client-cache.ts';
import { IdentityCredential } from './credential.ts';
import { createSharedHttp, type ProxyEnvironment } from './http-client.ts';
import { KeyVaultReader } from './key-vault.ts';
import { withLocalLogin } from './local-exchange.ts';
import { METADATA_HOST } from './managed-identity.ts';
import { ReplicaDiscovery } from './replica-discovery.ts';
import { createTokenExchange } from './token-exchange.ts';

export interface AzureOptions {
  /** HTTPS_PROXY, NO_PROXY and so on, as the environment has them. */
  readonly proxyEnv: ProxyEnvironment;
  /** PEM certificates trusted instead of Node's defaults (which include NODE_EXTRA_CA_CERTS). */
  readonly ca?: readonly string[];
  /** Whose names and audiences hold where nothing else is said. */
  readonly cloud: CloudName;
  /** `https://<host>` of Entra, e.g. `https://login.microsoftonline.com`. */
  readonly authorityHost: string;
  /** For AKS identity bindings; absent: no identity may ask for it. */
  readonly azureProxy?: AzureProxy;
  /** `http://<host>` of the instance metadata service; absent: where every node has it. */
  readonly metadataHost?: string;
  /** Audience of App Configuration tokens, instead of the one that follows from the endpoint. */
  readonly audienceOverride?: string;
  readonly assertions: AssertionSource;
  /** Of the process: a developer's login may be in there. Only a `LocalIdentity` looks. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** In front of Entra. Stores and vaults have theirs in front of the port. */
  readonly entraGate: HostGate;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Asked for replicas, as `ReplicaDiscoveryOptions` has it; absent: the servers of the system. */
  readonly dnsServer?: string;
  /** Of this program, for the user agent. */
  readonly version: string;
}

/** Azure as the sources see it. `close` drops idle connections; reads under way end by their own deadlines. */
export interface Azure extends SettingsReader, SecretReader, ReplicaFinder {
  close(): void;
}

const MAX_IDENTITIES = 2_048;

/** Puts the three SDKs behind the ports: one HTTP client, one credential per identity. */
export function createAzure(options: AzureOptions): Azure {
  const { clock, metrics } = options;
  silenceSdks(options.logger);
  const shared = createSharedHttp(options);
  const userAgent = `appconfig-operator/${options.version}`;
  const managed = {
    http: shared.client('imds'),
    metadataHost: options.metadataHost ?? METADATA_HOST,
    clock,
  };
  const entra = { ...options, gate: options.entraGate, http: shared.client('entra'), userAgent, managed };
  const { azureProxy } = options;
  const proxy = azureProxy && { url: azureProxy.url, http: azureProxyClient(azureProxy, shared) };
  const toEntra = proxy === undefined ? entra : { ...entra, proxy };
  const exchange = withLocalLogin(createTokenExchange(toEntra), toEntra);
  const credentials = new ClientCache<IdentityCredential>(clock, MAX_IDENTITIES);
  const credentialFor = (identity: TokenIdentity) =>
    credentials.get(identity.key, () => new IdentityCredential({ identity, exchange, clock, metrics }));
  const common = { credentialFor, clock, userAgent };
  const settings = new AppConfigurationReader({ ...options, ...common, http: shared.client('appconfig') });
  const secrets = new KeyVaultReader({ ...common, http: shared.client('keyvault') });
  const replicas = new ReplicaDiscovery(options);
  return {
    headPages: (...args) => settings.headPages(...args),
    readPages: (...args) => settings.readPages(...args),
    readSecret: (...args) => secrets.readSecret(...args),
    listSecrets: (...args) => secrets.listSecrets(...args),
    findReplicas: (...args) => replicas.findReplicas(...args),
    close: () => shared.close(),
  };
}

/** The SDKs log parsed settings and error bodies at their info and warning levels, and obey AZURE_LOG_LEVEL. */
function silenceSdks(logger: Logger): void {
  setLogLevel();
  logger.debug('Azure SDK logging is off.', {});
}
