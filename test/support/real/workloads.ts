import type { BindingSpec } from '../../../src/api/schema.ts';
import type { WorkloadStatus } from '../../../src/domain/rollouts/workload.ts';
import type { SeenObject } from './objects.ts';
import { CONFIG_MAP, furnish, SECRET, type Team } from './team.ts';

/** Workloads that use the targets of the usual binding. */

export interface SeenWorkload extends SeenObject {
  readonly spec: {
    readonly template: { readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> } };
  };
  readonly status?: WorkloadStatus;
}

/** The annotation of a pod that tells the pod runner what becomes of it. */
export const BEHAVIOUR = 'dev.appconfig.dev/behaviour';

export interface ReaderOptions {
  readonly annotations?: Readonly<Record<string, string>>;
  /** Of the workload, not of its pods. */
  readonly labels?: Readonly<Record<string, string>>;
  /** StatefulSets and DaemonSets only. */
  readonly updateStrategy?: 'OnDelete';
  /** Of its pods, as the pod runner knows it. */
  readonly behaviour?: 'never-ready';
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
export function readsKey(name: string, key: string, options: ReaderOptions = {}): object {
  return workload('Deployment', name, { env: [variable(key)] }, options);
}

/** A Deployment of which only an init container reads one key of the ConfigMap. */
export function initReadsKey(name: string, key: string): object {
  const initContainers = [{ name: 'prepare', image: 'example.test/prepare', env: [variable(key)] }];
  return workload('Deployment', name, {}, { pod: { initContainers } });
}

/** A Deployment that mounts a volume; as a whole, or the part below `subPath`. */
export function mounts(
  name: string,
  volume: object,
  { subPath, ...options }: ReaderOptions & { readonly subPath?: string } = {},
): object {
  const mount = { name: 'config', mountPath: '/etc/orders', ...(subPath === undefined ? {} : { subPath }) };
  const pod = { volumes: [{ name: 'config', ...volume }] };
  return workload('Deployment', name, { volumeMounts: [mount] }, { ...options, pod });
}

const variable = (key: string): object => ({
  name: 'VALUE',
  valueFrom: { configMapKeyRef: { name: CONFIG_MAP, key } },
});

/** A Job that never ends, or a CronJob that never comes to run, that reads all keys of the ConfigMap into its environment. */
export function job(kind: 'Job' | 'CronJob', name: string): object {
  const containers = [
    { name: 'app', image: 'example.test/app', envFrom: [{ configMapRef: { name: CONFIG_MAP } }] },
  ];
  // A Job that has finished is told of no more; the pod runner lets pods of Jobs finish at once.
  const metadata = { annotations: { [BEHAVIOUR]: 'never-ready' } };
  const spec = { template: { metadata, spec: { restartPolicy: 'Never', containers } } };
  return {
    apiVersion: 'batch/v1',
    kind,
    metadata: { name },
    spec: kind === 'Job' ? spec : { schedule: '0 0 29 2 *', jobTemplate: { spec } },
  };
}

interface WorkloadOptions extends ReaderOptions {
  /** Further fields of the pod. */
  readonly pod?: object;
}

function workload(kind: string, name: string, container: object, options: WorkloadOptions): object {
  const {
    annotations = {},
    labels = {},
    pod = {},
    behaviour,
    updateStrategy,
    progressDeadlineSeconds,
  } = options;
  const ofPods = behaviour === undefined ? {} : { annotations: { [BEHAVIOUR]: behaviour } };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, annotations, labels },
    spec: {
      ...(updateStrategy === undefined ? {} : { updateStrategy: { type: updateStrategy } }),
      ...(progressDeadlineSeconds === undefined ? {} : { progressDeadlineSeconds }),
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name }, ...ofPods },
        spec: { containers: [{ name: 'app', image: 'example.test/app', ...container }], ...pod },
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

/** Asks for a refresh, and waits until a whole pass, with the restarts that are due at once, has dealt with it. */
export async function refreshed(team: Team, request: string): Promise<void> {
  await team.refresh(request);
  await team.until(
    'the echo of the refresh',
    async () => (await team.status()).lastHandledRefresh === request,
  );
}

export const generationOf = async (team: Team, name: string, kind: Kind = 'Deployment'): Promise<number> =>
  (await seen(team, kind, name)).metadata.generation ?? 0;

export const seen = async (team: Team, kind: Kind, name: string): Promise<SeenWorkload> => {
  const found = await team.objects.get<SeenWorkload>(KINDS[kind], team.namespace, name);
  if (found === undefined) throw new Error(`${kind} ${name} is gone`);
  return found;
};

/**
 * Waits until the status tells that the restart which a workload last had is complete, and returns its marker. What
 * the status says before is of an earlier rollout: the workload is restarted first, then told of.
 */
export const restartComplete = (team: Team, name: string, kind: Kind = 'Deployment'): Promise<string> =>
  team.until(`the restart of ${name} to be told as complete`, async () => {
    const { restarts, rollouts = [] } = await team.status();
    const marker = markerOf(await seen(team, kind, name));
    const rollout = rollouts.find((one) => one.kind === kind && one.name === name);
    const told = restarts?.[`${kind}/${name}`]?.marker === marker && rollout?.completedAt !== undefined;
    return told && marker;
  });

export const markerOf = ({ spec }: SeenWorkload): string | undefined =>
  spec.template.metadata?.annotations?.[MARKER];

/** How often the pods of a Deployment were rolled out, the first time included. */
export const revisions = async (team: Team, app: string): Promise<number> => {
  const all = await team.objects.list<SeenObject>('replicasets', team.namespace);
  return all.filter(({ metadata }) => metadata.labels?.['app'] === app).length;
};
