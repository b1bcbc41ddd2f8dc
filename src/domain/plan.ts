import type { z } from 'zod';
import { BOUNDS, DEFAULTS } from '../api/defaults.ts';
import {
  type AppConfigBinding,
  type BindingSpec,
  NAME_MESSAGE,
  specSchema,
  withoutNulls,
} from '../api/schema.ts';
import { type CloudName, cloudOfHost, isBelow } from './clouds.ts';
import { type PlannedGate, planGate } from './content/plan-gate.ts';
import { parseDuration } from './durations.ts';
import { type Failure, fail, invalidSpec, ok, type Result } from './failure.ts';
import { firstClauses } from './first-few.ts';
import { type PlannedIdentity, planIdentity } from './identity/plan-identity.ts';
import { type PlannedRollout, planRollout } from './rollouts/plan-rollout.ts';
import type { PlannedExpansion } from './secrets/expand-json.ts';
import { keyFilterProblem, type PlannedSource, planFlagSources, planSources } from './store/selectors.ts';
import { type PlannedSentinel, planSentinels } from './store/sentinels.ts';
import type { Selection } from './store/settings.ts';
import {
  type PlannedKeys,
  type PlannedTargets,
  planKeys,
  planTargets,
  planTerms,
  type TargetTerms,
} from './targets/plan-targets.ts';
import { type PlannedVaults, planVaults } from './vaults/plan-vaults.ts';
import { planVaultSecrets, type VaultSecrets } from './vaults/vault-secrets.ts';
import { planVaultSelections, type VaultSelection } from './vaults/vault-selections.ts';

/**
 * From what a user wrote to what the operator will do.
 *
 * Guarantees: every default is applied, every value normalised; a plan holds nothing that a later step would
 * have to question.
 * Assumptions: none about admission. The object may have been stored under an older CRD or with validation off.
 * Failure: `invalid-spec` naming each field at fault by its path, and the remedy; `blocked` where the environment that
 * the namespace gives, or does not give, can name no vault.
 */
export interface Plan extends PlannedTargets {
  readonly suspended: boolean;
  /** `https://<host>`, lower case; absent: no store is read. */
  readonly endpoint?: string;
  /** As in each of its selections. */
  readonly replicas?: Selection['replicas'];
  readonly identity: PlannedIdentity;
  readonly vaults: PlannedVaults;
  /** Secrets that the binding names itself; none while it is suspended. */
  readonly vaultSecrets: VaultSecrets;
  /** Vaults whose secrets it selects by their lists; later wins, and `vaultSecrets` over all. None while suspended. */
  readonly vaultSelections: readonly VaultSelection[];
  readonly environment?: string;
  /** Where an environment comes from, or would come from. */
  readonly environmentSource: EnvironmentSource;
  /** In order: later wins. */
  readonly sources: readonly PlannedSource[];
  /** Of feature flags, in the same order; empty where none are asked for. */
  readonly flagSources: readonly PlannedSource[];
  /** Where there are some, only their change makes the selections be read again; flags are watched all the same. */
  readonly sentinels: readonly PlannedSentinel[];
  readonly allowEmpty: boolean;
  readonly keys: PlannedKeys;
  readonly terms: TargetTerms;
  /** Absent: all content passes. */
  readonly gate?: PlannedGate;
  readonly refreshIntervalMs: number;
  /** How often unpinned references are read again. */
  readonly secretsIntervalMs: number;
  /** What one reference that cannot be resolved does to everything else. */
  readonly onReferenceError: 'KeepLast' | 'Fail';
  /** Absent: no reference is expanded. */
  readonly expandJson?: PlannedExpansion;
  readonly rollout: PlannedRollout;
}

export type EnvironmentSource = 'spec' | 'namespace';

export interface PlanOptions {
  /** The operator's. */
  readonly cloud: CloudName;
  /** Suffixes below which a store may lie, without a leading dot. */
  readonly storeSuffixes: readonly string[];
  /** Suffixes below which a vault may lie. */
  readonly vaultSuffixes: readonly string[];
  /** What the namespace says; used where the spec names no environment. */
  readonly namespaceEnvironment?: string | undefined;
}

/** Checks the spec and plans it. */
export function planBinding(binding: AppConfigBinding, options: PlanOptions): Result<Plan> {
  if (binding.metadata.name.length > BOUNDS.bindingName) {
    return fail(invalidSpec('InvalidSpec', NAME_MESSAGE));
  }
  const parsed = specSchema.safeParse(withoutNulls(binding.spec ?? {}));
  if (!parsed.success) return fail(brokenFields(parsed.error, binding.spec));
  const spec: BindingSpec = parsed.data;
  const endpoint = spec.store?.endpoint.toLowerCase().replace(/\/$/, '');
  const host = endpoint === undefined ? '' : new URL(endpoint).hostname;
  if (endpoint !== undefined && !isBelow(host, options.storeSuffixes))
    return fail(foreignStore(endpoint, options));
  const vaults = planVaults(spec, host, options);
  if (!vaults.ok) return vaults;
  const plan = planned(spec, endpoint, vaults.value, options);
  // It reads no vault, and the namespace is not asked for the environment that may name one.
  if (plan.suspended) return ok({ ...plan, vaultSelections: [], vaultSecrets: new Map() });
  const rules = {
    ...plan,
    environment: plan.environment,
    suffixes: vaults.value.suffixes,
    cloud: options.cloud,
  };
  const vaultSelections = planVaultSelections(spec.keyVault?.all, rules);
  if (!vaultSelections.ok) return vaultSelections;
  const vaultSecrets = planVaultSecrets(spec.keyVault?.secrets, rules);
  if (!vaultSecrets.ok) return vaultSecrets;
  return ok({ ...plan, vaultSelections: vaultSelections.value, vaultSecrets: vaultSecrets.value });
}

const SHOWN_ISSUES = 5;

function brokenFields(error: z.ZodError, spec: unknown): Failure {
  const problems = error.issues.map((issue) => `${pathOf(issue.path)}: ${explain(issue, spec)}`);
  return invalidSpec('InvalidSpec', firstClauses(problems, SHOWN_ISSUES));
}

const pathOf = (path: readonly PropertyKey[]): string =>
  `spec${path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')}`;

/** What is wrong with one field, without its value. */
function explain(issue: z.core.$ZodIssue, spec: unknown): string {
  const value = issue.path.reduce<unknown>((at, part) => Reflect.get(Object(at), part), spec);
  switch (issue.code) {
    case 'invalid_type':
      return value === undefined || value === null ? 'is required' : `must be of type ${issue.expected}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_big':
      return `may have at most ${issue.maximum} entries`;
    case 'too_small':
      return 'must not be empty; remove it, or add an entry';
    default:
      return keyFilterExplained(issue.path, value) ?? issue.message;
  }
}

/** Which rule of the grammar a key filter breaks. */
function keyFilterExplained(path: readonly PropertyKey[], value: unknown): string | undefined {
  if (!path.includes('selectors') || path.at(-1) !== 'key' || typeof value !== 'string') return undefined;
  return keyFilterProblem(value);
}

function foreignStore(endpoint: string, { storeSuffixes, cloud }: PlanOptions): Failure {
  const quoted = JSON.stringify(endpoint);
  const other = cloudOfHost(new URL(endpoint).hostname);
  if (other !== undefined && other !== cloud)
    return invalidSpec(
      'InvalidSpec',
      `spec.store.endpoint: ${quoted} is a store of ${other}, and this operator works in ${cloud}; correct it, or have the operator's setting cloud be ${other}`,
    );
  const known = storeSuffixes.map((suffix) => `*.${suffix}`).join(', ');
  return invalidSpec(
    'InvalidSpec',
    `spec.store.endpoint: ${quoted} lies under no domain of Azure App Configuration (${known}); correct it, or add its domain to the operator's setting store-suffixes`,
  );
}

function planned(
  spec: BindingSpec,
  endpoint: string | undefined,
  vaults: PlannedVaults,
  { namespaceEnvironment }: PlanOptions,
): Omit<Plan, 'vaultSecrets' | 'vaultSelections'> {
  const environment = spec.environment ?? namespaceEnvironment;
  const replicas = replicasOf(spec.store);
  const gate = planGate(spec);
  return {
    suspended: spec.suspend ?? DEFAULTS.suspend,
    ...(endpoint === undefined ? {} : { endpoint }),
    identity: planIdentity(spec.identity, 'spec.identity'),
    vaults,
    ...(environment === undefined ? {} : { environment }),
    environmentSource: spec.environment === undefined ? 'namespace' : 'spec',
    ...replicas,
    ...plannedReads(spec, endpoint, environment, replicas),
    allowEmpty: spec.allowEmpty ?? DEFAULTS.allowEmpty,
    keys: planKeys(spec),
    ...planTargets(spec),
    terms: planTerms(spec),
    ...(gate === undefined ? {} : { gate }),
    refreshIntervalMs: interval(spec.refresh?.interval ?? DEFAULTS.refreshInterval),
    secretsIntervalMs: interval(spec.keyVault?.refreshInterval ?? DEFAULTS.vaultRefreshInterval),
    onReferenceError: spec.keyVault?.onError ?? DEFAULTS.onReferenceError,
    ...planExpansion(spec.keyVault?.expandJson),
    rollout: planRollout(spec.rollout),
  };
}

/** What is read of the store, if there is one. */
function plannedReads(
  spec: BindingSpec,
  endpoint: string | undefined,
  environment: string | undefined,
  replicas: Pick<Selection, 'replicas'>,
): Pick<Plan, 'sources' | 'flagSources' | 'sentinels'> {
  if (endpoint === undefined) return { sources: [], flagSources: [], sentinels: [] };
  return {
    sources: reached(planSources(endpoint, spec.selectors, environment), replicas),
    flagSources: reached(planFlagSources(endpoint, spec.featureFlags, environment), replicas),
    sentinels: reached(planSentinels(endpoint, spec.refresh), replicas),
  };
}

/** What the store's other hosts are for; nothing where that is the default, so that equal wishes are equal. */
function replicasOf({
  replicaDiscovery,
  loadBalancing,
}: Partial<NonNullable<BindingSpec['store']>> = {}): Pick<Selection, 'replicas'> {
  if (!(replicaDiscovery ?? DEFAULTS.replicaDiscovery)) return { replicas: 'ignored' };
  return (loadBalancing ?? DEFAULTS.loadBalancing) ? { replicas: 'balanced' } : {};
}

const reached = <T extends { readonly selection: Selection }>(
  planned: readonly T[],
  replicas: Pick<Selection, 'replicas'>,
): readonly T[] => planned.map((source) => ({ ...source, selection: { ...source.selection, ...replicas } }));

function planExpansion(wanted: NonNullable<BindingSpec['keyVault']>['expandJson']): Pick<Plan, 'expandJson'> {
  if (wanted === undefined) return {};
  return { expandJson: { keys: wanted.keys, separator: wanted.separator ?? DEFAULTS.expansionSeparator } };
}

function interval(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new Error('a duration that the schema let through cannot be parsed');
  return ms;
}
