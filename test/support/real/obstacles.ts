/** What a cluster puts in the way of writes, after the API server's own rules: policies and webhooks. */
import { createServer, type Server } from 'node:net';
import { until } from '../../../dev/cluster/wait.ts';
import { pathOf } from './objects.ts';
import type { Team } from './team.ts';

const ADMISSION = 'admissionregistration.k8s.io/v1';

/** Requests in the namespace of a team, as the rules of admission know them. */
export interface Requests {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly ['v1'];
  readonly operations: readonly ('CREATE' | 'UPDATE')[];
  readonly resources: readonly string[];
}

const only = ({ namespace }: Team) => ({ matchLabels: { 'kubernetes.io/metadata.name': namespace } });

const apply = ({ world }: Team, ...items: readonly object[]): Promise<string> =>
  world.cluster.applyYaml(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));

const remove = ({ world }: Team, ...args: readonly string[]): Promise<unknown> =>
  world.cluster.kubectlOrThrow(['delete', ...args]);

/** A ValidatingAdmissionPolicy that refuses all these requests, or those for which `expression` is false. */
export async function denyByPolicy(
  team: Team,
  name: string,
  requests: Requests,
  expression = 'false',
): Promise<void> {
  const policy = {
    apiVersion: ADMISSION,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      matchConstraints: { resourceRules: [requests] },
      validations: [{ expression, message: 'there is no room for this here' }],
    },
  };
  const binding = {
    apiVersion: ADMISSION,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: {
      policyName: name,
      validationActions: ['Deny'],
      matchResources: { namespaceSelector: only(team) },
    },
  };
  await apply(team, policy, binding);
}

export const removePolicy = (team: Team, name: string): Promise<unknown> =>
  remove(team, 'validatingadmissionpolicy,validatingadmissionpolicybinding', name);

const servers = new Map<string, Server>();

/** A webhook for these requests, or those for which `expression` is true; its server accepts connections and says nothing. */
export async function hangInWebhook(
  team: Team,
  name: string,
  requests: Requests,
  expression = 'true',
): Promise<void> {
  const server = createServer((socket) => socket.on('error', () => undefined)).unref();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.set(name, server);
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  await apply(team, {
    apiVersion: ADMISSION,
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name },
    webhooks: [
      {
        name,
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        timeoutSeconds: 1,
        failurePolicy: 'Fail',
        clientConfig: { url: `https://127.0.0.1:${port}/` },
        namespaceSelector: only(team),
        rules: [requests],
        matchConditions: [{ name: 'concerned', expression }],
      },
    ],
  });
}

export async function removeWebhook(team: Team, name: string): Promise<void> {
  // First the configuration: a server that is gone would be another trouble.
  await remove(team, 'validatingwebhookconfiguration', name);
  servers.get(name)?.close();
}

/** One write, tried without an effect. */
export interface Probe {
  readonly method: 'POST' | 'PATCH';
  readonly plural: string;
  readonly name?: string;
  readonly body: object;
}

/** Configuration of admission takes effect some time after it was written, and its end too. */
export const untilRefused = (team: Team, probe: Probe): Promise<true> =>
  until(() => isRefused(team, probe), { what: `${probe.plural} to be refused in ${team.namespace}` });

async function isRefused({ namespace, world }: Team, probe: Probe): Promise<boolean> {
  const { method, plural, name, body } = probe;
  const path = `${pathOf(plural, namespace, name)}?dryRun=All`;
  return (await world.cluster.api.request(method, path, { body })).status >= 300;
}
