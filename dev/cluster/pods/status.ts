import type { ContainerReport, ContainerState, PodReport, Termination } from './state.ts';
import type { Pod } from './types.ts';

/** A pod condition as written. */
export interface PodCondition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly lastTransitionTime: string;
  readonly reason?: string;
}

/** The `status` of a pod, as far as a kubelet writes it. */
export interface PodStatus {
  readonly phase: string;
  readonly conditions: readonly PodCondition[];
  readonly [field: string]: unknown;
}

/**
 * Turns a report into a pod status.
 *
 * @param previous conditions written before: one that keeps its status keeps its transition time, on which
 * `minReadySeconds` relies.
 */
export function podStatus(
  pod: Pod,
  report: PodReport,
  previous: readonly PodCondition[],
  now: string,
): PodStatus {
  const phase = podPhase(report.containers);
  const ready = phase === 'Running' && report.containers.every(isReady);
  const done = phase === 'Succeeded' ? { reason: 'PodCompleted' } : {};
  const condition = (type: string, holds: boolean): PodCondition => {
    const status = holds ? 'True' : 'False';
    const before = previous.find((one) => one.type === type && one.status === status);
    const reason = holds ? {} : { reason: 'ContainersNotReady', ...done };
    return { type, status, lastTransitionTime: before?.lastTransitionTime ?? now, ...reason };
  };
  return {
    phase,
    conditions: [
      condition('PodScheduled', true),
      condition('Initialized', true),
      condition('ContainersReady', ready),
      condition('Ready', ready),
    ],
    hostIP: report.hostIp,
    podIP: report.podIp,
    podIPs: [{ ip: report.podIp }],
    startTime: report.startTime,
    containerStatuses: report.containers.map((container) => containerStatus(pod, container)),
    initContainerStatuses: initContainerStatuses(pod, report.startTime),
  };
}

/** The phase that follows from the containers (pod lifecycle, Kubernetes documentation). */
export function podPhase(containers: readonly ContainerReport[]): string {
  if (containers.some(({ state }) => state.kind === 'waiting' && state.reason !== 'CrashLoopBackOff'))
    return 'Pending';
  if (!containers.every(({ state }) => state.kind === 'terminated')) return 'Running';
  const failed = containers.some(({ state }) => state.kind === 'terminated' && state.exitCode !== 0);
  return failed ? 'Failed' : 'Succeeded';
}

function isReady({ state }: ContainerReport): boolean {
  return state.kind === 'running' && state.ready;
}

function containerStatus(pod: Pod, container: ContainerReport): object {
  const { name, image, restartCount, state, lastTermination } = container;
  return {
    name,
    image,
    imageID: `local://${image}`,
    containerID: `local://${pod.metadata.uid}-${name}-${restartCount}`,
    restartCount,
    started: state.kind === 'running' && state.started,
    ready: isReady(container),
    state: apiState(state),
    lastState: lastTermination === undefined ? {} : { terminated: termination(lastTermination) },
  };
}

function apiState(state: ContainerState): object {
  if (state.kind === 'running') return { running: { startedAt: state.startedAt } };
  if (state.kind === 'terminated') return { terminated: termination(state) };
  return { waiting: { reason: state.reason, message: state.message } };
}

function termination({ exitCode, reason, startedAt, finishedAt }: Termination): object {
  return { exitCode, reason, startedAt, finishedAt };
}

/** Init containers are not run: they count as done. */
function initContainerStatuses(pod: Pod, time: string): object[] {
  return (pod.spec.initContainers ?? []).map(({ name, image }) => ({
    name,
    image,
    imageID: `local://${image}`,
    restartCount: 0,
    ready: true,
    state: { terminated: { exitCode: 0, reason: 'Completed', startedAt: time, finishedAt: time } },
  }));
}
