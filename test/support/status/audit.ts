/**
 * The rules that the status of every binding keeps at every moment, whatever happens to it. Simulations put every
 * status ever written before this judge, the tests on a real API server those of all bindings after each test.
 */

import { PLACES } from '../../../src/api/catalogue/places.ts';
import { ABNORMAL, CONDITIONS, type Condition } from '../../../src/api/conditions.ts';
import { REASONS } from '../../../src/api/reasons.ts';
import type { AppConfigBinding } from '../../../src/api/schema.ts';
import { kstatus } from './kstatus.ts';

/** What is wrong with the status of a binding, in sentences; empty: nothing. */
export function troublesOf(binding: AppConfigBinding): readonly string[] {
  const conditions = binding.status?.conditions ?? [];
  return [
    ...conditions.flatMap((condition) => malformed(condition, binding)),
    ...disorder(conditions),
    ...contradictions(binding, conditions),
    ...(binding.status?.references?.failed ?? []).flatMap(({ reason }) => misplaced(reason, 'references')),
  ];
}

/** Of metav1.Condition, and of the catalogue. */
function malformed(condition: Condition, { metadata }: AppConfigBinding): string[] {
  const { type, status, reason, message, lastTransitionTime, observedGeneration } = condition;
  const name = `the condition ${type} (${status}, ${reason})`;
  return [
    ...unless(message.length > 0 && message.length <= 32_768, `${name} has no message, or too long a one`),
    ...unless(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(lastTransitionTime), `${name} has no whole time`),
    ...unless(
      observedGeneration <= (metadata.generation ?? 0),
      `${name} is about generation ${observedGeneration}, which never was`,
    ),
    ...unless(
      status === 'True' || !ABNORMAL.has(type),
      `${name} is abnormal when true, and must be absent otherwise`,
    ),
    ...misplaced(reason, type),
  ];
}

function misplaced(reason: string, place: string): string[] {
  const known = REASONS.find((one) => one === reason);
  if (known === undefined) return [`${reason} is no reason of src/api/reasons.ts`];
  const places: readonly string[] = PLACES[known];
  return unless(
    places.includes(place),
    `the reason ${reason} stands in ${place}: if it may, say so in src/api/catalogue/places.ts and run npm run generate`,
  );
}

const disorder = (conditions: readonly Condition[]): string[] => {
  const order = conditions.map(({ type }) => CONDITIONS.indexOf(type));
  return unless(
    order.every((place, index) => place > (order[index - 1] ?? -1)),
    `conditions are unknown, double or out of order: ${conditions.map(({ type }) => type)}`,
  );
};

/** What tools that know only kstatus, or only Ready, make of it must agree. */
function contradictions(binding: AppConfigBinding, conditions: readonly Condition[]): string[] {
  if (binding.status?.observedGeneration !== binding.metadata.generation)
    return unless(waits(kstatus(binding)), 'a spec that nobody has looked at counts as settled');
  const is = (type: Condition['type']) => conditions.find((condition) => condition.type === type);
  const ready = is('Ready');
  const suspended = binding.spec?.suspend === true;
  const settled = kstatus(binding) === 'Current';
  const phases = (['SettingsFetched', 'SecretsResolved', 'TargetsApplied'] as const).map(is);
  return [
    ...unless(!(is('Stalled') && is('Reconciling')), 'it is Stalled and Reconciling at once'),
    ...unless(!(is('Stalled') && ready?.status !== 'False'), 'it is Stalled and not unready'),
    ...unless(!settled || ready !== undefined || suspended, 'it has no Ready and counts as settled'),
    ...unless(
      !settled || suspended || ready?.observedGeneration === binding.metadata.generation,
      'its Ready is about an older spec and counts as settled',
    ),
    ...unless(
      ready?.status !== 'False' || suspended || ready.reason === 'InternalError' || abnormal(conditions),
      'it is unready and says neither Reconciling nor Stalled',
    ),
    ...unless(
      ready?.status !== 'True' || phases.every((phase) => phase?.status === 'True'),
      'it is Ready and one of its phases is not',
    ),
  ];
}

const waits = (status: string): boolean => status === 'InProgress' || status === 'Terminating';
const abnormal = (conditions: readonly Condition[]): boolean =>
  conditions.some(({ type }) => type === 'Reconciling' || type === 'Stalled');
const unless = (holds: boolean, trouble: string): string[] => (holds ? [] : [trouble]);
