import type { RolloutStatus } from '../../api/schema.ts';
import { jobStatus, needsNoRestart } from '../../domain/rollouts/job.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';
import { targetNames } from './judge.ts';

/**
 * Jobs and CronJobs of the namespace that use a target, under every policy: none of them is ever restarted.
 *
 * Failure: what cannot be listed now is told as it was last; where the right is missing, none is told. Neither is any
 * trouble of the binding, and no restart waits for it.
 */
export async function tellJobs(
  pass: PlannedPass,
  { jobs }: Pick<Dependencies, 'jobs'>,
): Promise<readonly RolloutStatus[]> {
  const { namespace, signal, previous } = pass;
  const listed = await jobs.of(namespace, { fresh: false, signal });
  if (listed.ok) return listed.value.flatMap((job) => jobStatus(job, targetNames(pass)) ?? []);
  return listed.failure.kind === 'blocked' ? [] : (previous.rollouts ?? []).filter(needsNoRestart);
}
