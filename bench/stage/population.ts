import type { SeedInput } from '../../dev/azure/control/seed-schema.ts';

/** What there is to synchronise. */
export interface Population {
  readonly bindings: number;
  /** Each with a vault of its own; bindings are dealt to them in turn. */
  readonly stores: number;
  /** Namespaces with one ServiceAccount, one identity, each; bindings are dealt to them in turn. */
  readonly identities: number;
  /** Go durations. */
  readonly refresh: string;
  readonly vaultRefresh: string;
}

/** One binding, with the names of all that belongs to it. */
export interface Subscriber {
  readonly name: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly clientId: string;
  readonly store: string;
  readonly vault: string;
  readonly configMap: string;
  readonly secret: string;
}

/** The contract of the scenarios: 20 keys, 5 of them links to secrets. */
export const PLAIN_KEYS = 15;
export const REFERENCES = 5;
/** The plain key by which a target's freshness is judged, and its value at the start. */
export const PROBE = 'setting-01';
export const FIRST_VALUE = 'first';

const REFERENCE_TYPE = 'application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8';
const AUDIENCE = 'api://AzureADTokenExchange';
const SERVICE_ACCOUNT = 'app';

export const population = (given: Partial<Population> & Pick<Population, 'bindings'>): Population => ({
  stores: 1,
  identities: Math.min(50, given.bindings),
  refresh: '30s',
  vaultRefresh: '5m',
  ...given,
});

export const storeName = (index: number): string => `bench-${index}`;
export const vaultName = (index: number): string => `bench-${index}-kv`;
export const namespaceName = (index: number): string => `bench-${index}`;

/** A UUID that is the same in every run. */
const uuid = (kind: number, index: number): string =>
  `${String(kind).padStart(8, '0')}-0000-4000-8000-${String(index).padStart(12, '0')}`;

export function subscribers({ bindings, stores, identities }: Population): Subscriber[] {
  return Array.from({ length: bindings }, (_, index) => ({
    name: `app-${index}`,
    namespace: namespaceName(index % identities),
    serviceAccount: SERVICE_ACCOUNT,
    clientId: uuid(1, index % identities),
    store: storeName(index % stores),
    vault: vaultName(index % stores),
    configMap: `app-${index}-config`,
    secret: `app-${index}-secrets`,
  }));
}

export interface Issuer {
  readonly issuer: string;
  readonly caPem: string;
}

/** All of it as one document for the pretend Azure. */
export function azureSeed(what: Population, issuer: Issuer, tenant: { id: string; name: string }): SeedInput {
  const stores = Array.from({ length: what.stores }, (_, index) => index);
  return {
    tenants: [{ ...tenant, apps: Array.from({ length: what.identities }, (_, i) => app(i, issuer.issuer)) }],
    issuers: [issuer],
    stores: stores.map((index) => ({ name: storeName(index), settings: settings(vaultName(index)) })),
    vaults: stores.map((index) => ({ name: vaultName(index), secrets: secrets() })),
    roles: roles(what),
  };
}

function app(index: number, issuer: string) {
  const subject = `system:serviceaccount:${namespaceName(index)}:${SERVICE_ACCOUNT}`;
  const federatedCredentials = [{ issuer, subject, audience: AUDIENCE }];
  return { name: `app-${index}`, clientId: uuid(1, index), objectId: uuid(2, index), federatedCredentials };
}

const number = (index: number): string => String(index + 1).padStart(2, '0');

function settings(vault: string) {
  const plain = Array.from({ length: PLAIN_KEYS }, (_, index) => ({
    key: `setting-${number(index)}`,
    value: index === 0 ? FIRST_VALUE : `value ${number(index)} of about forty characters`,
  }));
  const references = Array.from({ length: REFERENCES }, (_, index) => ({
    key: `secret-${number(index)}`,
    value: JSON.stringify({ uri: `https://${vault}.vault.azure.net/secrets/secret-${number(index)}` }),
    contentType: REFERENCE_TYPE,
  }));
  return [...plain, ...references];
}

const secrets = () =>
  Array.from({ length: REFERENCES }, (_, index) => ({
    name: `secret-${number(index)}`,
    versions: [{ value: `first value of secret ${number(index)}` }],
  }));

/** Each identity may read the stores and vaults that its bindings use. */
function roles(what: Population): NonNullable<SeedInput['roles']> {
  const pairs = new Map(subscribers(what).map((one) => [`${one.clientId} ${one.store}`, one]));
  return [...pairs.values()].flatMap(({ clientId: principal, store, vault }) => [
    { principal, role: 'AppConfigurationDataReader' as const, store },
    { principal, role: 'KeyVaultSecretsUser' as const, vault },
  ]);
}
