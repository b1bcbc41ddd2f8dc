import { type ReferenceRecords, referenceOf, referenceUri } from '../domain/references.ts';
import type { SecretReference } from '../domain/settings.ts';
import type { Facts } from '../domain/status/status.ts';
import { toldOutOfDate } from '../domain/validity.ts';
import type { Dependencies, SecretsSource } from './dependencies.ts';
import type { Ended } from './ended.ts';
import type { PlannedPass } from './pass.ts';
import type { Readers } from './steps/identify.ts';
import { type Answers, mayBeRead, nextSecrets, readSecrets } from './steps/read-secrets.ts';
import { synchronise } from './synchronise.ts';
import { attendWorkloads } from './workloads.ts';

/**
 * The targets are current: look after what is due and nothing else. Without anything due this makes no request.
 *
 * - Secrets without a fixed version: read again; only a change leads to a full synchronisation.
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
    const answers = await readUnpinned(pass, readers, records, deps);
    if (!sameVersions(records, answers)) {
      const secretsSource = withAnswers(deps.secretsSource, answers);
      return synchronise(pass, readers, facts, { due: true }, { ...deps, secretsSource });
    }
    memory.secretsDueAt = nextSecrets(pass, readers);
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
  deps: Dependencies,
): Promise<Answers> {
  const unpinned = [...records.values()]
    .map(({ reference }) => referenceOf(reference))
    .filter(
      (reference): reference is SecretReference => reference !== undefined && reference.version === undefined,
    );
  return unpinned.length === 0 ? Promise.resolve(new Map()) : readSecrets(pass, unpinned, readers, deps);
}

/** Every read succeeded and gave the version that the Secret holds. Its value never changes; its times may. */
function sameVersions(records: ReferenceRecords, answers: Answers): boolean {
  return [...records.values()].every(({ reference, version, notBefore, expiresAt }) => {
    if (referenceOf(reference)?.version !== undefined) return true;
    const answer = answers.get(reference);
    if (answer?.ok !== true) return false;
    const { value } = answer;
    return value.version === version && value.notBefore === notBefore && value.expiresAt === expiresAt;
  });
}

/** What was just read is not read a second time. */
const withAnswers = (source: SecretsSource, answers: Answers): SecretsSource => ({
  async read(references, identity, options) {
    const missing = references.filter((reference) => !answers.has(referenceUri(reference)));
    const rest = missing.length === 0 ? [] : await source.read(missing, identity, options);
    // Without the ids of their requests: those have been logged.
    return new Map([...[...answers].map(([uri, result]) => [uri, { result }] as const), ...rest]);
  },
});
