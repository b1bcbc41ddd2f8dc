import type { BindingStatus } from '../api/schema.ts';

/**
 * The last word about targets is that they hold what this very spec asks for. After a pass that read and could not
 * write, the status may tell counts of content or of a spec that never came to be.
 */
export function isSettled({ conditions = [] }: BindingStatus, generation: number | undefined): boolean {
  const applied = conditions.find(({ type }) => type === 'TargetsApplied');
  const cutShort = conditions.some(
    ({ type, reason }) => type === 'Reconciling' && reason === 'KubernetesUnavailable',
  );
  return applied?.status === 'True' && applied.observedGeneration === generation && !cutShort;
}
