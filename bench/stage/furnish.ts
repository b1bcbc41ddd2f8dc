/** Puts a population into the cluster. */
import { parse } from 'yaml';
import type { ApiClient } from '../../dev/cluster/api.ts';
import type { Cluster } from '../../dev/cluster/cluster.ts';
import { fillIn } from './fill-in.ts';
import { namespaceName, type Population, type Subscriber, subscribers } from './population.ts';
import { together } from './together.ts';

interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
}

const WIDTH = 16;

/** Throws unless the answer is a success. */
export async function post(api: ApiClient, path: string, body: object): Promise<void> {
  const { status, body: answer } = await api.request<{ message?: string }>('POST', path, { body });
  if (status >= 300) throw new Error(`POST ${path} was answered with ${status}: ${answer?.message ?? ''}`);
}

/** Namespaces, and in each the ServiceAccount that is an application of Azure. */
export async function createNamespaces(cluster: Cluster, what: Population, tenantId: string): Promise<void> {
  const firsts = subscribers({ ...what, bindings: what.identities });
  await together(firsts, WIDTH, async ({ serviceAccount, clientId }, index) => {
    const namespace = namespaceName(index);
    await post(cluster.api, '/api/v1/namespaces', { metadata: { name: namespace } });
    const annotations = {
      'azure.workload.identity/client-id': clientId,
      'azure.workload.identity/tenant-id': tenantId,
    };
    const account = { metadata: { name: serviceAccount, annotations } };
    await post(cluster.api, `/api/v1/namespaces/${namespace}/serviceaccounts`, account);
  });
}

/** One custom resource per subscriber. */
export async function createBindings(
  cluster: Cluster,
  what: Population,
  template: string,
  tenantId: string,
): Promise<void> {
  const manifest = (one: Subscriber) => parse(fillIn(template, valuesOf(one, what, tenantId))) as Resource;
  const all = subscribers(what);
  const [first] = all;
  if (first === undefined) return;
  const collection = await collectionOf(cluster.api, manifest(first));
  await together(all, WIDTH, (one) => post(cluster.api, collection(one.namespace), manifest(one)));
}

const valuesOf = (one: Subscriber, { refresh, vaultRefresh }: Population, tenantId: string) => ({
  ...one,
  tenantId,
  refresh,
  vaultRefresh,
  endpoint: `https://${one.store}.azconfig.io`,
  vault: `${one.vault}.vault.azure.net`,
});

/** The path of a kind's objects in a namespace, as the API server's discovery tells. */
async function collectionOf(
  api: ApiClient,
  { apiVersion, kind }: Resource,
): Promise<(namespace: string) => string> {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const { body } = await api.request<{ resources?: { kind: string; name: string }[] }>('GET', root);
  const found = body.resources?.find((one) => one.kind === kind && !one.name.includes('/'));
  if (found === undefined) throw new Error(`the API server knows no ${kind} of ${apiVersion}`);
  return (namespace) => `${root}/namespaces/${namespace}/${found.name}`;
}
