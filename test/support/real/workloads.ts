import type { BindingSpec } from '../../../src/api/schema.ts';
import type { SeenObject } from './objects.ts';
import { CONFIG_MAP, furnish, SECRET, type Team } from './team.ts';

/** Workloads that use the targets of the usual binding. */

export interface SeenWorkload extends SeenObject {
  readonly spec: {
    readonly template: { readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> } };
  };
}

export interface ReaderOptions {
  readonly annotations?: Readonly<Record<string, string>>;
  /** Deployments only. */
  readonly progressDeadlineSeconds?: number;
}

/** Reads all keys of both targets into its environment. */
export function reader(
  kind: 'Deployment' | 'StatefulSet' | 'DaemonSet',
  name: string,
  options: ReaderOptions = {},
): object {
  const envFrom = [{ configMapRef: { name: CONFIG_MAP } }, { secretRef: { name: SECRET } }];
  return workload(kind, name, { envFrom }, options);
}

/** A Deployment that reads one key of the ConfigMap. */
export function readsKey(name: string, key: string): object {
  const env = [{ name: 'VALUE', valueFrom: { configMapKeyRef: { name: CONFIG_MAP, key } } }];
  return workload('Deployment', name, { env }, {});
}

/** A Job, or a CronJob that never comes to run, that reads all keys of the ConfigMap into its environment. */
export function job(kind: 'Job' | 'CronJob', name: string): object {
  const containers = [
    { name: 'app', image: 'example.test/app', envFrom: [{ configMapRef: { name: CONFIG_MAP } }] },
  ];
  const spec = { template: { spec: { restartPolicy: 'Never', containers } } };
  return {
    apiVersion: 'batch/v1',
    kind,
    metadata: { name },
    spec: kind === 'Job' ? spec : { schedule: '0 0 29 2 *', jobTemplate: { spec } },
  };
}

function workload(kind: string, name: string, container: object, options: ReaderOptions): object {
  const { annotations = {}, progressDeadlineSeconds } = options;
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, annotations },
    spec: {
      ...(progressDeadlineSeconds === undefined ? {} : { progressDeadlineSeconds }),
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'app', image: 'example.test/app', ...container }] },
      },
    },
  };
}

export const KINDS = {
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
} as const;
export type Kind = keyof typeof KINDS;
export const MARKER = 'rollout.appconfig.dev/orders';

/** A team whose workloads run and are known to its binding. */
export async function withWorkloads(
  team: Team,
  workloads: readonly object[],
  rollout: NonNullable<BindingSpec['rollout']> = {},
): Promise<Team> {
  await furnish(team);
  await team.set('size', 'large');
  for (const workload of workloads) await team.kubectl(['apply', '-f', '-'], workload);
  await team.apply(team.spec({ rollout }));
  const wanted = `${workloads.length}/${workloads.length}`;
  await team.until(`rollout ${wanted}`, async () => (await team.status()).rollout === wanted);
  return team;
}

export const seen = async (team: Team, kind: Kind, name: string): Promise<SeenWorkload> => {
  const found = await team.objects.get<SeenWorkload>(KINDS[kind], team.namespace, name);
  if (found === undefined) throw new Error(`${kind} ${name} is gone`);
  return found;
};

export const markerOf = ({ spec }: SeenWorkload): string | undefined =>
  spec.template.metadata?.annotations?.[MARKER];
