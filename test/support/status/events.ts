import { PLACES, type Place } from '../../../src/api/catalogue/places.ts';
import { REASONS } from '../../../src/api/reasons.ts';

/** Places whose news is told in an event. */
const TOLD: readonly Place[] = ['event', 'Ready', 'RolloutsComplete', 'Stale', 'Warning'];

/** What is wrong with an event about a binding, in sentences; empty: nothing. */
export function troublesOfEvent({
  reason,
  note,
}: {
  readonly reason: string;
  readonly note: string;
}): string[] {
  const known = REASONS.find((one) => one === reason);
  if (known === undefined) return [`an event has the reason ${reason}, which is not in src/api/reasons.ts`];
  const placed = PLACES[known].some((place) => TOLD.includes(place));
  return [
    ...(placed
      ? []
      : [`an event has the reason ${reason}: if it may, add 'event' in src/api/catalogue/places.ts`]),
    ...(note === '' ? [`an event with the reason ${reason} says nothing`] : []),
  ];
}
