import type { RestartRecord, RolloutStatus } from '../../api/schema.ts';
import { CLOCK_SKEW_MS } from '../targets/target-metadata.ts';
import { isUnfinished } from './progress.ts';

/** A workload as it stands: what is told of it and what was recorded. */
export interface Standing {
  readonly rollout: RolloutStatus;
  readonly record: RestartRecord | undefined;
  /** It needs a restart itself, which may well heal it. */
  readonly due: boolean;
}

/**
 * The workload that stops restarts of others: the operator restarted it, and it did not become ready. One that is to
 * be restarted itself comes first, and shows whether the new content is better.
 *
 * It stops them no more when it recovers, when content that does not concern it has changed since (`changedAt`,
 * milliseconds since the epoch), or when a refresh was asked for, which its record then tells.
 *
 * @param phase of the one that is to be restarted. Of several that failed each may show whether the new content is
 *   better: they would wait for each other for ever.
 */
export const haltedBy = (
  standings: readonly Standing[],
  changedAt: number,
  phase: RolloutStatus['phase'],
): Standing | undefined =>
  standings.find(
    ({ rollout, record, due }) =>
      rollout.phase === 'Failed' &&
      isUnfinished(rollout) &&
      record?.passedOver !== true &&
      (due ? phase !== 'Failed' : isOf(rollout, changedAt)),
  );

/** Its restart was for the content as it is. */
const isOf = ({ restartedAt = '' }: RolloutStatus, changedAt: number): boolean =>
  Date.parse(restartedAt) + CLOCK_SKEW_MS >= changedAt;
