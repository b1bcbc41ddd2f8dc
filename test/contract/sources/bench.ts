import { type Azure as PretendAzure, startAzure } from '../../../dev/azure/azure.ts';
import { type Azure, createAzure } from '../../../src/adapters/azure/azure.ts';
import type { AzureProxy } from '../../../src/adapters/azure/azure-proxy.ts';
import type { CloudName } from '../../../src/domain/clouds.ts';
import type { Failure, Result } from '../../../src/domain/failure.ts';
import type { ClientCertificate } from '../../../src/domain/identity/client-certificate.ts';
import { Concealed } from '../../../src/domain/identity/concealed.ts';
import {
  servicePrincipal,
  type TokenIdentity,
  workloadIdentity,
} from '../../../src/domain/identity/identity.ts';
import { hashKey } from '../../../src/domain/keyed-hash.ts';
import type { Selection } from '../../../src/domain/store/settings.ts';
import type { AssertionSource } from '../../../src/ports/azure.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { Logger } from '../../../src/ports/logger.ts';
import type { Metrics } from '../../../src/ports/metrics.ts';
import { Gate } from '../../../src/sources/gate.ts';
import { ENTRA } from '../../../src/sources/host-rules.ts';
import { PretendCluster } from './pretend-cluster.ts';

export const ENDPOINT = 'https://shop.azconfig.io';
export const VAULT = 'shop-vault.vault.azure.net';

/** Counts what the adapters count, as `name{labels}`. */
export class CountingMetrics implements Metrics {
  readonly counts = new Map<string, number>();

  increment(name: string, labels: object): void {
    const key = `${name}${JSON.stringify(labels)}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  set(): void {}
  observe(): void {}
}

export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

/** Real time; the adapters' deadlines can be made shorter by a factor. */
export const realClock = (speed = 1): Clock => ({
  now: () => Date.now(),
  setTimer(ms, callback) {
    const timer = setTimeout(callback, ms / speed);
    // What is still planned when the tests are over holds no process.
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms / speed)),
});

/** The adapters against the pretend Azure: one store, one vault, one federated application. */
export interface Bench {
  readonly pretend: PretendAzure;
  readonly cluster: PretendCluster;
  readonly clientId: string;
  /** A fresh identity of the same application: nothing of another test is cached for it. */
  identity(parts?: {
    clientId?: string;
    tenantId?: string;
    serviceAccount?: string;
    azureProxy?: true;
  }): TokenIdentity;
  /** The same application, or another, with a client secret. */
  principal(credential: string | ClientCertificate, clientId?: string): TokenIdentity;
  /** Adapters with nothing cached. */
  azure(options?: {
    speed?: number;
    metrics?: Metrics;
    audienceOverride?: string;
    env?: Readonly<Record<string, string>>;
    cloud?: CloudName;
    /** Default: the real one. */
    clock?: Clock;
    /** Default: a new one of the cluster for each exchange. */
    assertions?: AssertionSource;
    azureProxy?: AzureProxy;
  }): Azure;
  stop(): Promise<void>;
}

export async function startBench(): Promise<Bench> {
  const [pretend, cluster] = await Promise.all([startAzure(), PretendCluster.start()]);
  const { control } = pretend;
  const app = await control.createApp({ name: 'orders' });
  await control.registerIssuer({ issuer: cluster.issuer, caPem: cluster.caPem });
  await control.addFederatedCredential({
    clientId: app.clientId,
    issuer: cluster.issuer,
    subject: 'system:serviceaccount:shop:orders',
  });
  await control.createStore({ name: 'shop' });
  await control.createVault({ name: 'shop-vault' });
  await control.assignRole({ role: 'AppConfigurationDataReader', principal: app.clientId, store: 'shop' });
  await control.assignRole({ role: 'KeyVaultSecretsUser', principal: app.clientId, vault: 'shop-vault' });
  const opened: Azure[] = [];
  let uid = 0;
  return {
    pretend,
    cluster,
    clientId: app.clientId,
    identity: (parts = {}) =>
      workloadIdentity({
        namespace: 'shop',
        serviceAccount: 'orders',
        serviceAccountUid: `uid-${++uid}`,
        clientId: app.clientId,
        tenantId: pretend.tenantId,
        ...parts,
      }),
    principal: (credential, clientId = app.clientId) =>
      servicePrincipal(
        {
          namespace: 'shop',
          secretName: 'orders-sp',
          clientId,
          tenantId: pretend.tenantId,
          credential: new Concealed(
            typeof credential === 'string' ? { kind: 'secret', secret: credential } : credential,
          ),
        },
        hashKey(Buffer.alloc(32)),
      ),
    azure: ({
      speed = 1,
      metrics = new CountingMetrics(),
      audienceOverride,
      env = {},
      cloud = 'AzurePublic',
      clock,
      assertions = cluster,
      azureProxy,
    } = {}) => {
      const azure = createAzure({
        proxyEnv: { HTTPS_PROXY: pretend.proxyUrl },
        ca: [pretend.caPem],
        cloud,
        ...(azureProxy === undefined ? {} : { azureProxy }),
        authorityHost: 'https://login.microsoftonline.com',
        assertions,
        entraGate: new Gate({ clock: realClock(speed), rules: ENTRA }),
        clock: clock ?? realClock(speed),
        logger: silentLogger,
        version: '0.0.0-test',
        dnsServer: pretend.dnsServer,
        metadataHost: pretend.metadataUrl,
        metrics,
        env,
        ...(audienceOverride === undefined ? {} : { audienceOverride }),
      });
      opened.push(azure);
      return azure;
    },
    async stop() {
      for (const azure of opened) azure.close();
      cluster.stop();
      await pretend.stop();
    },
  };
}

export const select = (key: string, label: string | null = null, endpoint = ENDPOINT): Selection => ({
  endpoint,
  filter: { key, label },
});

/** Never aborts. */
export const patience = (): AbortSignal => new AbortController().signal;

/** The value, or an exception that shows the failure. */
export function okValue<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`unexpected failure ${JSON.stringify(result.failure)}`);
  return result.value;
}

/** The failure with its members, or an exception when there is none. */
export function failureOf(result: Result<unknown>): Exclude<Failure, { kind: 'cancelled' }> {
  if (result.ok) throw new Error('unexpected success');
  if (result.failure.kind === 'cancelled') throw new Error('unexpected cancellation');
  return result.failure;
}
