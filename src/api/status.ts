import * as z from 'zod';
import { CONDITIONS } from './conditions.ts';
import { BOUNDS } from './defaults.ts';
import { annotate } from './rules.ts';

/** What the operator reports. Not a heartbeat: an idle refresh writes nothing. */

/**
 * The status of a binding that nobody has looked at, given by the API server: the one default of the CRD. Without it
 * kstatus, which `helm install --wait` and Flux ask, takes a new binding for settled (its README, "The Ready
 * Condition", second corner case). GitOps tools do not compare status.
 */
export const UNSEEN = { observedGeneration: -1 } as const;

const word = (description: string) => z.string().meta(annotate({ description }));
const count = (description: string) =>
  z
    .int()
    .min(0)
    .meta(annotate({ description }, { format: 'int64' }));
const generation = (description: string) =>
  z
    .int()
    .min(UNSEEN.observedGeneration)
    .meta(annotate({ description }, { format: 'int64' }));
const time = (description: string) => z.string().meta(annotate({ description }, { format: 'date-time' }));

const capped = <S extends z.ZodType>(description: string, items: S) =>
  z
    .array(items)
    .max(BOUNDS.statusList)
    .meta(
      annotate(
        { description: `${description} At most ${BOUNDS.statusList} are listed.` },
        { maxItems: BOUNDS.statusList, 'x-kubernetes-list-type': 'atomic' },
      ),
    );

const condition = z
  .object({
    type: word(`One of ${CONDITIONS.join(', ')}.`),
    status: z.enum(['True', 'False', 'Unknown']).meta(annotate({ description: 'True, False or Unknown.' })),
    reason: word('Why, in one word of a closed list (see the reference of reasons).'),
    message: word('What happened, as which identity, and what to do.'),
    lastTransitionTime: time('When status last changed.'),
    observedGeneration: count('The generation of the spec that this condition is about.'),
  })
  .meta(annotate({ description: 'One aspect of the state, as metav1.Condition.' }));

const conditions = z.array(condition).meta(
  annotate(
    {
      description:
        'Ready sums up SettingsFetched, SecretsResolved and TargetsApplied; RolloutsComplete stands apart.',
    },
    { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] },
  ),
);

const identity = z
  .object({
    kind: z
      .enum(['WorkloadIdentity', 'ServicePrincipal', 'ManagedIdentity', 'ConnectionString', 'LocalIdentity'])
      .meta(
        annotate({
          description:
            'WorkloadIdentity, ServicePrincipal, ManagedIdentity, ConnectionString, or, of an operator on a laptop, LocalIdentity.',
        }),
      )
      .exactOptional(),
    subject: word(
      'Of a workload identity: system:serviceaccount:<namespace>:<name>, which the federated credential must name.',
    ).exactOptional(),
    secretName: word('The Secret that holds the credential, if one does.').exactOptional(),
    clientId: word('The client id in use.').exactOptional(),
    tenantId: word('The tenant in use.').exactOptional(),
  })
  .meta(annotate({ description: 'As whom the store and the vaults are read.' }));

const source = z
  .object({
    selector: word('The selection, for example key "orders:*", label "prod".'),
    settings: count('How many settings it matched.'),
    changedAt: time('When its content was last seen to change.').exactOptional(),
  })
  .meta(annotate({ description: 'One selection.' }));

const flagSource = z
  .object({
    selector: word('The selection, for example key ".appconfig.featureflag/*", label "prod".'),
    flags: count('How many flags it matched.'),
    changedAt: time('When its content was last seen to change.').exactOptional(),
  })
  .meta(annotate({ description: 'One selection of feature flags.' }));

const targetStatus = z
  .object({
    kind: z.enum(['ConfigMap', 'Secret']).meta(annotate({ description: 'ConfigMap or Secret.' })),
    name: word('Name of the object.'),
    holds: z
      .enum(['Certificate'])
      .meta(
        annotate({
          description:
            'Certificate: a certificate and its private key, named after the key of their reference. Absent: what spec.target asks for.',
        }),
      )
      .exactOptional(),
    deletionPolicy: z
      .enum(['Retain'])
      .meta(
        annotate({
          description:
            'Retain: it stays when the binding is deleted. Absent: it goes with the binding, if the binding made it.',
        }),
      )
      .exactOptional(),
    uid: word('UID of the object, once it exists.').exactOptional(),
    resourceVersion: word('Its version after the last write.').exactOptional(),
    keys: count('How many keys it holds.').exactOptional(),
  })
  .meta(annotate({ description: 'One object that is kept equal to the store.' }));

const failedReference = z
  .object({
    key: word('The key whose reference failed.'),
    vault: word('Host of the vault, if it could be read.').exactOptional(),
    secret: word('Name of the secret, if it could be read.').exactOptional(),
    reason: word('Why, in one word of the closed list.'),
    message: word('What happened and what to do.'),
  })
  .meta(annotate({ description: 'One reference that could not be resolved.' }));

const references = z
  .object({
    total: count('How many keys are Key Vault references.'),
    resolved: count('How many of them have a value.'),
    failed: capped('Those that have none, or keep an old one.', failedReference).exactOptional(),
  })
  .meta(annotate({ description: 'The Key Vault references.' }));

const remedy = z
  .object({
    reason: word('The reason of the failure that it repairs.'),
    commands: z
      .array(word('A command, or a comment that begins with #.'))
      .max(BOUNDS.remedyCommands)
      .meta(
        annotate(
          { description: 'What to run, in a POSIX shell with the Azure CLI or kubectl.' },
          { maxItems: BOUNDS.remedyCommands, 'x-kubernetes-list-type': 'atomic' },
        ),
      ),
  })
  .meta(annotate({ description: 'Commands that repair what a condition says is missing.' }));

const rolloutStatus = z
  .object({
    kind: word('Deployment, StatefulSet or DaemonSet; CronJob or Job, which are never restarted.'),
    name: word('Name of the workload.'),
    phase: word(
      'Where its rollout stands: Complete, Progressing, Failed, Paused or OnDelete. Or what becomes of its restart: Pending (it waits), Halted (held back by one that failed), DryRun, OptedOut, NoRestartNeeded. NotFound: there is no such workload.',
    ),
    restartedAt: time('When the operator restarted it.').exactOptional(),
    completedAt: time('When that restart was seen to be complete.').exactOptional(),
    progressedAt: time(
      'When that restart was last seen to progress; StatefulSets and DaemonSets until they are complete.',
    ).exactOptional(),
    message: word('More about the phase.').exactOptional(),
  })
  .meta(annotate({ description: 'One workload that uses a target.' }));

const restartRecord = z
  .object({
    keyId: word('Which key the hashes were made with.'),
    usageHash: word('Which keys the workload uses.'),
    contentHash: word('What they held.'),
    marker: word('The restart marker on its pod template at that time.').exactOptional(),
    passedOver: z
      .boolean()
      .meta(
        annotate({
          description:
            'Its rollout did not become ready, and a refresh was asked for: it holds nothing back any more.',
        }),
      )
      .exactOptional(),
    owed: z
      .boolean()
      .meta(
        annotate({ description: 'A restart waits for its turn: it is due, even if the hash key changes.' }),
      )
      .exactOptional(),
  })
  .meta(annotate({ description: 'What was last recorded for one workload.' }));

export const statusSchema = z
  .object({
    observedGeneration: generation(
      'The generation of the spec that this status is about; -1 until the operator has looked at it.',
    ).exactOptional(),
    conditions: conditions.exactOptional(),
    environment: word(
      'The environment in effect: spec.environment, else the label appconfig.dev/environment of the namespace.',
    ).exactOptional(),
    identity: identity.exactOptional(),
    settings: count(
      'How many keys the selection gives, plain values and references together.',
    ).exactOptional(),
    secrets: count('How many keys of the Secret hold a resolved value.').exactOptional(),
    sources: capped('The selections, in order.', source).exactOptional(),
    sourcesTotal: count('How many selections there are.').exactOptional(),
    featureFlags: count(
      'How many feature flags are selected, without those that are invalid.',
    ).exactOptional(),
    flagSources: capped('The selections of feature flags, in order.', flagSource).exactOptional(),
    snapshots: z
      .array(word('Name of a snapshot.'))
      .max(BOUNDS.referencedSnapshots)
      .meta(
        annotate(
          { description: 'The snapshots that selected settings refer to.' },
          { maxItems: BOUNDS.referencedSnapshots, 'x-kubernetes-list-type': 'atomic' },
        ),
      )
      .exactOptional(),
    targets: z
      .array(targetStatus)
      .meta(
        annotate(
          { description: 'The objects that are kept equal to the store.' },
          { 'x-kubernetes-list-type': 'atomic' },
        ),
      )
      .exactOptional(),
    references: references.exactOptional(),
    remedies: capped(
      'What to run to repair what Stalled says is missing. Goes when the cause is gone.',
      remedy,
    ).exactOptional(),
    rollout: word(
      'Complete rollouts and all, for example 2/3; without Jobs, CronJobs and workloads that opted out of restarts.',
    ).exactOptional(),
    rollouts: capped(
      'The workloads that use a target: those that are not complete first, then those that are, those that opted out, Jobs and CronJobs.',
      rolloutStatus,
    ).exactOptional(),
    rolloutsTotal: count('How many such workloads there are.').exactOptional(),
    restarts: z
      .record(z.string(), restartRecord)
      .meta(annotate({ description: 'Bookkeeping of restarts by workload, for example Deployment/orders.' }))
      .exactOptional(),
    lastChangeTime: time('When the content of a target last changed.').exactOptional(),
    lastHandledRefresh: word(
      'The value of the annotation appconfig.dev/refresh that was last obeyed.',
    ).exactOptional(),
  })
  .meta(annotate({ description: 'What the operator last saw and did.' }));
