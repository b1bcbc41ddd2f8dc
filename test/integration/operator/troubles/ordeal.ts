import type { Condition } from '../../../../src/api/conditions.ts';
import type { SeenData } from '../../../support/real/objects.ts';
import type { Running } from '../../../support/real/running.ts';
import { furnish, type Team } from '../../../support/real/team.ts';
import type { Trouble } from './trouble.ts';

/** How long one trouble may take, from an empty namespace to recovery. */
export const TOLERANCE_MS = 180_000;
const PATIENCE_MS = 90_000;

/** What was seen of a binding on its way through a trouble. */
export interface Ordeal {
  readonly team: Team;
  /** Conditions while the trouble lasted, and after it. */
  readonly bad: readonly Condition[];
  readonly after: readonly Condition[];
  /** ConfigMaps and Secrets of the namespace before and during the trouble. */
  readonly before: object;
  readonly during: object;
  /** Reasons of all Warning events with their counts, when all was over. */
  readonly warnings: readonly string[];
}

/** Takes a fresh team through `trouble`: it begins, is told, lasts, ends. */
export async function undergo(trouble: Trouble, running: Running): Promise<Ordeal> {
  const team = await prepare(trouble, running);
  const before = await targetsOf(team, trouble);
  if (trouble.fromStart) await team.apply(team.spec(trouble.spec?.(team)));
  else await trouble.cause?.(team);
  await team.untilCondition('Ready', 'False', trouble.reason, PATIENCE_MS);
  await untilRepeated(trouble, team, running);
  const bad = (await team.status()).conditions ?? [];
  const during = await targetsOf(team, trouble);
  await trouble.cure(team);
  await team.until('recovery', async () => (await team.condition('Ready'))?.status === 'True', PATIENCE_MS);
  const after = (await team.status()).conditions ?? [];
  return { team, bad, after, before, during, warnings: await warningsOf(team) };
}

/** A team in the state in which the trouble begins. */
async function prepare(trouble: Trouble, running: Running): Promise<Team> {
  const team = await running.team(await trouble.fromStart?.(running.world));
  await furnish(team);
  if (trouble.fromStart) {
    await trouble.cause?.(team);
    return team;
  }
  await team.apply(team.spec(trouble.spec?.(team)));
  await team.untilReady();
  return team;
}

/** The binding meets the trouble again and again, and must not tell it again and again. */
async function untilRepeated({ reason }: Trouble, team: Team, { operator }: Running): Promise<void> {
  const failures = async () => {
    const key = `${team.namespace}/orders`;
    const log = await operator.log();
    return log.filter((line) => line['binding'] === key && line['reason'] === reason).length;
  };
  const seen = await failures();
  await team.until('the trouble to repeat', async () => (await failures()) > seen, PATIENCE_MS);
}

/** Data of all targets and, unless the trouble rewrites them, their versions. */
async function targetsOf(team: Team, { rewritten }: Trouble): Promise<object> {
  const objects: SeenData[] = [];
  for (const plural of ['configmaps', 'secrets'])
    objects.push(...(await team.objects.list<SeenData>(plural, team.namespace)));
  const ours = objects.filter(({ metadata }) => metadata.name !== 'kube-root-ca.crt');
  return Object.fromEntries(
    ours.map(({ metadata: { name, resourceVersion }, data }) => [
      name,
      { data, ...(rewritten ? {} : { resourceVersion }) },
    ]),
  );
}

async function warningsOf(team: Team): Promise<readonly string[]> {
  // Events are written after the status, one after the other: the last one is that all is well again.
  await team.untilEvent('Synced');
  const events = await team.events();
  return events
    .filter(({ type }) => type === 'Warning')
    .map(({ reason, series }) => `${reason} x${series?.count ?? 1}`);
}
