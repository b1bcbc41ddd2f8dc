import type { ApiClient } from '../../../dev/cluster/api.ts';
import type { AppConfigBinding } from '../../../src/api/schema.ts';
import type { SeenEvent } from '../real/objects.ts';
import { troublesOf } from './audit.ts';
import { troublesOfEvent } from './events.ts';

/** Judges all bindings of a cluster, and all events about them, as they are now. @throws what breaks a rule. */
export async function auditCluster(api: ApiClient): Promise<void> {
  const bindings = await all<AppConfigBinding>(api, '/apis/appconfig.dev/v1alpha1/appconfigbindings');
  const events = await all<SeenEvent>(api, '/apis/events.k8s.io/v1/events');
  const troubles = [
    ...bindings.flatMap((binding) =>
      unseen(binding)
        .concat(troublesOf(binding))
        .map((trouble) => `${nameOf(binding)}: ${trouble}: ${JSON.stringify(binding.status)}`),
    ),
    ...events.filter(({ regarding }) => regarding.kind === 'AppConfigBinding').flatMap(troublesOfEvent),
  ];
  if (troubles.length > 0)
    throw new Error(`rules of test/support/status are broken:\n${troubles.join('\n')}`);
}

/** The API server never shows a binding without a status: the CRD gives it one. */
const unseen = ({ status }: AppConfigBinding): string[] =>
  status?.observedGeneration === undefined ? ['it has no status.observedGeneration'] : [];

const nameOf = ({ metadata }: AppConfigBinding): string => `${metadata.namespace}/${metadata.name}`;

async function all<T>(api: ApiClient, path: string): Promise<readonly T[]> {
  const { status, body } = await api.request<{ readonly items: readonly T[] }>('GET', path);
  if (status !== 200) throw new Error(`GET ${path} was answered with ${status}`);
  return body.items;
}
