import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Azure, startAzure } from '../azure/azure.ts';
import { type Cluster, startCluster } from '../cluster/cluster.ts';
import { type PodRunner, startPodRunner } from '../cluster/pod-runner.ts';
import { Application } from './application.ts';

/** Everything on which the demo plays: a cluster with pods, and an Azure that trusts its ServiceAccounts. */
export interface Stage {
  readonly cluster: Cluster;
  readonly pods: PodRunner;
  readonly azure: Azure;
  readonly application: Application;
  readonly clientId: string;
  stop(): Promise<void>;
}

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const IMAGE = { repository: 'appconfig-operator', tag: 'demo' } as const;
export const STORE = 'contoso';
export const VAULT = 'contoso-orders';
/** One for each environment. */
export const NAMESPACE = 'shop';
export const TEST_NAMESPACE = 'shop-test';
export const SERVICE_ACCOUNT = 'orders';

/** Starts cluster, pods and Azure; whatever fails, what had been started is stopped. */
export async function setStage(): Promise<Stage> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const [cluster, azure] = await Promise.all([startCluster({ name: 'demo' }), startAzure()]);
    stops.push(
      () => cluster.stop(),
      () => azure.stop(),
    );
    const program = [process.execPath, join(ROOT, 'src', 'main.ts')];
    const application = new Application();
    const pods = await startPodRunner(cluster, {
      programs: { [`${IMAGE.repository}:${IMAGE.tag}`]: program },
      onPod: application.behaviourOf,
    });
    const clientId = await furnishAzure(azure, cluster);
    return { cluster, pods, azure, application, clientId, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A store, a vault, and an application that the ServiceAccount of either namespace may be. */
async function furnishAzure({ control }: Azure, cluster: Cluster): Promise<string> {
  await control.registerIssuer({ issuer: cluster.issuer, caPem: await readFile(cluster.caFile, 'utf8') });
  const { clientId } = await control.createApp({ name: 'orders' });
  for (const namespace of [NAMESPACE, TEST_NAMESPACE])
    await control.addFederatedCredential({
      clientId,
      name: namespace,
      issuer: cluster.issuer,
      subject: `system:serviceaccount:${namespace}:${SERVICE_ACCOUNT}`,
      audience: 'api://AzureADTokenExchange',
    });
  await control.createStore({ name: STORE });
  await control.createVault({ name: VAULT });
  await control.assignRole(storeRole(clientId));
  await control.assignRole({ principal: clientId, role: 'KeyVaultSecretsUser', vault: VAULT });
  await control.setSettings({
    store: STORE,
    settings: [
      { key: 'orders:color', value: 'blue' },
      { key: 'orders:page-size', value: '20' },
      { key: 'orders:color', label: 'prod', value: 'green' },
      { key: 'orders:color', label: 'test', value: 'yellow' },
    ],
  });
  await control.setSecret({ vault: VAULT, name: 'db-password', value: 'first-password' });
  await control.setKeyVaultReference({
    store: STORE,
    key: 'orders:db-password',
    vault: VAULT,
    secret: 'db-password',
  });
  return clientId;
}

/** The role that the demo takes away and gives back. */
export const storeRole = (clientId: string) =>
  ({ principal: clientId, role: 'AppConfigurationDataReader', store: STORE }) as const;

/** `helm install --wait` of the chart, as a platform team would do it. */
export async function installOperator({ cluster, azure }: Stage): Promise<readonly string[]> {
  const set = (name: string, value: string): string[] => ['--set-string', `${name}=${value}`];
  const env = Object.entries(azure.env()).flatMap(([name, value], index) => [
    ...set(`extraEnv[${index}].name`, name),
    ...set(`extraEnv[${index}].value`, value.replaceAll(',', '\\,')),
  ]);
  const args = [
    'install',
    'appconfig-operator',
    join(ROOT, 'charts', 'appconfig-operator'),
    '--create-namespace',
    '--wait',
    '--timeout=60s',
  ];
  const values = [
    ...set('image.repository', IMAGE.repository),
    ...set('image.tag', IMAGE.tag),
    ...set('azure.tenantId', azure.tenantId),
    ...set('azure.dnsServer', azure.dnsServer),
    ...env,
  ];
  await cluster.helmOrThrow([...args, ...values], { namespace: 'appconfig-system' });
  return args;
}
