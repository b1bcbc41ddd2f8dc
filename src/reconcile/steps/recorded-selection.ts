import { inputHash, secretInput } from '../../domain/input-hash.ts';
import { isBudgetAlone } from '../../domain/request-budget.ts';
import { recordedSecrets, type SelectedSecrets } from '../../domain/vaults/vault-selections.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';
import type { Readers } from './identify.ts';
import { keptOne } from './keep.ts';
import { isMerging } from './read-target.ts';

/**
 * What the lists of vaults last gave, as the Secret records it: while no list is due, a changed setting needs none.
 *
 * Guarantees: it is what the last lists gave for this very plan, or undefined. The Secret stands as the status records
 * it, and its hash covers the selections, how their keys are made, and each secret it holds. What a list may have given
 * and no record tells is a failed reference, a collision or a key that is left out: where there may be one, there is
 * nothing to go by. Nor is there after a list that failed: only another one tells whether it still does.
 */
export function recordedSelection(
  pass: PlannedPass,
  readers: Readers,
  { hashKey }: Pick<Dependencies, 'hashKey'>,
): SelectedSecrets | undefined {
  const { plan, memory } = pass;
  const { secret, vaultSelections } = plan;
  if (secret === undefined || vaultSelections.length === 0 || isMerging(pass)) return undefined;
  if (memory.trouble.kind !== 'none' || isUnresolved(pass.previous) || hasWarning(pass)) return undefined;
  if (!vaultSelections.every(({ vault }) => readers.vault(vault).ok)) return undefined;
  const kept = keptOne(pass, secret.name);
  if (kept === undefined) return undefined;
  // Where the pages of the store decide the Secret, too, they are those that it was made from.
  if (inputHash(hashKey, secretInput(plan, memory.tags, kept.records)) !== kept.hash) return undefined;
  const recorded = recordedSecrets(kept.records, plan);
  // Nothing may be selected only where the lists say so.
  return recorded.entries.size === 0 ? undefined : recorded;
}

/** As the status tells it, also that of an earlier process. */
export const isUnresolved = ({ conditions = [] }: PlannedPass['previous']): boolean =>
  conditions.some(({ type, status }) => type === 'SecretsResolved' && status === 'False');

/** Of collisions and of keys that are left out. */
function hasWarning({ previous }: PlannedPass): boolean {
  const warning = previous.conditions?.find(({ type }) => type === 'Warning');
  return warning !== undefined && !isBudgetAlone(warning);
}
