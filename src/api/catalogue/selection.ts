import type { Reason } from '../reasons.ts';
import { type Explanation, explain } from './explanation.ts';

/** The spec, and what it selects. */
export const selection = {
  InvalidSpec: explain(
    'The spec cannot be carried out.',
    'A field that the API server could not check, or an object that was stored before a rule existed; a vault that is named by an environment, and the namespace gives none that could.',
    'Edit the field that the message names: nothing is tried again until then. Where the namespace is to be labelled, that alone mends it.',
  ),
  SecretTargetMissing: explain(
    'A Key Vault reference is selected and there is no Secret to write its value to.',
    '`spec.target.secret` is not set. Values of Key Vault are never written to a ConfigMap.',
    'Set `spec.target.secret.name`, or select keys without references.',
  ),
  EmptySelection: explain(
    'Nothing matches; the targets are left as they are.',
    'A mistyped key filter, label or prefix, the wrong store or vault, or all settings or secrets were deleted.',
    'Correct `spec.selectors`, `spec.featureFlags.selectors`, `spec.keyVault.all` or `spec.environment`; set `spec.allowEmpty: true` if an empty target is meant.',
  ),
  EnvironmentUnmatched: explain(
    'No setting carries the label of the environment; only settings without a label are used.',
    'A mistyped `spec.environment` or label `appconfig.dev/environment` of the namespace, or settings that were never labelled.',
    'Correct the environment in the place that the message names, or label the settings in the store.',
  ),
  KeyCollision: explain(
    'Two keys of the store, names of secrets of a vault, or members of secrets that are expanded became the same key; the one that sorts last is used.',
    '`spec.keys.trimPrefixes` or `spec.keys.replace` removes what told them apart; of members, their secrets give one key twice.',
    'Cut or replace less, rename a key in the store or a member, or use one selector for each.',
  ),
  SnapshotNotFound: explain(
    'There is no such snapshot; the targets are left as they are.',
    'A mistyped name, another store, or it was archived and its retention has run out.',
    'Create the snapshot, or correct the name in `spec.selectors`. A deleted one cannot be recovered.',
  ),
  SnapshotNotReady: explain(
    'The snapshot is still being made, or could not be made.',
    'It was created a moment ago, or the store gave up (it may hold at most 1 MB).',
    'One that is being made is looked at again by itself. For one that failed, create another and select that.',
  ),
  SnapshotComposition: explain(
    'The snapshot may hold several settings of one key, and nothing says which is meant.',
    'It was created with the composition type "Key-Label".',
    'Create one with the composition type "Key", or select by key and label instead.',
  ),
  InvalidSnapshotReference: explain(
    'A setting is marked as a reference to a snapshot and is none, or there are too many of them.',
    'Its value is not `{"snapshot_name": "<name>"}`; or the selected settings refer to more than 64 snapshots.',
    'Correct the setting in the store, or select fewer.',
  ),
  SentinelMissing: explain(
    'A sentinel does not exist. What was read is used; settings are read again when it is created.',
    'A mistyped key or label in `spec.refresh.sentinels`, or it was deleted.',
    'Create the setting, or correct `spec.refresh.sentinels`.',
  ),
  SnapshotArchived: explain(
    'A selected snapshot is archived. It is still read, and will be deleted.',
    'Someone archived it; its retention period runs.',
    'Recover it, or select another before the time in the message.',
  ),
  InvalidFeatureFlag: explain(
    'A setting is marked as a feature flag and is none. The others are written; it keeps its last value, or is left out.',
    'Its value is no JSON object, has no `id`, has an `enabled` that is no boolean, or is nested deeper than 61 levels.',
    'Correct the flag in the store.',
  ),
  InvalidKey: explain(
    'A target cannot hold a key; as a Warning: the key is left out.',
    'KeyValue allows letters, digits, `-`, `_` and `.`, and keys of a store often hold `:` or `/`; DotEnv allows only names of environment variables.',
    'Change keys with `spec.keys.trimPrefixes` or `spec.keys.replace`, choose another format, select fewer keys, or leave them out with `spec.keys.invalid: Skip`.',
  ),
  HierarchyConflict: explain(
    'A key has a value and children at the same time, which no hierarchy can express, or stands where the feature flags go.',
    'For example `log` and `log:level` with separator `:`; or a key `feature_management` together with `spec.featureFlags`.',
    'Remove or rename one of the two keys, or remove the `separator` of the target.',
  ),
  UnwritableValue: explain(
    'A value cannot be written as DotEnv so that all readers get it back.',
    'Several lines, quotes of both kinds, `#` or backslashes together in one value.',
    'Use another format for that target, or change the value.',
  ),
  TargetTooLarge: explain(
    'The content does not fit into one object.',
    'Kubernetes allows 1 MiB for a ConfigMap or Secret.',
    'Select fewer keys, or split them over several bindings.',
  ),
  ValidationFailed: explain(
    'New content was not written; the targets keep their last content.',
    'A key that `spec.validate` requires is missing, or a value breaks the schema.',
    'Correct the key that the message names in the store, or correct `spec.validate`.',
  ),
  SchemaNotFound: explain(
    'There is no schema to check new content against, so nothing is written.',
    'The ConfigMap of `spec.validate.schema.configMap` does not exist, or lacks the key.',
    'Create it, or correct its name or key.',
  ),
  SchemaUnusable: explain(
    'The schema cannot be used, so nothing is written.',
    'It is no JSON, of an unknown draft, refers to something outside itself, holds an invalid pattern, costs too much to check, or the operator has just no thread or memory to check it with.',
    'Correct the schema; the message says what is wrong with it. One that costs too much is tried again after five minutes. Where the operator has no thread, it tries again by itself; give it more memory, or raise the limit of processes of its pod.',
  ),
} as const satisfies Partial<Record<Reason, Explanation>>;
