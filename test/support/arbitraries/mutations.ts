import fc from 'fast-check';
import { specs } from './binding.ts';

/** Specs with one or two members set to something that may or may not be allowed there. */

type Path = readonly (string | number)[];

const text = (length: number, unit = 'a') => unit.repeat(length);

const NAMES = ['', 'A', '-a', 'a-', 'a..b', 'a.b', 'a_b', text(253), text(254), 'ä', 'a\n'];
/** Names of labels and annotations. */
const METADATA_NAMES = [
  '',
  'a',
  'A.b_c-1',
  '-a',
  'a-',
  'a b',
  'ä',
  '🙂',
  'a\n',
  text(63),
  text(64),
  'a/b',
  'a/b/c',
  '/a',
  'a/',
  'A/b',
  'a..b/c',
  'a.b-c.d/e',
  `${text(253)}/${text(63)}`,
  `${text(254)}/a`,
  `${text(253)}/${text(64)}`,
  'appconfig.dev/binding',
  'appconfig.dev/other',
  'merge.appconfig.dev/orders',
  'rollout.appconfig.dev/orders',
  'xappconfig.dev/a',
  'appconfig.dev.example.com/a',
  'appconfig-dev/a',
  'appconfig.dev',
  'app.kubernetes.io/managed-by',
  'app.kubernetes.io/part-of',
  'kubernetes.io/service-account.name',
  'kubernetes.io/service-account.uid',
  'kubernetes.io/service-account',
  'kubernetes.io/description',
];
const LABEL_VALUES = ['', 'a', 'A.b_c-1', '-a', 'a-', '.a', 'a b', 'ä', 'a\n', text(63), text(64), '1'];
const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`n${n}`, 'x']));

const DURATIONS = [
  '',
  '5s',
  '4s',
  '4.999s',
  '5.000s',
  '4.9999s',
  '5',
  's',
  '-5s',
  '+5s',
  '1m',
  '59s',
  '59.999s',
  '0.5h',
  '1h1h',
  '168h',
  '168h1ms',
  '10081m',
  '1d',
  '5 s',
  '5S',
  '.5m',
  '5.m',
  '1us',
  '60000000us',
  '99999999999999999999h',
  '0.001h1.4s',
  '60s\n',
];
const FILTERS = [
  '',
  '*',
  '**',
  '*a',
  'a*',
  'a**',
  'a*b',
  'a,b',
  'a,b,c,d,e',
  'a,b,c,d,e,f',
  'a,',
  ',a',
  'a,,b',
  'a*,b',
  'a,b*',
  '\\',
  'a\\',
  'a\\\\',
  'a\\*',
  'a\\,b',
  '\\\\*',
  '\\\\\\*',
  'a\u0000',
  'a\u007f',
  '\\\n',
  'a\nb',
  '🙂',
  '\\🙂',
  '🙂*',
  text(4096),
  text(4097),
  text(4096, '🙂'),
  text(4097, '🙂'),
  '\ud800',
];
const LABELS = [
  '',
  '*',
  'a,b',
  '\u0000',
  '\n',
  'é',
  text(1024),
  text(1025),
  text(1024, '🙂'),
  text(1025, '🙂'),
];
const numbered = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`t${n}`, 'x']));
const TAGS = [
  {},
  { team: 'orders' },
  { team: '' },
  { '': 'x' },
  { 'a,*=\\b': '🙂' },
  { [text(256)]: text(256) },
  { [text(257)]: 'x' },
  { a: text(257) },
  { [text(256, '🙂')]: text(256, '🙂') },
  { [text(257, '🙂')]: 'x' },
  { a: text(257, '🙂') },
  { a: 1 },
  { a: null },
  { a: ['x'] },
  numbered(5),
  numbered(6),
];
const ENDPOINTS = [
  'http://a.azconfig.io',
  'https://a.azconfig.io:443',
  'https://a.azconfig.io/kv',
  'https://u@a.azconfig.io',
  'https://a.azconfig.io?x',
  'https://azconfig',
  'HTTPS://a.azconfig.io',
  'https://a.azconfig.io//',
  'https://a..io',
  'https://-a.io',
  'https://a-.io',
  ' https://a.io',
  'https://a.io\n',
  'https://ä.io',
  `https://${text(257)}.io`,
  `https://${text(259)}.io`,
  `https://${text(260)}.io`,
];
const FILES = ['', '.', '..', '..a', '.a', 'a/b', 'a b', text(253), text(254), 'a\n'];
const SEPARATORS = ['', ':', text(16), text(17), text(16, '🙂'), text(17, '🙂'), '\t'];
const REPLACEMENTS = ['', ':', text(64), text(65), text(64, '🙂'), text(65, '🙂'), '\t', 'é'];
const FORMATS = ['KeyValue', 'Json', 'Yaml', 'Properties', 'DotEnv', 'json', 'Toml', ''];
const TYPES = [
  'Opaque',
  'kubernetes.io/tls',
  'kubernetes.io/service-account-token',
  'bootstrap.kubernetes.io/token',
  'bootstrap.kubernetes.io/token2',
  '',
  '\n',
  text(253),
  text(254),
];
const requirement = (key: unknown, operator: unknown, values?: unknown) => ({
  matchExpressions: [{ key, operator, ...(values === undefined ? {} : { values }) }],
});
const SELECTORS = [
  {},
  { matchLabels: {} },
  { matchLabels: { app: '' } },
  { matchLabels: { '': 'x' } },
  { matchLabels: { [text(317)]: text(317), b: 'ä' } },
  { matchLabels: { [text(318)]: 'x' } },
  { matchLabels: numbered(16) },
  { matchLabels: numbered(17) },
  { matchExpressions: [] },
  requirement('app', 'In', ['a']),
  requirement('app', 'In', []),
  requirement(
    'app',
    'In',
    Array.from({ length: 32 }, () => 'a'),
  ),
  requirement(
    'app',
    'In',
    Array.from({ length: 33 }, () => 'a'),
  ),
  requirement('app', 'In', ['', text(63)]),
  requirement('app', 'In', [text(64)]),
  requirement('app', 'In', [text(63, '🙂')]),
  requirement('app', 'In'),
  requirement('app', 'NotIn'),
  requirement('app', 'Exists'),
  requirement('app', 'Exists', ['a']),
  requirement('app', 'DoesNotExist', []),
  requirement('app', 'Equals', ['a']),
  ...[
    '',
    'a',
    'A_b.c-1',
    'example.com/team',
    '-a',
    'a-',
    'a/b/c',
    '/a',
    'a/',
    'Ä',
    'a\n',
    text(63),
    text(64),
  ].map((key) => requirement(key, 'Exists')),
  requirement(`${text(253)}/${text(63)}`, 'Exists'),
  requirement(`${text(254)}/${text(63)}`, 'Exists'),
  { matchExpressions: Array.from({ length: 17 }, () => ({ key: 'a', operator: 'Exists' })) },
];
const WRONG_TYPES = [null, 1, true, 'x', [], {}, ['x'], 1.5];

const at = (path: string, values: readonly unknown[]) => ({
  path: path.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part)),
  values,
});

const vaultOf = (host: string) => ({ host, identity: { workloadIdentity: { serviceAccountName: 'a' } } });
const VAULT_HOSTS = [
  '',
  'a',
  'a.vault.azure.net',
  'A.vault.azure.net',
  'a-.vault.azure.net',
  '-a.vault.azure.net',
  'a..net',
  'a.vault.azure.net.',
  'https://a.vault.azure.net',
  'a.vault.azure.net/',
  '*.vault.azure.net',
  'a*b*.vault.azure.net',
  'a.*.azure.net',
  '*',
  'ä.vault.azure.net',
  `${text(124)}.net`,
  `${text(125)}.net`,
];

const PLACES = [
  at('suspend', [true, false]),
  at('store', []),
  at('store.endpoint', ENDPOINTS),
  at('store.replicaDiscovery', [true, false]),
  at('store.loadBalancing', [true, false]),
  at('identity', []),
  at('identity.workloadIdentity', [{}]),
  at('identity.workloadIdentity.serviceAccountName', NAMES),
  at('identity.workloadIdentity.clientId', [
    '',
    'x',
    '00000000-0000-0000-0000-000000000000',
    '00000000-0000-0000-0000-00000000000g',
  ]),
  at('identity.workloadIdentity.tenantId', [
    'contoso.onmicrosoft.com',
    '00000000-0000-0000-0000-0000000000000',
  ]),
  at('identity.servicePrincipal', [{}, { secretRef: {} }, { secretRef: { name: 'sp' } }]),
  at('identity.servicePrincipal.secretRef', [{}]),
  at('identity.servicePrincipal.secretRef.name', NAMES),
  at('identity.servicePrincipal.clientId', ['', 'x', '00000000-0000-0000-0000-000000000000']),
  at('identity.managedIdentity', [{}, { clientId: 'x' }]),
  at('identity.connectionString', [{}, { secretRef: {} }, { secretRef: { name: 'key' } }]),
  at('identity.connectionString.secretRef.name', NAMES),
  at('keyVault.identity.connectionString', [{ secretRef: { name: 'key' } }]),
  at('environment', LABELS),
  at('selectors', [
    [{ key: '*' }],
    Array.from({ length: 64 }, () => ({ key: '*' })),
    Array.from({ length: 65 }, () => ({ key: '*' })),
  ]),
  at('selectors.0.key', FILTERS),
  at('selectors.0.label', LABELS),
  at('selectors.0.noLabel', [true, false]),
  at('selectors.0.tags', TAGS),
  at('selectors.0.snapshot', ['', 's', text(256), text(257), text(256, '🙂'), text(257, '🙂'), 'a\n', '*']),
  at('selectors.0', [
    {},
    { snapshot: 's' },
    { snapshot: 's', key: '*' },
    { snapshot: 's', label: 'x' },
    { snapshot: 's', noLabel: true },
    { snapshot: 's', noLabel: false },
    { snapshot: 's', tags: { a: 'b' } },
    { label: 'x' },
    { key: '*', snapshot: null },
  ]),
  at('featureFlags', []),
  at('featureFlags.selectors', [
    [],
    [{ key: '*' }],
    Array.from({ length: 10 }, () => ({ key: '*' })),
    Array.from({ length: 11 }, () => ({ key: '*' })),
  ]),
  at('featureFlags.selectors.0.key', [
    ...FILTERS,
    '.appconfig.featureflag/Beta',
    '.appconfig.featureflag/*',
    '.appconfig.featureflag',
  ]),
  at('featureFlags.selectors.0', [
    {},
    { label: 'x' },
    { key: '*', label: 'x' },
    { key: '*', label: 'x', noLabel: true },
    { key: '*', tags: { a: 'b' } },
    { snapshot: 's' },
    { snapshot: 's', key: '*' },
    { snapshot: 's', noLabel: true },
  ]),
  at('keys', []),
  at('keys.trimPrefixes', [
    ['a', 'a'],
    Array.from({ length: 33 }, () => 'a'),
    Array.from({ length: 32 }, () => 'a'),
  ]),
  at('keys.trimPrefixes.0', LABELS),
  at('keys.replace', [
    [],
    [{ from: 'a', to: 'b' }],
    Array.from({ length: 32 }, () => ({ from: 'a', to: '' })),
    Array.from({ length: 33 }, () => ({ from: 'a', to: '' })),
  ]),
  at('keys.replace.0', [{ from: 'a' }, { to: 'a' }, { from: ':', to: '__' }]),
  at(
    'keys.replace.0',
    REPLACEMENTS.map((from) => ({ from, to: 'a' })),
  ),
  at(
    'keys.replace.0',
    REPLACEMENTS.map((to) => ({ from: 'a', to })),
  ),
  at('keys.invalid', ['Fail', 'Skip', 'skip', '']),
  at('allowEmpty', ['true']),
  at('keyVault', []),
  at('keyVault.identity', [{}, { servicePrincipal: { secretRef: { name: 'sp' } } }]),
  at('keyVault.identity.servicePrincipal.secretRef.name', NAMES),
  at('keyVault.vaults', [
    [],
    [vaultOf('a.vault.azure.net'), vaultOf('b.vault.azure.net')],
    [vaultOf('a.vault.azure.net'), vaultOf('a.vault.azure.net')],
    Array.from({ length: 32 }, (_, index) => vaultOf(`v${index}.vault.azure.net`)),
    Array.from({ length: 33 }, (_, index) => vaultOf(`v${index}.vault.azure.net`)),
  ]),
  at('keyVault.vaults.0', [{ host: 'a.vault.azure.net' }, { ...vaultOf('a.vault.azure.net'), identity: {} }]),
  at('keyVault.vaults.0.host', VAULT_HOSTS),
  at('keyVault.allowedVaults', [
    [],
    ['a.vault.azure.net', 'a.vault.azure.net'],
    Array.from({ length: 64 }, () => 'a-*.vault.azure.net'),
    Array.from({ length: 65 }, () => 'a-*.vault.azure.net'),
  ]),
  at('keyVault.allowedVaults.0', VAULT_HOSTS),
  at('keyVault.refreshInterval', DURATIONS),
  at('keyVault.secrets', [
    [],
    [{ vault: 'contoso', name: 'db' }],
    Array.from({ length: 64 }, () => ({ vault: 'contoso', name: 'db' })),
    Array.from({ length: 65 }, () => ({ vault: 'contoso', name: 'db' })),
  ]),
  at('keyVault.secrets.0', [{}, { vault: 'contoso' }, { name: 'db' }, { vault: 'contoso', name: 'db' }]),
  at(
    'keyVault.secrets.0',
    [
      '{environment}-orders',
      '{environment}',
      '{environment}.vault.azure.net',
      'contoso.{environment}',
      '{other}',
      '{environment',
      'a.b.c',
      'a..b',
      '.a',
      'a.',
      'https://a',
      'a/b',
      'a:1',
      '',
      'ä',
      text(128),
      text(129),
      'a\n',
    ].map((vault) => ({ vault, name: 'db' })),
  ),
  at(
    'keyVault.secrets.0',
    ['', 'a_b', 'A-1', text(127), text(128), 'a\n'].map((name) => ({ vault: 'contoso', name })),
  ),
  at(
    'keyVault.secrets.0',
    ['', '0', text(32), text(32, '0'), text(33, '0'), text(32, 'g'), text(32, 'F')].map((version) => ({
      vault: 'contoso',
      name: 'db',
      version,
    })),
  ),
  at(
    'keyVault.secrets.0',
    [...LABELS, text(253), text(254), text(253, '🙂'), text(254, '🙂')].map((key) => ({
      vault: 'contoso',
      name: 'db',
      key,
    })),
  ),
  at(
    'keyVault.secrets.0',
    TYPES.map((type) => ({ vault: 'contoso', name: 'db', type })),
  ),
  at('keyVault.all', [
    [],
    [{ vault: 'contoso' }],
    [{ vault: '{environment}-orders', prefix: 'orders-', tags: { team: 'orders' } }],
    Array.from({ length: 64 }, () => ({ vault: 'contoso' })),
    Array.from({ length: 65 }, () => ({ vault: 'contoso' })),
  ]),
  at('keyVault.all.0', [
    {},
    { prefix: 'a' },
    { vault: '' },
    { vault: 'a.b' },
    { vault: '{other}' },
    { vault: text(129) },
  ]),
  at(
    'keyVault.all.0',
    ['', 'a_b', 'A-1', '*', text(127), text(128), 'a\n'].map((prefix) => ({ vault: 'contoso', prefix })),
  ),
  at(
    'keyVault.all.0',
    [
      {},
      { a: '' },
      { '': 'a' },
      { a: text(256) },
      { a: text(257) },
      { [text(257)]: 'a' },
      Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, name])),
    ].map((tags) => ({ vault: 'contoso', tags })),
  ),
  at('store', [{ endpoint: 'https://a.azconfig.io' }]),
  at('keyVault.expandJson', [{}, { keys: ['db'] }, { separator: '.' }]),
  at('keyVault.expandJson.keys', [
    ['db', 'db*'],
    Array.from({ length: 32 }, () => 'a'),
    Array.from({ length: 33 }, () => 'a'),
  ]),
  at('keyVault.expandJson.keys.0', LABELS),
  at('keyVault.expandJson.separator', SEPARATORS),
  at('keyVault.onError', ['KeepLast', 'Fail', 'fail', '']),
  at('target', [{ configMap: { name: 'a', file: 'a' } }, { configMap: { name: 'a', separator: ':' } }]),
  at('target.configMap', [
    { name: 'a', format: 'KeyValue', file: 'a' },
    { name: 'a', format: 'Json', file: 'a', separator: ':' },
  ]),
  at('target.configMap.name', NAMES),
  at('target.configMap.format', FORMATS),
  at('target.configMap.file', FILES),
  at('target.configMap.separator', SEPARATORS),
  at('target.secret', []),
  at('target.labels', [{}, many(16), many(17), ...METADATA_NAMES.map((name) => ({ [name]: 'x' }))]),
  at(
    'target.labels',
    LABEL_VALUES.map((value) => ({ a: value })),
  ),
  at('target.annotations', [{}, many(16), many(17), ...METADATA_NAMES.map((name) => ({ [name]: 'x' }))]),
  at(
    'target.annotations',
    ['', 'ä\n', text(1024), text(1025), text(1024, '🙂'), text(1025, '🙂')].map((value) => ({ a: value })),
  ),
  at('target.creationPolicy', ['Owner', 'Merge', 'merge', '']),
  at('target', [
    { secret: { name: 'a', type: 'Opaque' }, creationPolicy: 'Merge' },
    { secret: { name: 'a', type: 'Opaque' }, creationPolicy: 'Owner' },
    { secret: { name: 'a' }, creationPolicy: 'Merge' },
  ]),
  at('target.deletionPolicy', ['Delete', 'Retain', 'retain', '']),
  at('target.secret.name', NAMES),
  at('target', [
    { secret: { name: 'a', format: 'Json', include: 'All' } },
    { secret: { name: 'a', format: 'Json' } },
    { secret: { name: 'a', include: 'All' } },
    { configMap: { name: 'a', format: 'Properties' } },
    { configMap: { name: 'a' }, secret: { name: 'b', format: 'Yaml', include: 'All' } },
  ]),
  at(
    'target.secret',
    FORMATS.flatMap((format) => [
      { name: 'a', format },
      { name: 'a', format, file: 'f' },
      { name: 'a', format, separator: ':' },
    ]),
  ),
  at('target.secret', [
    { name: 'a', file: 'f' },
    { name: 'a', separator: ':' },
    ...['References', 'All', 'all', ''].map((include) => ({ name: 'a', include })),
    ...TYPES.map((type) => ({ name: 'a', type })),
  ]),
  at('validate', [{}, { requiredKeys: ['a'] }, { schema: { inline: '{}' } }]),
  at('validate.requiredKeys', [
    [],
    Array.from({ length: 64 }, () => 'a'),
    Array.from({ length: 65 }, () => 'a'),
    [text(1024)],
    [text(1025)],
    [''],
    ['a\n'],
  ]),
  at('validate.schema', [
    {},
    { inline: '{}', configMap: { name: 'a' } },
    { configMap: { name: 'a' } },
    { configMap: { name: 'a', key: '..' } },
    { configMap: { key: 'a' } },
    { inline: '' },
    { inline: text(32_768) },
    { inline: text(32_769) },
  ]),
  at('validate.schema.configMap.name', NAMES),
  at('validate.schema.configMap.key', FILES),
  at('refresh', []),
  at('refresh.interval', DURATIONS),
  at('refresh.sentinels', [
    [{ key: 'a' }],
    [{ key: 'a', label: 'b' }],
    [{ label: 'b' }],
    Array.from({ length: 16 }, () => ({ key: 'a' })),
    Array.from({ length: 17 }, () => ({ key: 'a' })),
  ]),
  at('refresh.sentinels.0.key', LABELS),
  at('refresh.sentinels.0.label', LABELS),
  at('rollout.restart', ['Auto', 'Selected', 'Never', 'auto', '']),
  at('rollout', [
    { restart: 'Selected' },
    { restart: 'Selected', workloads: [{ kind: 'Deployment', name: 'web' }] },
    { restart: 'Selected', selector: { matchLabels: { app: 'web' } } },
    { restart: 'Selected', selector: { matchLabels: { app: 'web' } }, includeVolumes: true },
    { restart: 'Never', workloads: [{ kind: 'Deployment', name: 'web' }], includeVolumes: false },
    { workloads: [{ kind: 'Deployment', name: 'web' }] },
    { restart: 'Auto', selector: { matchLabels: { app: 'web' } } },
    { includeVolumes: true },
    ...SELECTORS.map((selector) => ({ restart: 'Selected', selector })),
    ...[1, 32, 33].map((count) => ({
      restart: 'Selected',
      workloads: Array.from({ length: count }, () => ({ kind: 'DaemonSet', name: 'web' })),
    })),
    ...NAMES.map((name) => ({ restart: 'Selected', workloads: [{ kind: 'StatefulSet', name }] })),
    ...['Pod', 'deployment', ''].map((kind) => ({ restart: 'Selected', workloads: [{ kind, name: 'web' }] })),
  ]),
  at('rollout.workloads', [[]]),
  at('rollout.selector', SELECTORS),
  at('rollout.includeVolumes', [true, false]),
  at('rollout.minInterval', [...DURATIONS, '0s', '0ms', '-0s']),
  at('rollout.maxConcurrent', [-1, 0, 1, 20, 21, 1.0, 2 ** 53, '1']),
  at('rollout.dryRun', [true, false]),
];

const ABSENT = Symbol('absent');

/** A copy of `value` with `member` at `path`; missing parents are made, others replaced by nothing. */
function set(value: unknown, [head, ...rest]: Path, member: unknown): unknown {
  if (head === undefined) return member;
  if (typeof head === 'number') {
    const list = Array.isArray(value) ? [...value] : [];
    list[head] = set(list[head], rest, member);
    return list;
  }
  const object = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  const next = set(Reflect.get(object, head), rest, member);
  const { [head]: _, ...others } = object as Record<string, unknown>;
  return next === ABSENT ? others : { ...others, [head]: next };
}

const mutations = fc
  .constantFrom(...PLACES)
  .chain(({ path, values }) =>
    fc
      .constantFrom(
        ...values,
        ...values,
        ...WRONG_TYPES,
        ...(typeof path.at(-1) === 'number' ? [] : [ABSENT]),
      )
      .map((value) => ({ path, value })),
  );

/** A valid spec, changed in one or two places: valid or not. */
export const mutatedSpecs: fc.Arbitrary<unknown> = fc
  .tuple(specs, fc.array(mutations, { minLength: 1, maxLength: 2 }))
  .map(([spec, changes]) =>
    changes.reduce<unknown>((value, change) => set(value, change.path, change.value), spec),
  );

/** Every single change that is known to be telling, on one plain spec: small enough to be tried in full. */
export function tellingSpecs(base: unknown): readonly { readonly title: string; readonly spec: unknown }[] {
  return PLACES.flatMap(({ path, values }) =>
    [...values, ...WRONG_TYPES, ABSENT].map((value) => ({
      title: `${path.join('.')} = ${value === ABSENT ? '(absent)' : JSON.stringify(value).slice(0, 60)}`,
      spec: typeof path.at(-1) === 'number' && value === ABSENT ? base : set(base, path, value),
    })),
  );
}
