import type { Condition } from '../../api/conditions.ts';
import { BOUNDS } from '../../api/defaults.ts';
import type { BindingStatus, RolloutStatus } from '../../api/schema.ts';
import type { CloudName } from '../clouds.ts';
import { firstPlaces } from '../first-few.ts';
import { inCloud, remediesOf } from '../remedies/remedy.ts';
import { rfc3339 } from '../times.ts';
import type { Origin } from '../vaults/vault-secrets.ts';
import { type Claim, nextConditions } from './conditions.ts';
import { rolloutClaim, rolloutSummary } from './rollouts.ts';
import type { Phase, Verdict, Warning } from './verdict.ts';

/** What a pass learned. Absent members were not looked at and stay as they are in the status. */
export type Facts = Partial<
  Pick<
    BindingStatus,
    | 'identity'
    | 'settings'
    | 'secrets'
    | 'sources'
    | 'targets'
    | 'references'
    | 'restarts'
    | 'lastChangeTime'
    | 'lastHandledRefresh'
  >
> & {
  /** Undefined although present: there is none any more. */
  readonly environment?: string | undefined;
  /** Undefined although present: none is referred to any more. */
  readonly snapshots?: readonly string[] | undefined;
  /** Undefined although present: none are asked for any more. */
  readonly featureFlags?: number | undefined;
  readonly flagSources?: BindingStatus['flagSources'] | undefined;
  /** All of them; the status lists the first few. */
  readonly rollouts?: readonly RolloutStatus[];
};

export interface StatusInput {
  readonly previous: BindingStatus;
  readonly facts: Facts;
  readonly verdict: Verdict;
  readonly warnings?: readonly Warning[];
  /** Rollouts could not be looked at, or restarts were refused: says so in RolloutsComplete. */
  readonly rolloutTrouble?: Claim;
  readonly stale?: Claim;
  /** Where the content comes from, for messages. */
  readonly origin: Origin;
  /** The operator's. */
  readonly cloud: CloudName;
  readonly generation: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The status after a pass: previous facts, overlaid by what was learned, judged by how the pass ended. */
export function nextStatus(input: StatusInput): BindingStatus {
  const { previous, facts, generation } = input;
  const { rollouts, sources, environment, snapshots, featureFlags, flagSources, ...plain } = facts;
  const status: BindingStatus = {
    ...withoutEnded(previous, facts),
    ...(environment === undefined ? {} : { environment }),
    ...(snapshots === undefined ? {} : { snapshots }),
    ...(featureFlags === undefined ? {} : { featureFlags }),
    ...(flagSources === undefined ? {} : { flagSources }),
    ...plain,
    ...(sources === undefined
      ? {}
      : { sources: sources.slice(0, BOUNDS.statusList), sourcesTotal: sources.length }),
    ...(rollouts === undefined ? {} : rolloutSummary(rollouts)),
    observedGeneration: generation,
  };
  return { ...withRemedies(status, input), conditions: conditionsOf(input, status) };
}

/** They stand exactly as long as the failure: with the condition Stalled. */
function withRemedies(
  { remedies: _, ...status }: BindingStatus,
  { verdict, cloud }: StatusInput,
): BindingStatus {
  const failures = verdict.kind === 'failed' ? [verdict.failure] : [];
  const remedies = remediesOf(failures).map((remedy) => inCloud(remedy, cloud));
  return remedies.length === 0 ? status : { ...status, remedies: remedies.slice(0, BOUNDS.statusList) };
}

/** What is there no more: facts that are present and undefined. */
function withoutEnded(previous: BindingStatus, facts: Facts): BindingStatus {
  const ended = new Set(Object.entries(facts).flatMap(([name, fact]) => (fact === undefined ? [name] : [])));
  return Object.fromEntries(Object.entries(previous).filter(([name]) => !ended.has(name)));
}

function conditionsOf(input: StatusInput, status: BindingStatus): readonly Condition[] {
  const rollouts = input.rolloutTrouble ?? rolloutClaim(input.facts.rollouts);
  return nextConditions({
    previous: input.previous.conditions ?? [],
    verdict: input.verdict,
    good: goodWords(status, input.origin),
    ...(input.warnings === undefined ? {} : { warnings: input.warnings }),
    generation: input.generation,
    now: rfc3339(input.now),
    ...(rollouts === undefined ? {} : { rollouts }),
    ...(input.stale === undefined ? {} : { stale: input.stale }),
  });
}

/** Each certificate has a Secret of its own: there may be hundreds. */
const NAMED_TARGETS = 4;

/** The sentence of each good condition. Nothing in it changes while nothing changes. */
function goodWords(
  status: BindingStatus,
  { things, place }: Origin,
): Readonly<Record<Phase | 'Ready', Claim>> {
  const { settings = 0, featureFlags, references, targets = [] } = status;
  const total = references?.total ?? 0;
  const places = firstPlaces(
    targets.map(({ kind, name }) => `${kind} ${name}`),
    NAMED_TARGETS,
  );
  const flags = featureFlags === undefined ? '' : ` and ${featureFlags} feature flags`;
  const good = (reason: Claim['reason'], message: string): Claim => ({ status: 'True', reason, message });
  return {
    SettingsFetched: good('Fetched', `${settings} ${things}${flags} of ${place} are selected`),
    SecretsResolved: good(
      'Resolved',
      total === 0
        ? 'no Key Vault references are selected'
        : `${references?.resolved ?? 0} of ${total} Key Vault references have a value`,
    ),
    TargetsApplied: good('Applied', `${places} hold the current content`),
    Ready: good('Synced', `${settings} ${things}${flags} of ${place} are in ${places}`),
  };
}
