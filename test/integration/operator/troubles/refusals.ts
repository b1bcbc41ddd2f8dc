import { pathOf } from '../../../support/real/objects.ts';
import {
  denyByPolicy,
  hangInWebhook,
  type Requests,
  removePolicy,
  removeWebhook,
  untilRefused,
} from '../../../support/real/obstacles.ts';
import { CONFIG_MAP, type Team } from '../../../support/real/team.ts';
import type { Trouble } from './trouble.ts';

/** Refusals of ConfigMaps that come after the API server's own rules: policies, quotas and webhooks. */

const WRITES: Requests = {
  apiGroups: [''],
  apiVersions: ['v1'],
  operations: ['CREATE', 'UPDATE'],
  resources: ['configmaps'],
};
const nameOf = ({ namespace }: Team): string => `no-configmaps.${namespace}.example.test`;

const untilNoneIsTaken = (team: Team): Promise<unknown> =>
  untilRefused(team, { method: 'POST', plural: 'configmaps', body: { metadata: { name: 'probe' } } });

async function refuseByPolicy(team: Team): Promise<void> {
  await denyByPolicy(team, nameOf(team), WRITES);
  await untilNoneIsTaken(team);
}

/** No controller fills in the status of a quota here; admission goes by it. */
async function useUpQuota(team: Team): Promise<void> {
  const { namespace, objects, world } = team;
  const hard = { 'count/configmaps': '1' };
  await objects.create('resourcequotas', namespace, { metadata: { name: 'few' }, spec: { hard } });
  const path = `${pathOf('resourcequotas', namespace, 'few')}/status`;
  await world.cluster.api.request('PATCH', path, { body: { status: { hard, used: hard } } });
  await untilNoneIsTaken(team);
}

async function leaveToWebhook(team: Team): Promise<void> {
  await hangInWebhook(team, nameOf(team), WRITES);
  await untilNoneIsTaken(team);
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
    cause: thenChange(refuseByPolicy),
    cure: (team) => removePolicy(team, nameOf(team)),
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
    cause: refuseByPolicy,
    cure: (team) => removePolicy(team, nameOf(team)),
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
    cause: thenChange(leaveToWebhook),
    cure: (team) => removeWebhook(team, nameOf(team)),
    transient: true,
    rewritten: true,
  },
];
