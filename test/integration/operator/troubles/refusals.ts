import { createServer, type Server } from 'node:net';
import { until } from '../../../../dev/cluster/wait.ts';
import { pathOf } from '../../../support/real/objects.ts';
import { CONFIG_MAP, type Team } from '../../../support/real/team.ts';
import type { Trouble } from './trouble.ts';

/** Refusals of ConfigMaps that come after the API server's own rules: policies, quotas and webhooks. */

const ADMISSION = 'admissionregistration.k8s.io/v1';
const RULES = [
  { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] },
];
const only = ({ namespace }: Team) => ({ matchLabels: { 'kubernetes.io/metadata.name': namespace } });
const nameOf = ({ namespace }: Team): string => `no-configmaps.${namespace}.example.test`;

const apply = ({ world }: Team, ...items: readonly object[]): Promise<string> =>
  world.cluster.applyYaml(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));

/** Configuration of admission takes effect some time after it was written. */
function untilRefused({ namespace, world }: Team): Promise<unknown> {
  const path = `${pathOf('configmaps', namespace)}?dryRun=All`;
  return until(
    async () =>
      (await world.cluster.api.request('POST', path, { body: { metadata: { name: 'probe' } } })).status !==
      201,
    { what: `ConfigMaps to be refused in ${namespace}` },
  );
}

const remove = ({ world }: Team, ...args: readonly string[]): Promise<unknown> =>
  world.cluster.kubectlOrThrow(['delete', ...args]);

async function denyByPolicy(team: Team): Promise<void> {
  const name = nameOf(team);
  await apply(
    team,
    {
      apiVersion: ADMISSION,
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        matchConstraints: { resourceRules: RULES },
        validations: [{ expression: 'false', message: 'there is no room for ConfigMaps here' }],
      },
    },
    {
      apiVersion: ADMISSION,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: {
        policyName: name,
        validationActions: ['Deny'],
        matchResources: { namespaceSelector: only(team) },
      },
    },
  );
  await untilRefused(team);
}

/** No controller fills in the status of a quota here; admission goes by it. */
async function useUpQuota(team: Team): Promise<void> {
  const { namespace, objects, world } = team;
  const hard = { 'count/configmaps': '1' };
  await objects.create('resourcequotas', namespace, { metadata: { name: 'few' }, spec: { hard } });
  const path = `${pathOf('resourcequotas', namespace, 'few')}/status`;
  await world.cluster.api.request('PATCH', path, { body: { status: { hard, used: hard } } });
  await untilRefused(team);
}

const servers = new Map<Team, Server>();

/** Its server accepts connections and says nothing. */
async function hangInWebhook(team: Team): Promise<void> {
  const server = createServer((socket) => socket.on('error', () => undefined)).unref();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.set(team, server);
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const name = nameOf(team);
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
        rules: RULES,
      },
    ],
  });
  await untilRefused(team);
}

const thenChange =
  (refuse: (team: Team) => Promise<void>) =>
  async (team: Team): Promise<unknown> => {
    await refuse(team);
    return team.set('color', 'green');
  };

const onlyConfigMap = () => ({ selectors: [{ key: 'color' }], target: { configMap: { name: CONFIG_MAP } } });

export const refusalTroubles: readonly Trouble[] = [
  {
    title: 'a policy of the cluster refuses a change',
    reason: 'KubernetesRejected',
    phase: 'TargetsApplied',
    says: (team) => [
      `ConfigMap ${team.namespace}/${CONFIG_MAP}`,
      `ValidatingAdmissionPolicy ${nameOf(team)}`,
      'change',
    ],
    cause: thenChange(denyByPolicy),
    cure: (team) => remove(team, 'validatingadmissionpolicy,validatingadmissionpolicybinding', nameOf(team)),
    rewritten: true,
  },
  {
    title: 'a policy of the cluster refuses the first ConfigMap',
    reason: 'KubernetesRejected',
    phase: 'TargetsApplied',
    fromStart: () => ({}),
    spec: onlyConfigMap,
    says: (team) => [
      `creating ConfigMap ${team.namespace}/${CONFIG_MAP}`,
      `ValidatingAdmissionPolicy ${nameOf(team)}`,
    ],
    cause: denyByPolicy,
    cure: (team) => remove(team, 'validatingadmissionpolicy,validatingadmissionpolicybinding', nameOf(team)),
  },
  {
    title: 'a quota of the namespace is used up',
    reason: 'KubernetesRejected',
    phase: 'TargetsApplied',
    fromStart: () => ({}),
    spec: onlyConfigMap,
    says: ({ namespace }) => [
      `creating ConfigMap ${namespace}/${CONFIG_MAP}`,
      'ResourceQuota few',
      'raise it',
    ],
    cause: useUpQuota,
    cure: ({ namespace, objects }) => objects.delete('resourcequotas', namespace, 'few'),
  },
  {
    title: 'a webhook of the cluster does not answer',
    reason: 'KubernetesUnavailable',
    phase: 'TargetsApplied',
    says: (team) => [
      `ConfigMap ${team.namespace}/${CONFIG_MAP}`,
      `webhook ${nameOf(team)} did not answer`,
      'repair it',
    ],
    cause: thenChange(hangInWebhook),
    cure: async (team) => {
      servers.get(team)?.close();
      await remove(team, 'validatingwebhookconfiguration', nameOf(team));
    },
    transient: true,
    rewritten: true,
  },
];
