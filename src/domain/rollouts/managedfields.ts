/** What `metadata.managedFields` tells: who wrote a field last, and when the pod template last changed. */
import { MANAGER } from '../../api/names.ts';
import type { ManagedFields } from '../targets/field-managers.ts';

/**
 * When someone other than the operator last changed fields of the pod template, milliseconds since the epoch.
 * Undefined when nothing tells. Writes of status and scale, and managers that own nothing of the template (an
 * autoscaler that sets `replicas`), roll no pods and do not count.
 */
export function lastSpecChange(managedFields: readonly ManagedFields[] | undefined): number | undefined {
  const times = (managedFields ?? [])
    .filter(({ subresource, manager }) => !subresource && manager !== MANAGER)
    .filter(({ fieldsV1 }) => fieldsV1 === undefined || holds(fieldsV1, ['spec', 'template']))
    .map(({ time }) => Date.parse(time ?? ''))
    .filter((time) => !Number.isNaN(time));
  return times.length === 0 ? undefined : Math.max(...times);
}

/**
 * When the operator last changed a restart marker on the pod template, for whichever binding; milliseconds since the
 * epoch, by the clock of the API server. It writes nothing else there.
 */
export function lastRestart(managedFields: readonly ManagedFields[] | undefined): number | undefined {
  const own = (managedFields ?? []).filter(
    ({ manager, subresource, fieldsV1 }) =>
      manager === MANAGER && !subresource && holds(fieldsV1, ['spec', 'template']),
  );
  const times = own.map(({ time }) => Date.parse(time ?? '')).filter((time) => !Number.isNaN(time));
  return times.length === 0 ? undefined : Math.max(...times);
}

/**
 * Whether the operator was the last to change the field. The server moves a field to whoever changes its
 * value, and leaves it where it is on writes that keep the value. True when there are no managed fields at all.
 */
export function ownsField(
  managedFields: readonly ManagedFields[] | undefined,
  path: readonly string[],
): boolean {
  if (managedFields === undefined || managedFields.length === 0) return true;
  return managedFields.some(
    ({ manager, subresource, fieldsV1 }) => manager === MANAGER && !subresource && holds(fieldsV1, path),
  );
}

/** `fieldsV1` is a tree whose members are named `f:<field>`. */
function holds(fieldsV1: unknown, path: readonly string[]): boolean {
  let node = fieldsV1;
  for (const field of path) {
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, `f:${field}`)) return false;
    node = Reflect.get(node, `f:${field}`);
  }
  return true;
}
