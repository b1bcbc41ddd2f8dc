import { type ReferenceRecords, referenceOf, referenceUri } from '../domain/secrets/references.ts';
import { toldOutOfDate } from '../domain/secrets/validity.ts';
import type { Facts } from '../domain/status/status.ts';
import type { VaultSecrets } from '../domain/vaults/vault-secrets.ts';
import { listedEntries, sameSelection } from '../domain/vaults/vault-selections.ts';
import type { Dependencies, SecretsSource } from './dependencies.ts';
import { type Ended, stopped } from './ended.ts';
import type { PlannedPass } from './pass.ts';
import type { Readers } from './steps/identify.ts';
import { listSecrets } from './steps/list-secrets.ts';
import { type Answers, mayBeRead, nextSecrets, readSecrets } from './steps/read-secrets.ts';
import { synchronise } from './synchronise.ts';
import { attendWorkloads } from './workloads.ts';

/**
 * The targets are current: look after what is due and nothing else. Without anything due this makes no request.
 *
 * - Vaults whose secrets are selected: listed again; what the list says is as it was is not read.
 * - Secrets without a fixed version that no list tells about: read again. Only a change leads to a full synchronisation.
 * - Workloads: listed once per drift interval, in case a restart was missed or a workload is new.
 * - Rollouts that were still moving: looked at again.
 */
export async function attend(
  pass: PlannedPass,
  readers: Readers,
  facts: Facts,
  records: ReferenceRecords,
  deps: Dependencies,
): Promise<Ended> {
  const { memory, now } = pass;
  if (memory.secretsDueAt !== undefined && now >= memory.secretsDueAt) {
    const selected = await listSecrets(pass, readers, deps);
    if (!selected.ok) return stopped(memory, 'SecretsResolved', selected.failure, facts);
    const begin = { due: true, selected: selected.value };
    const listed = listedEntries(pass.plan, selected.value);
    if (!sameSelection(listed, records)) return synchronise(pass, readers, facts, begin, deps);
    const answers = await readUnpinned(pass, readers, records, listed, deps);
    if (!sameVersions(records, answers)) {
      const secretsSource = withAnswers(deps.secretsSource, answers);
      return synchronise(pass, readers, facts, begin, { ...deps, secretsSource });
    }
    memory.secretsDueAt = nextSecrets(pass, readers);
    memory.listsSettledAt = memory.listsAnsweredAt;
  }
  const forbidden = memory.trouble.kind === 'none' && !mayBeRead(records, readers);
  if (forbidden || !toldOutOfDate(warningOf(pass), records, now)) {
    return synchronise(pass, readers, facts, { due: false }, deps);
  }
  const news = await attendWorkloads(pass, deps);
  return { ...news, verdict: standing(pass), facts: { ...facts, ...news.facts } };
}

/** What stands in the condition Warning. */
const warningOf = ({ previous }: PlannedPass): string =>
  previous.conditions?.find(({ type }) => type === 'Warning')?.message ?? '';

/** A look that read nothing new about failed references leaves them failed. */
function standing({ plan, memory: { trouble, transientInARow } }: PlannedPass): Ended['verdict'] {
  if (trouble.kind !== 'failed') return { kind: 'synced' };
  const { failure } = trouble;
  const wentOn = plan.onReferenceError === 'KeepLast';
  return { kind: 'failed', phase: 'SecretsResolved', failure, transientInARow, wentOn };
}

function readUnpinned(
  pass: PlannedPass,
  readers: Readers,
  records: ReferenceRecords,
  listed: VaultSecrets,
  deps: Dependencies,
): Promise<Answers> {
  const unlisted = [...records.values()].flatMap(({ reference, updatedAt }) => {
    const parsed = updatedAt === undefined ? referenceOf(reference) : undefined;
    return parsed === undefined || parsed.version !== undefined ? [] : [parsed];
  });
  const doubtful = [...listed.values()].flatMap((entry) => (entry.listed?.doubtful ? [entry.reference] : []));
  const unpinned = [...unlisted, ...doubtful];
  return unpinned.length === 0 ? Promise.resolve(new Map()) : readSecrets(pass, unpinned, readers, deps);
}

/** Every read succeeded and gave the version that the Secret holds. Its value never changes; its times may. */
function sameVersions(records: ReferenceRecords, answers: Answers): boolean {
  return [...records.values()].every(({ reference, version, notBefore, expiresAt, updatedAt }) => {
    if (referenceOf(reference)?.version !== undefined) return true;
    const answer = answers.get(reference);
    if (answer === undefined) return updatedAt !== undefined;
    if (!answer.ok) return false;
    const { value } = answer;
    return value.version === version && value.notBefore === notBefore && value.expiresAt === expiresAt;
  });
}

/** What was just read is not read a second time. */
const withAnswers = (source: SecretsSource, answers: Answers): SecretsSource => ({
  list: (vault, identity, options) => source.list(vault, identity, options),
  async read(references, identity, options) {
    const missing = references.filter((reference) => !answers.has(referenceUri(reference)));
    const rest = missing.length === 0 ? [] : await source.read(missing, identity, options);
    // Without the ids of their requests: those have been logged.
    return new Map([...[...answers].map(([uri, result]) => [uri, { result }] as const), ...rest]);
  },
});
