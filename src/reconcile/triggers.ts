import { LABEL_BINDING } from '../api/names.ts';
import type { AppConfigBinding } from '../api/schema.ts';
import type { KubernetesObject } from '../ports/kubernetes.ts';
import type { Handler } from '../runtime/handlers.ts';
import { environmentOf } from './namespaces.ts';

/**
 * Which bindings are looked at again when an object changes. Only hints: what is true is recomputed from the
 * objects, so a hint too many costs a glance and one too few costs waiting for the next interval.
 */
type Enqueue = (key: string) => void;

const keyOf = ({
  metadata,
}: {
  readonly metadata: { readonly namespace?: string; readonly name: string };
}): string => `${metadata.namespace ?? ''}/${metadata.name}`;

/** Status writes, our own foremost, wake nobody; that they were seen is told. */
export const bindingTrigger = (enqueue: Enqueue, seen: Enqueue): Handler<AppConfigBinding> => ({
  added: (binding) => enqueue(keyOf(binding)),
  updated: (binding, old) => {
    seen(keyOf(binding));
    if (wantsLook(binding) !== wantsLook(old)) enqueue(keyOf(binding));
  },
  deleted: (binding) => enqueue(keyOf(binding)),
});

const wantsLook = ({ metadata }: AppConfigBinding): string =>
  JSON.stringify([metadata.uid, metadata.generation, metadata.annotations, metadata.deletionTimestamp]);

/**
 * A ConfigMap names its binding by label; one that lost the label is told as deleted, with its old labels. `gone`
 * is told first: until then a ConfigMap that is missing from the cache counts as one the cache has yet to see.
 */
export function configMapTrigger(
  enqueue: Enqueue,
  gone: (key: string, configMap: KubernetesObject) => void,
): Handler<KubernetesObject> {
  const wake = ({ metadata }: KubernetesObject): void => {
    const binding = metadata.labels?.[LABEL_BINDING];
    if (binding !== undefined) enqueue(`${metadata.namespace ?? ''}/${binding}`);
  };
  return {
    updated: (object, old) => {
      wake(object);
      if (old.metadata.labels?.[LABEL_BINDING] !== object.metadata.labels?.[LABEL_BINDING]) wake(old);
    },
    deleted: (object) => {
      const binding = object.metadata.labels?.[LABEL_BINDING];
      if (binding !== undefined) gone(`${object.metadata.namespace ?? ''}/${binding}`, object);
      wake(object);
    },
  };
}

/** Wakes the bindings of the ServiceAccount's namespace that read as it. */
export function serviceAccountTrigger(
  enqueue: Enqueue,
  bindingsIn: (namespace: string) => readonly AppConfigBinding[],
): Handler<KubernetesObject> {
  const wake = ({ metadata }: KubernetesObject): void => {
    for (const binding of bindingsIn(metadata.namespace ?? '')) {
      if (serviceAccountsOf(binding).includes(metadata.name)) enqueue(keyOf(binding));
    }
  };
  const told = ({ metadata }: KubernetesObject) => JSON.stringify([metadata.uid, metadata.annotations]);
  return {
    added: wake,
    updated: (account, old) => {
      if (told(account) !== told(old)) wake(account);
    },
    deleted: wake,
  };
}

/** Those that the binding reads as; what is stored may be malformed. */
function serviceAccountsOf({ spec }: AppConfigBinding): readonly (string | undefined)[] {
  const { identity, keyVault } = spec ?? {};
  const vaults = Array.isArray(keyVault?.vaults) ? keyVault.vaults : [];
  const identities = [identity, keyVault?.identity, ...vaults.map((vault) => vault?.identity)];
  return identities.map((one) => one?.workloadIdentity?.serviceAccountName);
}

/** Wakes the bindings of a namespace whose environment changed, unless they name one themselves. */
export function namespaceTrigger(
  enqueue: Enqueue,
  bindingsIn: (namespace: string) => readonly AppConfigBinding[],
): Handler<KubernetesObject> {
  const wake = ({ metadata }: KubernetesObject): void => {
    for (const binding of bindingsIn(metadata.name))
      if (binding.spec?.environment === undefined) enqueue(keyOf(binding));
  };
  return {
    added: wake,
    updated: (namespace, old) => {
      if (environmentOf(namespace) !== environmentOf(old)) wake(namespace);
    },
  };
}
