/**
 * Jobs and CronJobs that use a target. They are told of and never restarted: each run starts new pods, which read what
 * is current then, and the pods of a Job cannot be replaced without doing its work again.
 */
import type { RolloutStatus } from '../../api/schema.ts';
import { slimPod } from './slim.ts';
import { type TargetName, type Usage, usageOf } from './usage.ts';
import type { PodSpec } from './workload.ts';

/** The parts of a Job or CronJob that are read. Raw JSON as the API server sends it: everything may be absent. */
export interface Job {
  readonly kind: JobKind;
  readonly metadata: {
    readonly name: string;
    readonly ownerReferences?: readonly { readonly kind: string; readonly controller?: boolean }[];
  };
  readonly spec?: JobSpec & { /** Of a CronJob. */ readonly jobTemplate?: { readonly spec?: JobSpec } };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status?: string }[];
  };
}

export type JobKind = 'CronJob' | 'Job';

interface JobSpec {
  readonly template?: { readonly spec?: PodSpec };
}

/** A Job or CronJob that may start pods or has some, with what they may read. */
export interface LiveJob {
  readonly kind: JobKind;
  readonly name: string;
  readonly pod: PodSpec;
}

/** Undefined: it has finished, or it is one run of a CronJob, which speaks for it. */
export function liveJob({ kind, metadata, spec, status }: Job): LiveJob | undefined {
  const { name, ownerReferences = [] } = metadata;
  const isRun = ownerReferences.some((owner) => owner.kind === 'CronJob' && owner.controller === true);
  if (isRun || status?.conditions?.some(isEnd) === true) return undefined;
  const { template } = (kind === 'CronJob' ? spec?.jobTemplate?.spec : spec) ?? {};
  return { kind, name, pod: slimPod(template?.spec ?? {}) };
}

/** `JobComplete` and `JobFailed` of `batch/v1`: no pod runs or will. */
const isEnd = ({ type, status }: { readonly type: string; readonly status?: string }): boolean =>
  status === 'True' && (type === 'Complete' || type === 'Failed');

const NO_RESTART = 'NoRestartNeeded';

/** It is no rollout and counts as none: neither complete nor open. */
export const needsNoRestart = ({ phase }: Pick<RolloutStatus, 'phase'>): boolean => phase === NO_RESTART;

/** What the status tells of it; undefined when its pods read none of `targets`. */
export function jobStatus(
  { kind, name, pod }: LiveJob,
  targets: readonly TargetName[],
): RolloutStatus | undefined {
  const usage = usageOf({ spec: { template: { spec: pod } } }, targets);
  if (usage.kind === 'none') return undefined;
  return { kind, name, phase: NO_RESTART, message: kind === 'CronJob' ? NEXT_RUN : RUNNING[usage.kind] };
}

const NEXT_RUN = 'its next run starts with the current content';
const RUNNING: Readonly<Record<Exclude<Usage['kind'], 'none'>, string>> = {
  keys: 'its running pods keep what they started with',
  live: 'the kubelet keeps the mounted files of its running pods current',
};
