/** What may happen to a binding and everything around it, as random steps. */
import fc from 'fast-check';
import type { BindingSpec } from '../../../src/api/schema.ts';
import { blocked, type Failure, throttled, unavailable } from '../../../src/domain/failure.ts';
import type { KubernetesError } from '../../../src/ports/kubernetes.ts';
import { baseSpec } from '../simulation.ts';

export type Step =
  | { readonly do: 'set'; readonly key: string; readonly label?: string; readonly value: string }
  | { readonly do: 'refer'; readonly key: string; readonly label?: string; readonly secret: string }
  | { readonly do: 'unset'; readonly key: string; readonly label?: string }
  /** enabled null: it is deleted. */
  | { readonly do: 'flag'; readonly id: string; readonly label?: string; readonly enabled: boolean | null }
  | { readonly do: 'rotate'; readonly secret: string; readonly disabled: boolean; readonly expired: boolean }
  | { readonly do: 'deleteSecret'; readonly secret: string }
  /** Of the snapshot that some specs name: made anew, archived, removed, or named by a setting. */
  | { readonly do: 'snapshot'; readonly change: 'take' | 'archive' | 'remove' | 'refer' }
  | { readonly do: 'labelNamespace'; readonly environment: 'prod' | 'typo' | null }
  | { readonly do: 'grant' | 'revoke'; readonly what: 'store' | 'vault' }
  | {
      readonly do: 'azureFault';
      readonly kind: 'head' | 'read' | 'secret' | 'list' | 'all';
      readonly failure: Failure | null;
    }
  | { readonly do: 'spec'; readonly binding: BindingName; readonly spec: BindingSpec }
  | { readonly do: 'refresh'; readonly token: string }
  | { readonly do: 'deleteBinding' | 'terminateBinding' }
  | { readonly do: 'account'; readonly change: 'delete' | 'recreate' | 'annotate' | 'strip' }
  | {
      readonly do: 'editTarget';
      readonly kind: TargetKind;
      readonly change: 'data' | 'label' | 'empty' | 'delete';
    }
  | { readonly do: 'squat'; readonly kind: TargetKind; readonly name: string }
  | { readonly do: 'deploy'; readonly name: string; readonly uses: Uses }
  | { readonly do: 'undeploy'; readonly name: string }
  | { readonly do: 'optOut'; readonly name: string; readonly out: boolean }
  | {
      readonly do: 'crash';
      readonly write: number;
      readonly when: 'before' | 'after';
      readonly downMs: number;
    }
  | { readonly do: 'restart'; readonly downMs: number; readonly loseKey: boolean }
  | { readonly do: 'second' }
  | {
      readonly do: 'apiError';
      readonly write: number;
      readonly times: number;
      readonly error: KubernetesError;
      readonly applied: boolean;
    }
  | { readonly do: 'watch'; readonly what: 'close' | 'compact' | 'silence' | 'speak' }
  | { readonly do: 'pass'; readonly ms: number };

export type BindingName = 'orders' | 'second';
export type TargetKind = 'ConfigMap' | 'Secret';
/** Which keys a Deployment reads at its start. */
export type Uses = 'all' | 'keys' | 'live' | 'nothing';

/** Steps after which every reference is what it was: no key of a Secret may vanish. */
export const KEEPS_REFERENCES: ReadonlySet<Step['do']> = new Set<Step['do']>([
  ...(['rotate', 'deleteSecret', 'azureFault', 'apiError', 'crash', 'restart', 'pass'] as const),
  ...(['revoke', 'grant', 'refresh', 'watch', 'second', 'deploy', 'flag'] as const),
]);

/** A binding that takes a target away or gives one changes what workloads use, as an edit of theirs would. */
export const namesBoth = ({ target: { configMap, secret } }: BindingSpec): boolean =>
  configMap?.name === 'orders-config' && secret?.name === 'orders-secrets';

/** In every value of a secret, and nowhere else. */
export const CANARY = 'canary-';

/** The snapshot of all stories. */
export const SNAPSHOT = 'release';

const keys = fc.constantFrom(
  'base',
  'app.color',
  'color',
  'app.size',
  'app.',
  'password',
  'token',
  'bad key!',
);
const labels = fc.constantFrom(undefined, undefined, 'prod');
const labelled = fc.record({ key: keys, label: labels }).map(({ key, label }) => ({
  key,
  ...(label === undefined ? {} : { label }),
}));
const secrets = fc.constantFrom('db', 'api', 'other');
const values = fc.integer({ min: 0, max: 9 }).map((n) => `value ${n}`);

const failures: fc.Arbitrary<Failure | null> = fc.constantFrom(
  null,
  unavailable('StoreUnreachable', 'It cannot be reached.'),
  unavailable('StoreUnreachable', 'It cannot be reached.', 20_000),
  throttled('StoreThrottled', 'It asks for a pause.', 7_000),
  blocked('StoreFirewall', 'A firewall is in the way: open it.'),
  unavailable('EntraUnavailable', 'Entra cannot be reached.'),
  blocked('SecretNotFound', 'There is no such secret.'),
);

const status = (code: number, reason: string, more: object = {}): KubernetesError => ({
  kind: 'status',
  code,
  reason,
  causes: [],
  ...more,
});
/** Every way in which the API server refuses or fails. */
export const API_ERRORS: readonly KubernetesError[] = [
  status(409, 'Conflict'),
  status(422, 'Invalid'),
  status(422, 'Invalid', { causes: [{ reason: 'FieldValueInvalid', field: 'metadata.uid' }] }),
  status(403, 'Forbidden'),
  status(404, 'NotFound'),
  status(429, 'TooManyRequests', { retryAfterMs: 3_000 }),
  status(429, 'TooManyRequests'),
  status(500, 'InternalError'),
  status(503, 'ServiceUnavailable'),
  { kind: 'timeout' },
  { kind: 'transport', code: 'ECONNRESET' },
];

/** Only where an answer may be lost can the cluster have done what it did not say. */
export const mayBeApplied = (error: KubernetesError): boolean =>
  error.kind === 'timeout' || error.kind === 'transport' || (error.kind === 'status' && error.code >= 500);

const optional = <T>(name: string, values: readonly T[]) =>
  fc.constantFrom(undefined, ...values).map((value) => (value === undefined ? {} : { [name]: value }));

const configMaps = fc.constantFrom(
  { name: 'orders-config' },
  { name: 'orders-config' },
  { name: 'orders-config', format: 'Json' as const },
  { name: 'orders-config', format: 'Json' as const, separator: '.' },
  { name: 'other-config' },
);
const secretTargets = fc.constantFrom(
  { name: 'orders-secrets' },
  { name: 'orders-secrets' },
  { name: 'other-secrets' },
);
const targets = fc.oneof(
  { weight: 6, arbitrary: fc.record({ configMap: configMaps, secret: secretTargets }) },
  { weight: 1, arbitrary: fc.record({ configMap: configMaps }) },
  { weight: 1, arbitrary: fc.record({ secret: secretTargets }) },
);
const specs: fc.Arbitrary<BindingSpec> = fc
  .tuple(
    targets,
    optional('selectors', [
      [{ key: '*', noLabel: true }],
      [{ key: 'app.*' }, { key: 'base' }],
      [{ key: '*', label: 'prod' }, { key: '*' }],
      [{ key: 'nothing-here' }],
      [{ snapshot: SNAPSHOT }, { key: '*' }],
      [{ key: '*' }, { snapshot: SNAPSHOT }],
    ]),
    optional('featureFlags', [
      {},
      { selectors: [{ key: '*', noLabel: true }, { key: 'Beta' }] },
      { selectors: [{ key: 'Base,Beta' }, { snapshot: SNAPSHOT }] },
    ]),
    optional('environment', ['prod', 'typo']),
    optional('keys', [{ trimPrefixes: ['app.'] }]),
    optional('suspend', [true]),
    optional('allowEmpty', [true]),
    optional('rollout', [{ restart: 'Never' as const }]),
    optional('refresh', [{ interval: '10s' }, { interval: '2m' }]),
    optional('keyVault', [
      { refreshInterval: '1m' },
      { refreshInterval: '1m', all: [{ vault: 'contoso' }] },
      { all: [{ vault: 'contoso', prefix: 'a' }] },
    ]),
  )
  .map(([target, ...parts]) =>
    withHomes(withoutStrayFlags(Object.assign({}, baseSpec, ...parts, { target }))),
  );

/** Only a file can hold flags. */
function withoutStrayFlags({ featureFlags, ...spec }: BindingSpec): BindingSpec {
  const held = featureFlags !== undefined && spec.target.configMap?.format === 'Json';
  return held ? { ...spec, featureFlags } : spec;
}

/** Only a Secret can hold what is read of whole vaults. */
function withHomes({ keyVault, ...spec }: BindingSpec): BindingSpec {
  const homeless = keyVault?.all !== undefined && spec.target.secret === undefined;
  return homeless || keyVault === undefined ? spec : { ...spec, keyVault };
}

export const second: BindingSpec = {
  ...baseSpec,
  target: { configMap: { name: 'second-config' }, secret: { name: 'second-secrets' } },
};
const secondSpecs = fc.constantFrom(
  second,
  { ...second, selectors: [{ key: 'base' }] },
  // Wants what is the other's.
  { ...second, target: { configMap: { name: 'orders-config' } } },
);

const kinds = fc.constantFrom<TargetKind>('ConfigMap', 'Secret');
const names = fc.constantFrom('web', 'worker', 'viewer');
const make = <T extends Step>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<Step> => arbitrary;
const step = <D extends Step['do']>(name: D) => fc.constant(name);

const weighted: readonly (readonly [number, fc.Arbitrary<Step>])[] = [
  [8, make(fc.tuple(labelled, values).map(([at, value]) => ({ do: 'set' as const, ...at, value })))],
  [6, make(fc.tuple(labelled, secrets).map(([at, secret]) => ({ do: 'refer' as const, ...at, secret })))],
  [3, make(labelled.map((at) => ({ do: 'unset' as const, ...at })))],
  [
    6,
    make(fc.record({ do: step('rotate'), secret: secrets, disabled: fc.boolean(), expired: fc.boolean() })),
  ],
  [3, make(fc.record({ do: step('deleteSecret'), secret: secrets }))],
  [
    6,
    make(
      fc
        .tuple(fc.constantFrom('Beta', 'Alpha'), labels, fc.constantFrom(true, false, null))
        .map(([id, label, enabled]) => ({
          do: 'flag' as const,
          id,
          enabled,
          ...(label === undefined ? {} : { label }),
        })),
    ),
  ],
  [
    4,
    make(
      fc.record({
        do: step('snapshot'),
        change: fc.constantFrom('take', 'take', 'archive', 'remove', 'refer'),
      }),
    ),
  ],
  [2, make(fc.record({ do: step('labelNamespace'), environment: fc.constantFrom('prod', 'typo', null) }))],
  [2, make(fc.record({ do: step('revoke'), what: fc.constantFrom('store', 'vault') }))],
  [3, make(fc.record({ do: step('grant'), what: fc.constantFrom('store', 'vault') }))],
  [
    4,
    make(
      fc.record({
        do: step('azureFault'),
        kind: fc.constantFrom('head', 'read', 'secret', 'list', 'all'),
        failure: failures,
      }),
    ),
  ],
  [8, make(fc.record({ do: step('spec'), binding: fc.constant('orders' as const), spec: specs }))],
  [2, make(fc.record({ do: step('spec'), binding: fc.constant('second' as const), spec: secondSpecs }))],
  [2, make(fc.record({ do: step('refresh'), token: values }))],
  [2, make(fc.record({ do: fc.constantFrom('deleteBinding' as const, 'terminateBinding' as const) }))],
  [
    2,
    make(
      fc.record({ do: step('account'), change: fc.constantFrom('delete', 'recreate', 'annotate', 'strip') }),
    ),
  ],
  [
    4,
    make(
      fc.record({
        do: step('editTarget'),
        kind: kinds,
        change: fc.constantFrom('data', 'label', 'empty', 'delete'),
      }),
    ),
  ],
  [
    1,
    make(
      fc.record({
        do: step('squat'),
        kind: kinds,
        name: fc.constantFrom('orders-config', 'other-config', 'orders-secrets', 'other-secrets'),
      }),
    ),
  ],
  [
    5,
    make(
      fc.record({ do: step('deploy'), name: names, uses: fc.constantFrom('all', 'keys', 'live', 'nothing') }),
    ),
  ],
  [1, make(fc.record({ do: step('undeploy'), name: names }))],
  [1, make(fc.record({ do: step('optOut'), name: names, out: fc.boolean() }))],
  [
    5,
    make(
      fc.record({
        do: step('crash'),
        write: fc.nat(5),
        when: fc.constantFrom('before', 'after'),
        downMs: fc.constantFrom(1_000, 90_000),
      }),
    ),
  ],
  [3, make(fc.record({ do: step('restart'), downMs: fc.constantFrom(100, 60_000), loseKey: fc.boolean() }))],
  [1, make(fc.record({ do: step('second') }))],
  [
    8,
    make(
      fc.record({
        do: step('apiError'),
        write: fc.nat(4),
        times: fc.integer({ min: 1, max: 4 }),
        error: fc.constantFrom(...API_ERRORS),
        applied: fc.boolean(),
      }),
    ),
  ],
  [4, make(fc.record({ do: step('watch'), what: fc.constantFrom('close', 'compact', 'silence', 'speak') }))],
  [
    14,
    make(
      fc.record({ do: step('pass'), ms: fc.constantFrom(10, 500, 2_000, 15_000, 45_000, 200_000, 400_000) }),
    ),
  ],
];

export const steps = (maxLength: number): fc.Arbitrary<Step[]> =>
  fc.array(fc.oneof(...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary }))), {
    minLength: 3,
    maxLength,
    size: 'max',
  });
