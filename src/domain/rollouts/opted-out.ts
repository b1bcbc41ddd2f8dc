/**
 * Workloads whose owners want no restarts: `appconfig.dev/restart: "false"`. What their pods hold is not known, and
 * nothing is going to change it: they count neither as complete nor as open.
 */
import { ANNOTATION_RESTART } from '../../api/names.ts';
import type { RolloutStatus } from '../../api/schema.ts';
import { isUnfinished } from './progress.ts';

const OPTED_OUT = 'OptedOut';

export const isOptedOut = ({ phase }: Pick<RolloutStatus, 'phase'>): boolean => phase === OPTED_OUT;

/** @param rollout as it stands; a restart that was made before the wish is followed to its end */
export const optedOut = (rollout: RolloutStatus): RolloutStatus =>
  isUnfinished(rollout)
    ? rollout
    : {
        ...rollout,
        phase: OPTED_OUT,
        message: `${ANNOTATION_RESTART} is false: its pods see a change when they next start`,
      };
