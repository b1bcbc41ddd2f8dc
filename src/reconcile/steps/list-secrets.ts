import { cancelled, fail, ok, type Result } from '../../domain/failure.ts';
import type { ListedSecret } from '../../domain/secrets/secret.ts';
import {
  NONE_SELECTED,
  nothingSelected,
  type SelectedSecrets,
  selectSecrets,
} from '../../domain/vaults/vault-selections.ts';
import { auditList } from '../audit.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';
import type { Readers } from './identify.ts';

/** Clocks of a vault and ours differ by less, or a change within one second goes unnoticed until the next one. */
const CLOCK_SKEW_MS = 10_000;

/** Of the interval: how long a list is ago that an earlier process read (`groupRound`). */
const LONGEST_ROUND = 1.5;

/**
 * What the lists of vaults give, each listed as its reader and shared with others of that identity.
 *
 * Guarantees: all lists whole, or a failure: a vault that could not be listed takes no secret away. The binding never
 * goes back in time: no list is older than its last ones, nor than a refresh that someone asked for. A vault that may
 * not be read is asked nothing, and no token is requested for it.
 */
export async function listSecrets(
  pass: PlannedPass,
  readers: Readers,
  { secretsSource, clock }: Pick<Dependencies, 'secretsSource' | 'clock'>,
): Promise<Result<SelectedSecrets>> {
  const { plan, memory, signal, requestId, refreshRequested } = pass;
  const { vaultSelections: selections } = plan;
  if (selections.length === 0) return ok(NONE_SELECTED);
  const doubtfulSince =
    (memory.listsSettledAt ?? pass.now - LONGEST_ROUND * plan.secretsIntervalMs) - CLOCK_SKEW_MS;
  const oldest = refreshRequested ? Infinity : (memory.listsAnsweredAt ?? memory.vaultsAnsweredAt) + 1;
  const list = async (vault: string): Promise<Result<Listing>> => {
    const reader = readers.vault(vault);
    if (!reader.ok) return reader;
    const answer = await secretsSource.list(vault, reader.value, { signal, oldest, requestId });
    auditList(pass, vault, reader.value, answer);
    const { result, askedAt = pass.now } = answer;
    return result.ok ? ok({ vault, secrets: result.value, askedAt }) : result;
  };
  const vaults = [...new Set(selections.map(({ vault }) => vault))];
  const listings: Listing[] = [];
  for (const answer of await Promise.all(vaults.map(list))) {
    if (!answer.ok) return answer;
    listings.push(answer.value);
  }
  if (signal.aborted) return fail(cancelled);
  memory.listsAnsweredAt = clock.now();
  // A value that was read before the list may be older than what the list tells of it.
  const listedAt = Math.max(...listings.map(({ askedAt }) => askedAt));
  memory.vaultsAnsweredAt = Math.max(memory.vaultsAnsweredAt, listedAt - 1);
  const lists = new Map(listings.map(({ vault, secrets }) => [vault, secrets]));
  const selected = selectSecrets(selections, lists, { ...plan, doubtfulSince });
  return selected.entries.size === 0 && !plan.allowEmpty ? fail(nothingSelected(selections)) : ok(selected);
}

interface Listing {
  readonly vault: string;
  readonly secrets: readonly ListedSecret[];
  readonly askedAt: number;
}
