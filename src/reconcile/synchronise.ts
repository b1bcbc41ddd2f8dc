import { ANNOTATION_CHANGED_AT, ANNOTATION_REFRESH } from '../api/names.ts';
import type { TargetStatus } from '../api/schema.ts';
import { blocked, type Failure, ok } from '../domain/failure.ts';
import type { Facts } from '../domain/status/status.ts';
import { rfc3339 } from '../domain/times.ts';
import type { SelectedSecrets } from '../domain/vaults/vault-selections.ts';
import { leavingDeeds, writeDeeds } from './deeds.ts';
import type { Dependencies } from './dependencies.ts';
import { type Ended, failedVerdict, stopped } from './ended.ts';
import { referenceFacts, settingFacts, warningsOf } from './facts.ts';
import type { PlannedPass } from './pass.ts';
import type { Applied } from './steps/applied.ts';
import { confirmBinding } from './steps/confirm.ts';
import { readTargets, withConfigMapData } from './steps/existing.ts';
import { type Fetched, fetch } from './steps/fetch.ts';
import { passGate } from './steps/gate.ts';
import type { Readers } from './steps/identify.ts';
import { keepSecrets } from './steps/keep.ts';
import { decodeLastValues } from './steps/last-values.ts';
import { listSecrets } from './steps/list-secrets.ts';
import type { Resolved } from './steps/outcome.ts';
import { hasSecretOfItsOwn } from './steps/own-secrets.ts';
import { recordedSelection } from './steps/recorded-selection.ts';
import { resolveSecrets } from './steps/secrets.ts';
import { isUnseen } from './steps/unwritten.ts';
import { type Written, writeTargets } from './steps/write.ts';
import { restartAfter } from './workloads.ts';

/**
 * Everything, from reading the store to restarting workloads: lists of vaults, settings, secrets, names into the status, Secret,
 * ConfigMap, restarts. The caller writes the status last.
 *
 * Guarantees: a failure leaves everything after it as it was; one bad reference stops no other.
 */
export async function synchronise(
  pass: PlannedPass,
  readers: Readers,
  known: Facts,
  options: {
    /** Unpinned references are read again. */
    readonly due: boolean;
    /** What the lists of vaults just gave; absent: they are to be read, where they are due or not known. */
    readonly selected?: SelectedSecrets;
  },
  deps: Dependencies,
): Promise<Ended> {
  const { memory } = pass;
  const recorded = options.selected || options.due ? undefined : undueSelection(pass, readers, deps);
  const given = options.selected ?? recorded;
  const selected = given ? ok(given) : await listSecrets(pass, readers, deps);
  if (!selected.ok) return stopped(memory, 'SecretsResolved', selected.failure, known);
  const fetched = await fetch(pass, readers.store, selected.value, deps);
  if (!fetched.ok) return stopped(memory, 'SettingsFetched', fetched.failure, known);
  const withSettings: Facts = { ...known, ...settingFacts(pass, fetched.value) };
  memory.tags = fetched.value.pages;
  const misplaced = referencesWithoutTarget(pass, fetched.value);
  if (misplaced !== undefined) return stopped(memory, 'SecretsResolved', misplaced, withSettings);

  const kept = keepSecrets(pass, fetched.value, readers, options.due, deps);
  const existing = await readTargets(pass, fetched.value, kept, deps);
  if (!existing.ok) return stopped(memory, 'TargetsApplied', existing.failure, withSettings);
  const confirmed = await confirmBinding(pass, existing.value, deps);
  if (!confirmed.ok) return stopped(memory, 'TargetsApplied', confirmed.failure, withSettings);
  const last = decodeLastValues(existing.value);
  const resolved =
    kept?.resolved ?? (await resolveSecrets(pass, readers, fetched.value, last, options.due, deps));
  if (pass.signal.aborted) return stopped(memory, 'SecretsResolved', { kind: 'cancelled' }, {});
  if (recorded === undefined) memory.listsSettledAt = memory.listsAnsweredAt;
  const { secretsDueAt } = memory;
  if (isUnseen(resolved, last)) memory.secretsDueAt = pass.now;

  const facts: Facts = { ...withSettings, ...referenceFacts(fetched.value, resolved) };
  const warnings = warningsOf(pass, fetched.value, resolved);
  const halted = haltingFailure(pass, resolved);
  if (halted !== undefined) {
    const { secrets: _, ...told } = facts;
    return { ...stopped(memory, 'SecretsResolved', halted, told), warnings };
  }
  const whole = await withConfigMapData(pass, existing.value, resolved, fetched.value, deps);
  if (!whole.ok) return { ...stopped(memory, 'TargetsApplied', whole.failure, facts), warnings };
  const passed = await passGate(pass, fetched.value, resolved, deps);
  if (!passed.ok) return { ...refusedAtGate(pass, passed.failure, facts), warnings };
  const written = await writeTargets(pass, fetched.value, resolved, whole.value, kept, deps);
  if (!written.ok) return { ...stopped(memory, 'TargetsApplied', written.failure, facts), warnings };
  memory.secretsDueAt = secretsDueAt;
  const news = await restartAfter(pass, written.value, deps);
  return {
    ...news,
    verdict: referenceVerdict(pass, written.value),
    facts: { ...facts, ...targetFacts(pass, written.value), ...news.facts },
    warnings,
    deeds: [...writeDeeds(written.value.applied), ...leavingDeeds(written.value), ...news.deeds],
  };
}

/** What the lists of vaults gave last, while they are not due. */
const undueSelection = (pass: PlannedPass, readers: Readers, deps: Dependencies) =>
  pass.now < (pass.memory.secretsDueAt ?? 0) ? recordedSelection(pass, readers, deps) : undefined;

/** What stops everything, where one failed reference is to, or where the Secret would lose values. */
function haltingFailure(
  { plan, memory: { trouble } }: PlannedPass,
  { untold }: Resolved,
): Failure | undefined {
  const halts = plan.onReferenceError === 'Fail' || untold.size > 0;
  return halts && trouble.kind === 'failed' ? trouble.failure : undefined;
}

/**
 * Content without the values of failed references may break a schema for want of them: then these are the news.
 * A refresh that was asked for is done all the same: everything was read, and what it gave was refused.
 */
function refusedAtGate(pass: PlannedPass, failure: Failure, facts: Facts): Ended {
  const { memory } = pass;
  const { trouble } = memory;
  if (trouble.kind === 'failed' && trouble.unresolved)
    return stopped(memory, 'SecretsResolved', trouble.failure, facts);
  const judged = failure.kind === 'blocked' ? { ...facts, ...handledRefresh(pass) } : facts;
  return stopped(memory, 'TargetsApplied', failure, judged);
}

/** The echo of the request to refresh now. */
function handledRefresh({ binding }: PlannedPass): Facts {
  const wanted = binding.metadata.annotations?.[ANNOTATION_REFRESH];
  return wanted === undefined ? {} : { lastHandledRefresh: wanted };
}

/** Synced, unless references are in trouble: then everything else went on and they are reported. */
function referenceVerdict({ memory }: PlannedPass, { complete }: Written): Ended['verdict'] {
  const { trouble } = memory;
  if (trouble.kind !== 'failed') return { kind: 'synced' };
  return failedVerdict(memory, 'SecretsResolved', trouble.failure, complete);
}

/** Without a Secret to put them in, references make the spec wrong for what the store holds. */
function referencesWithoutTarget(pass: PlannedPass, { merged }: Fetched): Failure | undefined {
  if (pass.plan.secret !== undefined) return undefined;
  const found = [...merged.entries].find(
    ([key, entry]) => entry.kind !== 'value' && !hasSecretOfItsOwn(pass, key, entry),
  );
  if (found === undefined) return undefined;
  return blocked(
    'SecretTargetMissing',
    `key ${JSON.stringify(found[0])} is a Key Vault reference and the binding has no Secret for it: set spec.target.secret.name, or select fewer keys`,
  );
}

/** What the writes tell the status, and that the refresh that was asked for is done. */
export function targetFacts(pass: PlannedPass, { applied, complete }: Written): Facts {
  const written = applied.map(({ status }) => status);
  const isWritten = (target: TargetStatus) =>
    written.some(({ kind, name }) => kind === target.kind && name === target.name);
  // Others are those of an earlier spec, which go when everything of this one is there.
  const others = complete ? [] : (pass.previous.targets ?? []).filter((target) => !isWritten(target));
  const lastChangeTime = lastChange(applied);
  return {
    targets: [...others, ...written],
    ...(lastChangeTime === undefined ? {} : { lastChangeTime }),
    ...handledRefresh(pass),
  };
}

/** As the targets tell it: a pass that wrote them may have ended before it could say so. */
function lastChange(applied: readonly Applied[]): string | undefined {
  const times = applied
    .map(({ object }) => Date.parse(object.metadata.annotations?.[ANNOTATION_CHANGED_AT] ?? ''))
    .filter((time) => !Number.isNaN(time));
  return times.length === 0 ? undefined : rfc3339(Math.max(...times));
}
