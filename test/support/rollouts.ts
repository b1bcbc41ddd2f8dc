/** Workloads of a simulation, and what happens to them. */
import { DEPLOYMENTS, type Interceptor } from './memory-cluster/index.ts';
import { baseSpec, ENDPOINT, NAMESPACE, Simulation } from './simulation.ts';

export const container = (env: object) => ({ containers: [{ name: 'app', image: 'app', ...env }] });
export const usesKey = (key: string) =>
  container({ env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'orders-config', key } } }] });
/** Mounted as a whole: the kubelet keeps the files up to date. */
export const mounts = {
  ...container({ volumeMounts: [{ name: 'v', mountPath: '/etc/app' }] }),
  volumes: [{ name: 'v', configMap: { name: 'orders-config' } }],
};

/** At rest, with the workloads recorded. */
export async function running(
  prepare: (simulation: Simulation) => Promise<void>,
  spec = baseSpec,
  flags: string[] = [],
  intercept: Interceptor = () => 'proceed',
): Promise<Simulation> {
  const simulation = new Simulation();
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  simulation.azure.set(ENDPOINT, { key: 'size', value: 'L' });
  await prepare(simulation);
  await simulation.apply(spec);
  simulation.start(intercept, flags);
  await simulation.untilReady();
  await simulation.until(() => simulation.condition('RolloutsComplete')?.status === 'True', 30_000);
  await simulation.clock.advance(60_000);
  return simulation;
}

export const generationOf = (simulation: Simulation, name: string) =>
  simulation.deployment(name)?.metadata.generation;

export async function change(simulation: Simulation, key: string, value: string): Promise<void> {
  simulation.azure.set(ENDPOINT, { key, value });
  await simulation.until(() => simulation.configMap()?.data?.[key] === value);
  await simulation.clock.advance(1_000);
}

/** What the Deployment controller reports of a rollout whose pods do not become ready. */
export async function failRollout(simulation: Simulation, name: string): Promise<void> {
  const ref = { type: DEPLOYMENTS, namespace: NAMESPACE, name };
  const status = {
    observedGeneration: generationOf(simulation, name),
    replicas: 2,
    updatedReplicas: 1,
    availableReplicas: 1,
    conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
  };
  await simulation.cluster.admin.mergePatch(ref, { status }, { subresource: 'status' });
}
