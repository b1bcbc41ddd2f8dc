import type { ConditionType } from '../conditions.ts';
import type { Reason } from '../reasons.ts';

/**
 * Where a reason may stand: in a condition, beside a reference that failed (`status.references.failed`), or in an
 * event that tells what was done. What stands in Ready, RolloutsComplete, Stale or Warning is told in an event, too.
 */
export type Place = ConditionType | 'references' | 'event';

/** Someone must act: Ready and the phase are False, and Stalled is True. */
const blocks = (...phases: readonly ConditionType[]): readonly Place[] => ['Ready', ...phases, 'Stalled'];
/** Only time mends it: Ready turns False after the third time in a row, Reconciling is True at once. */
const delays = (...phases: readonly ConditionType[]): readonly Place[] => ['Ready', ...phases, 'Reconciling'];

const READING = ['SettingsFetched', 'SecretsResolved'] as const;
const ANYWHERE = [...READING, 'TargetsApplied'] as const;
/** A vault is read as the identity, too: what it lacks shows at each reference. */
const IDENTITY_BLOCKS: readonly Place[] = [...blocks(...READING), 'references'];
const IDENTITY_DELAYS: readonly Place[] = [...delays(...READING), 'references'];
const STORE_BLOCKS = blocks('SettingsFetched');
const STORE_DELAYS = delays('SettingsFetched');
const VAULT_BLOCKS: readonly Place[] = [...blocks('SecretsResolved'), 'references'];
const VAULT_DELAYS: readonly Place[] = [...delays('SecretsResolved'), 'references'];
const RENDERING = blocks('TargetsApplied');
const WARNS: readonly Place[] = ['Warning'];
const TELLS: readonly Place[] = ['event'];
const ROLLOUTS: readonly Place[] = ['RolloutsComplete'];

/**
 * The places of every reason. A reason without an entry does not compile; one that a test meets in another place fails
 * it (test/support/status/audit.ts): add the place here if it belongs there, then `npm run generate`.
 */
export const PLACES: Readonly<Record<Reason, readonly Place[]>> = {
  Synced: ['Ready'],
  Fetched: ['SettingsFetched'],
  Resolved: ['SecretsResolved'],
  Applied: ['TargetsApplied'],
  Completed: ROLLOUTS,
  NoRestartNeeded: ROLLOUTS,
  Progressing: ['Ready'],
  Suspended: WARNS,

  InvalidSpec: [...blocks('SettingsFetched', 'SecretsResolved'), 'references'],
  SecretTargetMissing: blocks('SecretsResolved'),

  EmptySelection: blocks(...READING),
  EnvironmentUnmatched: WARNS,
  KeyCollision: WARNS,
  SnapshotNotFound: STORE_BLOCKS,
  SnapshotNotReady: STORE_BLOCKS,
  SnapshotComposition: STORE_BLOCKS,
  SnapshotArchived: WARNS,
  InvalidSnapshotReference: STORE_BLOCKS,
  SentinelMissing: WARNS,
  InvalidFeatureFlag: WARNS,
  InvalidKey: [...blocks('SettingsFetched', 'SecretsResolved', 'TargetsApplied'), 'Warning', 'references'],
  HierarchyConflict: RENDERING,
  UnwritableValue: RENDERING,
  TargetTooLarge: RENDERING,

  LocalLoginMissing: IDENTITY_BLOCKS,
  CredentialSecretNotFound: IDENTITY_BLOCKS,
  CredentialSecretInvalid: IDENTITY_BLOCKS,
  ClientSecretRejected: IDENTITY_BLOCKS,
  ClientSecretExpired: IDENTITY_BLOCKS,
  ClientCertificateRejected: IDENTITY_BLOCKS,
  ClientCertificateExpired: IDENTITY_BLOCKS,
  AzureProxyMissing: IDENTITY_BLOCKS,
  IdentityBindingRefused: IDENTITY_BLOCKS,
  ManagedIdentityNotAllowed: IDENTITY_BLOCKS,
  ManagedIdentityNotFound: IDENTITY_BLOCKS,
  ManagedIdentityUnavailable: IDENTITY_DELAYS,
  ServiceAccountNotFound: IDENTITY_BLOCKS,
  ClientIdMissing: IDENTITY_BLOCKS,
  TenantIdMissing: IDENTITY_BLOCKS,
  TokenRequestDenied: IDENTITY_BLOCKS,
  FederatedCredentialMissing: IDENTITY_BLOCKS,
  FederatedCredentialMismatch: IDENTITY_BLOCKS,
  FederatedIssuerMismatch: IDENTITY_BLOCKS,
  FederatedAudienceMismatch: IDENTITY_BLOCKS,
  FederatedSubjectMismatch: IDENTITY_BLOCKS,
  ApplicationNotFound: IDENTITY_BLOCKS,
  TenantNotFound: IDENTITY_BLOCKS,
  AudienceNotFound: IDENTITY_BLOCKS,
  AssertionRejected: IDENTITY_BLOCKS,
  IssuerUnreachable: IDENTITY_BLOCKS,
  EntraThrottled: IDENTITY_DELAYS,
  EntraUnavailable: IDENTITY_DELAYS,
  EntraRejected: [...IDENTITY_BLOCKS, 'Reconciling'],

  StoreUnauthorized: STORE_BLOCKS,
  StoreForbidden: STORE_BLOCKS,
  StoreFirewall: STORE_BLOCKS,
  StoreNotFound: [...STORE_BLOCKS, 'Reconciling'],
  StoreThrottled: STORE_DELAYS,
  StoreUnreachable: STORE_DELAYS,
  ReplicaBehind: STORE_DELAYS,
  StoreRejected: STORE_BLOCKS,
  RequestBudgetExceeded: WARNS,

  InvalidReference: VAULT_BLOCKS,
  InvalidSecretValue: VAULT_BLOCKS,
  SecretNotFound: VAULT_BLOCKS,
  SecretDisabled: VAULT_BLOCKS,
  SecretOutOfDate: WARNS,
  VaultUnauthorized: VAULT_BLOCKS,
  VaultForbidden: VAULT_BLOCKS,
  VaultNotAllowed: VAULT_BLOCKS,
  VaultFirewall: VAULT_BLOCKS,
  VaultThrottled: VAULT_DELAYS,
  VaultUnreachable: VAULT_DELAYS,
  VaultRejected: VAULT_BLOCKS,

  TargetCreated: TELLS,
  TargetUpdated: TELLS,
  TargetRepaired: TELLS,
  TargetRemoved: TELLS,
  TargetRetained: TELLS,
  TargetContested: RENDERING,
  TargetNotOwned: RENDERING,
  MergeTargetMissing: RENDERING,
  MergeNotPermitted: RENDERING,
  MergeConflict: RENDERING,
  ValidationFailed: RENDERING,
  SchemaNotFound: RENDERING,
  // The operator may be at fault: it has no thread to check with.
  SchemaUnusable: [...RENDERING, 'Reconciling'],
  SecretTypeUnfit: RENDERING,
  NamespaceTerminating: [...blocks(...ANYWHERE), 'RolloutsComplete'],
  KubernetesDenied: [...blocks(...ANYWHERE), 'RolloutsComplete'],
  KubernetesRejected: [...blocks(...ANYWHERE), 'RolloutsComplete'],
  KubernetesUnavailable: [...delays(...ANYWHERE), 'RolloutsComplete'],
  Conflict: [],

  Restarted: TELLS,
  RestartDenied: ROLLOUTS,
  RolloutsProgressing: ROLLOUTS,
  RolloutFailed: ROLLOUTS,
  RolloutPaused: ROLLOUTS,
  WorkloadNotFound: ROLLOUTS,
  RolloutsHalted: ROLLOUTS,
  RestartsDryRun: [...ROLLOUTS, 'event'],
  RolloutsDisabled: ROLLOUTS,

  ReadsStale: ['Stale'],
  InternalError: ['Ready'],
};
