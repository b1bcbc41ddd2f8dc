import type { Reason } from '../../../../src/api/reasons.ts';
import type { BindingSpec } from '../../../../src/api/schema.ts';
import type { Phase } from '../../../../src/domain/status/verdict.ts';
import type { Arrangement, Team } from '../../../support/real/team.ts';
import type { World } from '../../../support/real/world.ts';

/** Something that goes wrong for one binding, and what the binding must say about it. */
export interface Trouble {
  /** Completes "tells that …". */
  readonly title: string;
  readonly reason: Reason;
  /** The condition that turns False, besides Ready. */
  readonly phase: Phase;
  /** Parts of the message: who, what, and what to do about it. */
  readonly says: (team: Team) => readonly string[];
  /** Present: the trouble is there before the first sync. What it returns is left out of the arrangement. */
  readonly fromStart?: (world: World) => Promise<Arrangement> | Arrangement;
  /** Brings the trouble about: after the first sync, or, with `fromStart`, before the binding exists. */
  readonly cause?: (team: Team) => Promise<unknown>;
  /** Takes the cause away; nothing is done to the binding. */
  readonly cure: (team: Team) => Promise<unknown>;
  readonly spec?: (team: Team) => Partial<BindingSpec>;
  /** Only time mends it (throttled, unavailable): Reconciling instead of Stalled. */
  readonly transient?: true;
  /** The targets keep their content but are written once more (a page changed). */
  readonly rewritten?: true;
}
