import type { Reason } from '../reasons.ts';
import { type Explanation, explain } from './explanation.ts';

const NOTHING = 'Nothing.';

/** ConfigMaps, Secrets and the API server. */
export const targets = {
  TargetCreated: explain('A target was created.', 'It did not exist.', NOTHING),
  TargetUpdated: explain('A target was written.', 'The selection, a secret or the spec changed.', NOTHING),
  TargetRepaired: explain(
    'A target was put right.',
    'Someone edited or deleted it.',
    'Change values in the store; edits of a target do not last.',
  ),
  TargetRemoved: explain('A target was removed.', 'The spec names it no longer.', NOTHING),
  TargetRetained: explain(
    'A target was let go and stays as it is.',
    'The spec names it no longer, and `spec.target.deletionPolicy` is `Retain`.',
    'Delete it when nothing uses it any more.',
  ),
  TargetNotOwned: explain(
    'An object of that name exists and cannot be taken over.',
    'It was made by someone else or belongs to another binding; or it is immutable or of another type.',
    'Delete it, or choose another name in `spec.target`; the Secret of a certificate has the name of its key.',
  ),
  TargetContested: explain(
    'Someone else changes a target again and again.',
    'Another tool applies an object of the same name, or a person edits it; the operator put it back five times and now takes its time.',
    'Let only one of the two write it: take it out of what the other applies, or choose another name in `spec.target`.',
  ),
  MergeTargetMissing: explain(
    'The object to merge into does not exist.',
    'With `spec.target.creationPolicy: Merge` nothing is created.',
    'Create it with the label that the message names, or set `spec.target.creationPolicy: Owner`.',
  ),
  MergeNotPermitted: explain(
    'The object to merge into does not permit it.',
    'It lacks the label `merge.appconfig.dev/<binding>: "true"`.',
    'Let someone who may write the object add the label.',
  ),
  MergeConflict: explain(
    'Keys cannot be merged because others hold them with another value.',
    'The object has such a key already, someone changed one of the binding, or two bindings give the same key.',
    'Take the key out of the object, or give it another name with `spec.keys`; the message names key and holder.',
  ),
  SecretTypeUnfit: explain(
    'The Secret lacks what Kubernetes asks for with its type.',
    'For example `kubernetes.io/tls` without the key `tls.key`.',
    'Map settings to the keys that the message names, with `spec.keys`, or choose another `spec.target.secret.type`.',
  ),
  NamespaceTerminating: explain(
    'Nothing can be created in the namespace.',
    'It is being deleted.',
    'Nothing; the binding goes with it.',
  ),
  KubernetesDenied: explain(
    'The operator lacks a permission.',
    'Its RBAC was narrowed, or an admission policy refused the object.',
    'Restore the RBAC of the chart, or allow the object; the message names the call.',
  ),
  KubernetesRejected: explain(
    'The API server refused an object.',
    'A quota, an admission policy or webhook, or a validation rule.',
    'See the message, which names the object and the cause.',
  ),
  KubernetesUnavailable: explain(
    'The API server could not be reached, or failed.',
    'Network, overload or a restart of the control plane.',
    'It is tried again by itself.',
  ),
  Conflict: explain(
    'An object changed while it was being written.',
    'Someone else wrote it at the same time.',
    'It is read and written again at once.',
  ),
} as const satisfies Partial<Record<Reason, Explanation>>;
