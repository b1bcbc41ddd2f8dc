/**
 * The closed list of reasons, shared by conditions, events and the metric label `reason`. PascalCase, stable:
 * users alert on them. Each is explained, with its cause and remedy, in docs/reference/reasons.md.
 */
export const REASONS = [
  // good
  'Synced',
  'Fetched',
  'Resolved',
  'Applied',
  'Completed',
  'NoRestartNeeded',
  'Progressing',
  'Suspended',
  // the spec
  'InvalidSpec',
  'SecretTargetMissing',
  // what was selected
  'EmptySelection',
  'EnvironmentUnmatched',
  'KeyCollision',
  'InvalidKey',
  'HierarchyConflict',
  'UnwritableValue',
  'TargetTooLarge',
  // the ServiceAccount and Entra
  'ServiceAccountNotFound',
  'ClientIdMissing',
  'TenantIdMissing',
  'TokenRequestDenied',
  'FederatedCredentialMissing',
  'FederatedCredentialMismatch',
  'FederatedIssuerMismatch',
  'FederatedAudienceMismatch',
  'FederatedSubjectMismatch',
  'ApplicationNotFound',
  'TenantNotFound',
  'AudienceNotFound',
  'AssertionRejected',
  'IssuerUnreachable',
  'EntraThrottled',
  'EntraUnavailable',
  'EntraRejected',
  // App Configuration
  'StoreUnauthorized',
  'StoreForbidden',
  'StoreFirewall',
  'StoreNotFound',
  'StoreThrottled',
  'StoreUnreachable',
  'StoreRejected',
  // Key Vault
  'InvalidReference',
  'SecretNotFound',
  'SecretDisabled',
  'SecretOutOfDate',
  'VaultUnauthorized',
  'VaultForbidden',
  'VaultFirewall',
  'VaultThrottled',
  'VaultUnreachable',
  'VaultRejected',
  // targets
  'TargetCreated',
  'TargetUpdated',
  'TargetRepaired',
  'TargetRemoved',
  'TargetNotOwned',
  'SecretTypeUnfit',
  'NamespaceTerminating',
  'KubernetesDenied',
  'KubernetesRejected',
  'KubernetesUnavailable',
  'Conflict',
  // restarts
  'Restarted',
  'RestartDenied',
  'RolloutsProgressing',
  'RolloutFailed',
  'RolloutsDisabled',
  // freshness and bugs
  'ReadsStale',
  'InternalError',
] as const;

export type Reason = (typeof REASONS)[number];
