import fc from 'fast-check';
import type { AppConfigBinding, BindingSelector, BindingSpec } from '../../../src/api/schema.ts';

/** Specs that are valid, each member present or absent at random. */

const letters = 'abcdefghijklmnopqrstuvwxyz';
export const objectNames = fc
  .tuple(
    fc.string({ unit: fc.constantFrom(...letters, '0', '9'), minLength: 1, maxLength: 8 }),
    fc.constantFrom('', '-a', '.b', '-0.c'),
  )
  .map(([head, tail]) => head + tail);

const storeName = fc.string({
  unit: fc.constantFrom(...letters, 'A', '0', '9'),
  minLength: 1,
  maxLength: 20,
});
export const endpoints = fc
  .tuple(
    storeName,
    fc.constantFrom('azconfig.io', 'appconfig.azure.com', 'AZCONFIG.io'),
    fc.constantFrom('', '/'),
  )
  .map(([name, suffix, slash]) => `https://${name}.${suffix}${slash}`);

/** One character of a key as a filter writes it. */
const filterCharacter = fc.oneof(
  fc.constantFrom(...letters, ':', '/', '.', '_', ' ', '%', '&', '#', '+', 'é', '漢', '🙂'),
  fc.constantFrom('\\*', '\\,', '\\\\', '\\a'),
);
const literal = fc.string({ unit: filterCharacter, minLength: 1, maxLength: 12 });
export const keyFilters = fc.oneof(
  fc.constant('*'),
  literal,
  literal.map((prefix) => `${prefix}*`),
  fc.array(literal, { minLength: 2, maxLength: 5 }).map((members) => members.join(',')),
);

export const labels = fc.string({
  unit: fc.constantFrom(...letters, '*', ',', '\\', ' ', '&', '漢', '🙂'),
  minLength: 1,
  maxLength: 12,
});

const tags = fc.dictionary(labels, fc.oneof(labels, fc.constant('')), { minKeys: 1, maxKeys: 5 });

const keyed = fc.record({ key: keyFilters });
export const selectors: fc.Arbitrary<BindingSelector> = fc.oneof(
  keyed,
  fc.record({ key: keyFilters, label: labels }),
  fc.record({ key: keyFilters, noLabel: fc.boolean() }),
  fc.record({ key: keyFilters, label: labels, noLabel: fc.constant(false) }),
  fc.record({ snapshot: labels }),
  fc.record({ key: keyFilters, tags }),
  fc.record({ key: keyFilters, label: labels, tags }),
);

/** A set of flags; names may hold what keys may hold. */
const featureFlags = fc.record(
  { selectors: fc.array(selectors, { minLength: 1, maxLength: 3 }) },
  { requiredKeys: [] },
);

const pair = (min: number, max: number, unit: string) => fc.integer({ min, max }).map((n) => `${n}${unit}`);
const intervals = fc.oneof(
  pair(60, 9_999, 's'),
  pair(1, 600, 'm'),
  pair(1, 168, 'h'),
  fc.constantFrom('1h30m', '1.5m', '90000ms', '60.0s'),
);
const guids = fc.uuid();

const ids = { clientId: guids, tenantId: guids.map((id) => id.toUpperCase()) };
const secretRef = fc.record({ name: objectNames });
const vaultIdentities = fc.oneof(
  fc.record({
    workloadIdentity: fc.record(
      { serviceAccountName: objectNames, enableAzureProxy: fc.boolean(), ...ids },
      { requiredKeys: ['serviceAccountName'] },
    ),
  }),
  fc.record({ servicePrincipal: fc.record({ secretRef, ...ids }, { requiredKeys: ['secretRef'] }) }),
  fc.record({ managedIdentity: fc.record({ clientId: guids }, { requiredKeys: [] }) }),
);
const identities = fc.oneof(vaultIdentities, fc.record({ connectionString: fc.record({ secretRef }) }));

const vaultHosts = fc
  .string({ unit: fc.constantFrom(...letters, '0', '9'), minLength: 3, maxLength: 12 })
  .map((name) => `${name}.vault.azure.net`);
const vaultSecrets = fc.record(
  {
    vault: fc.constantFrom('contoso', 'Shop-1'),
    name: fc.constantFrom('db', 'Db-Password', 'a'.repeat(127)),
    version: fc.constantFrom('0'.repeat(32), 'ABCDEF0123456789ABCDEF0123456789'),
    key: fc.constantFrom('db', 'orders:db', '🙂'),
    type: fc.constantFrom('Opaque' as const, 'kubernetes.io/tls' as const),
  },
  { requiredKeys: ['vault', 'name'] },
);

const wholeVaults = fc.record(
  {
    vault: fc.constantFrom('contoso', 'Shop-1'),
    prefix: fc.constantFrom('orders-', 'A', '0'.repeat(127)),
    tags: fc.dictionary(fc.constantFrom('team', 'Team', '🙂'), labels, { minKeys: 1, maxKeys: 3 }),
  },
  { requiredKeys: ['vault'] },
);

const keyVaults = fc.record(
  {
    refreshInterval: intervals,
    onError: fc.constantFrom('KeepLast' as const, 'Fail' as const),
    expandJson: fc.record(
      {
        keys: fc.array(fc.constantFrom('db', 'db*', '*', '🙂'), { minLength: 1, maxLength: 3 }),
        separator: fc.constantFrom('.', '__', ':'),
      },
      { requiredKeys: ['keys'] },
    ),
    all: fc.array(wholeVaults, { minLength: 1, maxLength: 3 }),
    secrets: fc.array(vaultSecrets, { minLength: 1, maxLength: 3 }),
    identity: vaultIdentities,
    vaults: fc.uniqueArray(fc.record({ host: vaultHosts, identity: vaultIdentities }), {
      selector: ({ host }) => host,
      minLength: 1,
      maxLength: 3,
    }),
    allowedVaults: fc.array(
      fc.oneof(vaultHosts, fc.constantFrom('*.vault.azure.net', 'a-*.vault.azure.net', '*b*.vault.azure.cn')),
      { minLength: 1, maxLength: 3 },
    ),
  },
  { requiredKeys: [] },
);

const files = fc.constantFrom('settings.json', '.hidden', 'a..b', 'A_b-1', '.env');
const layouts = fc.oneof(
  fc.record({ format: fc.constant('KeyValue' as const) }, { requiredKeys: [] }),
  fc.record(
    {
      format: fc.constantFrom('Json' as const, 'Yaml' as const),
      file: files,
      separator: fc.constantFrom(':', '__', '/', '🙂'),
    },
    { requiredKeys: ['format'] },
  ),
  fc.record(
    { format: fc.constantFrom('Properties' as const, 'DotEnv' as const), file: files },
    { requiredKeys: ['format'] },
  ),
);
const configMaps = fc.tuple(objectNames, layouts).map(([name, layout]) => ({ name, ...layout }));
const secretParts = fc.record(
  {
    include: fc.constantFrom('References' as const, 'All' as const),
    type: fc.constantFrom('Opaque', 'kubernetes.io/tls', 'example.com/own'),
  },
  { requiredKeys: [] },
);
const secrets = fc.tuple(configMaps, secretParts).map(([layout, parts]) => ({ ...layout, ...parts }));
const qualified = fc
  .tuple(
    fc.constantFrom('', 'example.com/', 'a/', 'app.kubernetes.io/'),
    fc.stringMatching(/^[A-Za-z0-9]([a-z_.-]{0,8}[a-z])?$/),
  )
  .map(([prefix, name]) => prefix + name);
const terms = fc.record(
  {
    labels: fc.dictionary(qualified, fc.constantFrom('', 'a', 'A.b_c-1'), { maxKeys: 3 }),
    annotations: fc.dictionary(qualified, labels, { maxKeys: 3 }),
    creationPolicy: fc.constantFrom('Owner' as const, 'Merge' as const),
    deletionPolicy: fc.constantFrom('Delete' as const, 'Retain' as const),
  },
  { requiredKeys: [] },
);
const targetParts = fc.oneof(
  fc.record({ configMap: configMaps }),
  fc.record({ secret: secrets }),
  fc.record({ configMap: configMaps, secret: secrets }),
);
/** A Secret that is merged into keeps its type. */
const targets = fc
  .tuple(targetParts, terms)
  .map(([parts, rest]): BindingSpec['target'] => ({ ...parts, ...rest }))
  .map(({ secret, ...target }) => {
    if (secret === undefined) return target;
    const { type, ...typeless } = secret;
    return { ...target, secret: target.creationPolicy === 'Merge' || type === undefined ? typeless : secret };
  });

const replacements = fc.record({ from: labels, to: fc.oneof(labels, fc.constantFrom('', '_')) });
const keys = fc.record(
  {
    trimPrefixes: fc.array(labels, { minLength: 1, maxLength: 3 }),
    replace: fc.array(replacements, { minLength: 1, maxLength: 3 }),
    invalid: fc.constantFrom('Fail' as const, 'Skip' as const),
  },
  { requiredKeys: [] },
);

const workloads = fc.array(
  fc.record({
    kind: fc.constantFrom('Deployment' as const, 'StatefulSet' as const, 'DaemonSet' as const),
    name: objectNames,
  }),
  { minLength: 1, maxLength: 3 },
);
const labelNames = fc.constantFrom('app', 'example.com/team', 'A_b.c-1');
const labelValues = fc.constantFrom('', 'web', 'v1.2');
const expressions = fc.oneof(
  fc.record({
    key: labelNames,
    operator: fc.constantFrom('In' as const, 'NotIn' as const),
    values: fc.array(labelValues, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ key: labelNames, operator: fc.constantFrom('Exists' as const, 'DoesNotExist' as const) }),
);
const labelSelectors = fc
  .record(
    {
      matchLabels: fc.dictionary(labelNames, labelValues, { minKeys: 1, maxKeys: 2 }),
      matchExpressions: fc.array(expressions, { minLength: 1, maxLength: 2 }),
    },
    { requiredKeys: [] },
  )
  .filter((selector) => Object.keys(selector).length > 0);
const pace = {
  minInterval: fc.oneof(intervals, fc.constantFrom('0s', '168h')),
  maxConcurrent: fc.integer({ min: 1, max: 20 }),
  dryRun: fc.boolean(),
};
const rollouts = fc.oneof(
  fc.record(
    { ...pace, restart: fc.constantFrom('Auto' as const, 'Never' as const), includeVolumes: fc.boolean() },
    { requiredKeys: [] },
  ),
  fc.record(
    {
      ...pace,
      restart: fc.constantFrom('Selected' as const, 'Never' as const),
      workloads,
      selector: labelSelectors,
    },
    { requiredKeys: ['restart', 'workloads'] },
  ),
  fc.record({ restart: fc.constant('Selected' as const), selector: labelSelectors }),
);

const schemaSources = fc.oneof(
  fc.record({ inline: fc.constantFrom('{}', '{"type":"object"}', '🙂') }),
  fc.record({
    configMap: fc.record({ name: objectNames, key: files }, { requiredKeys: ['name'] }),
  }),
);
const validations = fc.oneof(
  fc.record({ requiredKeys: fc.array(labels, { minLength: 1, maxLength: 3 }) }),
  fc.record({ schema: schemaSources }),
  fc.record({ requiredKeys: fc.array(labels, { minLength: 1, maxLength: 3 }), schema: schemaSources }),
);

const anySpecs: fc.Arbitrary<BindingSpec> = fc.record(
  {
    validate: validations,
    suspend: fc.boolean(),
    store: fc
      .record(
        { endpoint: endpoints, replicaDiscovery: fc.boolean(), loadBalancing: fc.boolean() },
        { requiredKeys: ['endpoint'] },
      )
      .filter(({ replicaDiscovery, loadBalancing }) => replicaDiscovery !== false || loadBalancing !== true),
    identity: identities,
    environment: labels,
    selectors: fc.array(selectors, { minLength: 0, maxLength: 4 }),
    featureFlags,
    keys,
    allowEmpty: fc.boolean(),
    keyVault: keyVaults,
    target: targets,
    refresh: fc.record(
      {
        interval: fc.oneof(intervals, fc.constantFrom('5s', '5000ms', '168h')),
        sentinels: fc.array(fc.record({ key: labels, label: labels }, { requiredKeys: ['key'] }), {
          minLength: 1,
          maxLength: 3,
        }),
      },
      { requiredKeys: [] },
    ),
    rollout: rollouts,
  },
  { requiredKeys: ['store', 'identity', 'target'] },
);

/** All secrets of a vault need a Secret. */
const withHome = ({ keyVault, ...spec }: BindingSpec): BindingSpec => {
  if (keyVault === undefined) return spec;
  const { all, ...rest } = keyVault;
  return {
    ...spec,
    keyVault: all === undefined || spec.target.secret === undefined ? rest : { ...rest, all },
  };
};

/** Flags need a file with a hierarchy; without them an empty list of selectors selects nothing. */
export const specs: fc.Arbitrary<BindingSpec> = anySpecs.map(withHome).map((spec) => {
  const { featureFlags: flags, selectors: selected = [], ...rest } = spec;
  const some = selected.length === 0 ? {} : { selectors: selected };
  if (flags === undefined || !holdsFlags(spec.target)) return { ...rest, ...some };
  return { ...spec };
});

function holdsFlags({ configMap, secret }: BindingSpec['target']): boolean {
  const isTree = (format: string | undefined) => format === 'Json' || format === 'Yaml';
  return isTree(configMap?.format) || (secret?.include === 'All' && isTree(secret.format));
}

/** A binding as a reader gets it, around `spec`. */
export const bindingOf = (spec: BindingSpec, name = 'orders'): AppConfigBinding => ({
  apiVersion: 'appconfig.dev/v1alpha1',
  kind: 'AppConfigBinding',
  metadata: { name, namespace: 'shop', uid: 'uid-1', generation: 1 },
  spec,
});
