import type { TargetStatus } from '../api/schema.ts';
import type { Deed } from './ended.ts';
import type { Applied } from './steps/apply.ts';

type Write = Exclude<Applied['action'], 'unchanged'>;

const WRITES: Readonly<Record<Write, Pick<Deed, 'reason' | 'action'> & { readonly text: string }>> = {
  created: { reason: 'TargetCreated', action: 'Create', text: 'created' },
  updated: { reason: 'TargetUpdated', action: 'Update', text: 'updated' },
  repaired: { reason: 'TargetRepaired', action: 'Repair', text: 'put back what someone else had changed in' },
};

/** The events of writes to targets: only those that changed content are worth one. */
export const writeDeeds = (applied: readonly Applied[]): readonly Deed[] =>
  applied.flatMap(({ action, contentChanged, status: { kind, name, keys } }) => {
    if (action === 'unchanged' || !contentChanged) return [];
    const { text, ...rest } = WRITES[action];
    return [{ ...rest, note: `${text} ${kind} ${name} (${keys === 1 ? '1 key' : `${keys} keys`})` }];
  });

export const removalDeeds = (removed: readonly TargetStatus[]): readonly Deed[] =>
  removed.map(({ kind, name }) => ({
    reason: 'TargetRemoved',
    action: 'Remove',
    note: `removed ${kind} ${name}, which the spec no longer names`,
  }));
