import type { Reason } from '../reasons.ts';
import { type Explanation, explain } from './explanation.ts';

const NOTHING = 'Nothing.';

/** Things as they should be, and rollouts. */
export const progress = {
  Synced: explain(
    'The targets are equal to the selection.',
    'Settings were read, references resolved and targets written.',
    NOTHING,
  ),
  Fetched: explain('The settings were read.', 'The store answered every selection.', NOTHING),
  Resolved: explain(
    'Every Key Vault reference has a value.',
    'The vaults answered, or no reference was selected.',
    NOTHING,
  ),
  Applied: explain(
    'The targets hold what was rendered.',
    'They were written, or were right already.',
    NOTHING,
  ),
  Completed: explain(
    'Every workload that uses a target runs with its current content.',
    'Their rollouts are complete.',
    NOTHING,
  ),
  NoRestartNeeded: explain(
    'No workload needs a restart.',
    'No workload of the namespace reads a target only at its start.',
    NOTHING,
  ),
  Progressing: explain(
    'The operator is at work, or will try again soon.',
    'A first pass, or a failure that is expected to pass.',
    'Wait; the message says what is being waited for.',
  ),
  Suspended: explain(
    'Nothing is read or written.',
    '`spec.suspend` is true.',
    'Set `spec.suspend: false` to go on.',
  ),
  Restarted: explain(
    'A workload was restarted.',
    'A key that its pods read only at their start has changed.',
    NOTHING,
  ),
  RestartDenied: explain(
    'A workload needs a restart and could not be patched.',
    'The operator may not patch workloads (chart value `rollouts.enabled: false`), or an admission policy or webhook refused the patch, or a webhook did not answer: the message names it.',
    'Allow it, or set `spec.rollout.restart: Never` and restart the workload yourself.',
  ),
  RolloutsProgressing: explain(
    'Workloads are being rolled out, or wait for their turn.',
    'A restart, or a change of the workload itself, is under way; restarts wait for `spec.rollout.minInterval`, for `maxConcurrent`, for a limit of the operator or for a reference that has no value. The message tells which.',
    'Wait; `kubectl rollout status` shows the progress.',
  ),
  RolloutFailed: explain(
    'A rollout did not become ready.',
    'New pods crash, stay pending or fail their probes, and the progress deadline of the workload has passed.',
    'Look at the pods named in the message with `kubectl describe` and `kubectl logs`; correct the value in the store, or undo it.',
  ),
  RolloutPaused: explain(
    'A workload has its new template and gives it to its pods only when a person acts.',
    'A Deployment is paused, a StatefulSet or DaemonSet has the update strategy OnDelete, or the partition of a StatefulSet holds pods back.',
    'Resume the Deployment with `kubectl rollout resume`, delete the old pods, or lower the partition. The operator does none of this.',
  ),
  RolloutsHalted: explain(
    'Further restarts are held back, because a workload that was restarted for the same content did not become ready.',
    'The new content, or something else, keeps the new pods of the workload named in the message from becoming ready.',
    'Correct the value in the store, or repair the workload: restarts go on when it recovers or when content changes again. To restart the others nevertheless, set the annotation `appconfig.dev/refresh` of the binding to a new value.',
  ),
  RestartsDryRun: explain(
    'Workloads would be restarted, but for a dry run.',
    '`spec.rollout.dryRun` is true, or the operator runs with `rollouts-dry-run`.',
    'End the dry run to have them restarted, or restart them yourself.',
  ),
  WorkloadNotFound: explain(
    'A workload that the binding names does not exist.',
    '`spec.rollout.workloads` names a kind and a name that the namespace does not have.',
    'Create the workload, or correct the list.',
  ),
  RolloutsDisabled: explain(
    'Workloads are not restarted.',
    '`spec.rollout.restart` is Never, or restarts are switched off for the whole operator.',
    'Restart workloads yourself after a change, or set `spec.rollout.restart: Auto` or `Selected`.',
  ),
  ReadsStale: explain(
    'The store has not been read successfully for some time; the targets hold the last good content.',
    'No successful read for five refresh intervals and at least ten minutes.',
    'See the reason of `SettingsFetched`.',
  ),
  InternalError: explain(
    'The operator met a fault of its own.',
    'A bug. Targets are left as they are, and the binding is tried again.',
    'Report it with the log lines of the operator that name this binding.',
  ),
} as const satisfies Partial<Record<Reason, Explanation>>;
