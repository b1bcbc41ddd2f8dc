import type { Reason } from '../reasons.ts';
import { type Explanation, explain } from './explanation.ts';

const BY_ITSELF = 'It is tried again by itself.';

/** App Configuration and Key Vault. */
export const azure = {
  StoreUnauthorized: explain(
    'The store does not accept the token, or the access key.',
    'The token was issued for another audience or tenant than the one of the store. Or the access key was regenerated, or the store takes none.',
    'Correct the tenant id, set the cloud of the operator (`--cloud`), or put the current connection string into the Secret.',
  ),
  StoreForbidden: explain(
    'The identity may not read the store.',
    'It has no role that allows it, or the assignment is younger than 15 minutes.',
    'Grant **App Configuration Data Reader** on the store to the client in the message; Owner and Contributor do not include it.',
  ),
  StoreFirewall: explain(
    'The network rules of the store refuse the operator.',
    'Public access is disabled, or the address of the cluster is not allowed.',
    'Add a private endpoint for the network of the cluster, or allow its outbound address.',
  ),
  StoreNotFound: explain(
    'There is no such store.',
    'The endpoint is wrong, or the store was deleted.',
    'Correct `spec.store.endpoint`, or recover the store.',
  ),
  StoreThrottled: explain(
    'The store asked for a pause.',
    'Its request quota is used up, by this or other readers.',
    `${BY_ITSELF} If it lasts: lengthen \`spec.refresh.interval\`, or raise the tier of the store.`,
  ),
  StoreUnreachable: explain(
    'The store could not be reached, or failed.',
    'Network, DNS, TLS, proxy or a disturbance of the service.',
    `Check egress from the operator to the endpoint. ${BY_ITSELF}`,
  ),
  ReplicaBehind: explain(
    'The host of the store that answers shows older settings than another did before.',
    'The other fails, and its last changes have not reached this replica yet; or the newest setting was just deleted.',
    'None needed: the targets stay as they are until a host shows the newer settings, or for ten minutes.',
  ),
  StoreRejected: explain(
    'The store refused the request.',
    'Another answer than those listed; its status is in the message.',
    'See the message; report it if the selectors look right.',
  ),
  RequestBudgetExceeded: explain(
    'The bindings of the store, as they are configured, ask for more requests than its budget; they work all the same.',
    "The sum, over all bindings of the store, of pages per interval and of proofs of identities exceeds the operator's `store-request-budget`. Stores do not count most repeats of an unchanged request, except in the tier Free.",
    'Lengthen `spec.refresh.interval` of the bindings, let them use the same selectors, or take a higher tier and raise the budget.',
  ),
  InvalidReference: explain(
    'A setting is marked as a Key Vault reference and is none.',
    'Its value is not `{"uri": "https://<vault>/secrets/<name>"}`, or the host is no known Key Vault.',
    'Correct the setting in the store.',
  ),
  SecretNotFound: explain(
    'The vault holds no such secret or version.',
    'A wrong name in the reference, or the secret was deleted.',
    'Create or recover the secret, or correct the reference.',
  ),
  SecretOutOfDate: explain(
    'A secret has expired or is not valid yet; Key Vault still gives its value, and it is used.',
    'Its `exp` lies in the past or its `nbf` in the future.',
    'Rotate the secret, or correct its dates.',
  ),
  InvalidSecretValue: explain(
    'The value of a secret is not what it is to be used as.',
    'The binding expands it (`spec.keyVault.expandJson`) and it is no JSON object, or it gives a key that another setting gives; or it is to be a certificate, and is none with a private key that belongs to it. The value is not quoted.',
    'Correct the secret, or what is asked of it.',
  ),
  SecretDisabled: explain(
    'The secret is disabled.',
    'Its newest version is disabled; Key Vault does not fall back to an older one.',
    'Enable it, add a version, or name a version in the reference.',
  ),
  VaultNotAllowed: explain(
    'The vault may not be read, whoever asks; no token was requested for it.',
    "It is not among `spec.keyVault.allowedVaults`, or not among those that the operator's setting `allowed-vaults` allows.",
    'Add the vault to the list, or correct the reference.',
  ),
  VaultUnauthorized: explain(
    'The vault does not accept the token.',
    'The vault belongs to another tenant than the identity.',
    'Use an identity of the tenant of the vault.',
  ),
  VaultForbidden: explain(
    'The identity may not read the secret, or list the vault.',
    'It has no role that allows it (or no access policy, in vaults that use those), or the assignment is very young.',
    'Grant **Key Vault Secrets User** on the vault to the client in the message.',
  ),
  VaultFirewall: explain(
    'The network rules of the vault refuse the operator.',
    'Public access is disabled, or the address of the cluster is not allowed.',
    'Add a private endpoint for the network of the cluster, or allow its outbound address.',
  ),
  VaultThrottled: explain(
    'The vault asked for a pause.',
    'More than 4,000 reads in 10 seconds, of all its readers together.',
    `${BY_ITSELF} If it lasts: lengthen \`spec.keyVault.refreshInterval\`.`,
  ),
  VaultUnreachable: explain(
    'The vault could not be reached, or failed.',
    'There is no such vault (its name does not resolve), or network, DNS, TLS or proxy.',
    `Correct the reference, or check egress from the operator to the vault. ${BY_ITSELF}`,
  ),
  VaultRejected: explain(
    'The vault refused the request.',
    'Another answer than those listed; its status is in the message.',
    'See the message; report it if the reference looks right.',
  ),
} as const satisfies Partial<Record<Reason, Explanation>>;
