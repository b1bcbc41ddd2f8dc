import { expect } from 'chai';
import fc from 'fast-check';
import type { AppConfigBinding, BindingSpec } from '../../../src/api/schema.ts';
import { CLOUD_NAMES, CLOUDS, type CloudName, storeSuffixesOf } from '../../../src/domain/clouds.ts';
import { type Plan, planBinding } from '../../../src/domain/plan.ts';
import type { KubernetesObject } from '../../../src/ports/kubernetes.ts';
import { bindingOf, specs } from '../../support/arbitraries/binding.ts';
import { mutatedSpecs } from '../../support/arbitraries/mutations.ts';
import { DEFAULT_TERMS } from '../../support/terms.ts';

const optionsIn = (cloud: CloudName) => ({
  cloud,
  storeSuffixes: storeSuffixesOf(CLOUDS[cloud]),
  vaultSuffixes: CLOUDS[cloud].vaultSuffixes,
});
const options = optionsIn('AzurePublic');
const MINIMAL: BindingSpec = {
  store: { endpoint: 'https://Contoso.AZCONFIG.io/' },
  identity: { workloadIdentity: { serviceAccountName: 'orders' } },
  target: { configMap: { name: 'orders-config' } },
};

/** As an object that passed no admission would arrive. */
const raw = (spec: unknown, name?: string): AppConfigBinding => bindingOf(spec as BindingSpec, name);

function planOf(spec: unknown): Plan {
  const planned = planBinding(raw(spec), options);
  if (!planned.ok) throw new Error(JSON.stringify(planned.failure));
  return planned.value;
}

function refusal(spec: unknown, name?: string): string {
  const planned = planBinding(raw(spec, name), options);
  if (planned.ok) throw new Error('the spec was accepted');
  expect(planned.failure).to.include({ kind: 'invalid-spec', reason: 'InvalidSpec' });
  return 'message' in planned.failure ? planned.failure.message : '';
}

const JSON_TARGET = { ...MINIMAL, target: { configMap: { name: 'c', format: 'Json' } } };

describe('planning a binding', () => {
  it('is possible for an object as the API server gives it', () => {
    const binding: KubernetesObject = raw(MINIMAL);
    expect(binding.metadata.name).to.equal('orders');
  });

  it('applies every documented default', () => {
    expect(planOf(MINIMAL)).to.deep.equal({
      suspended: false,
      endpoint: 'https://contoso.azconfig.io',
      identity: {
        kind: 'WorkloadIdentity',
        field: 'spec.identity.workloadIdentity',
        serviceAccount: 'orders',
        azureProxy: false,
      },
      vaults: {
        suffixes: ['vault.azure.net'],
        identity: {
          kind: 'WorkloadIdentity',
          field: 'spec.identity.workloadIdentity',
          serviceAccount: 'orders',
          azureProxy: false,
        },
        identities: new Map(),
      },
      environmentSource: 'namespace',
      flagSources: [],
      sentinels: [],
      sources: [
        {
          selector: 0,
          description: 'key "*", no label',
          overlay: false,
          selection: { endpoint: 'https://contoso.azconfig.io', filter: { key: '*', label: null } },
        },
      ],
      allowEmpty: false,
      keys: { trimPrefixes: [], replace: [], invalid: 'Fail' },
      terms: DEFAULT_TERMS,
      configMap: { name: 'orders-config', format: { kind: 'KeyValue' } },
      refreshIntervalMs: 30_000,
      secretsIntervalMs: 300_000,
      onReferenceError: 'KeepLast',
      vaultSecrets: new Map(),
      vaultSelections: [],
      rollout: {
        policy: { kind: 'auto', includeVolumes: false },
        minIntervalMs: 60_000,
        maxConcurrent: 1,
        dryRun: false,
      },
    });
  });

  it('takes a sentinel that is listed twice for one', () => {
    const sentinels = [{ key: 'release' }, { key: 'release', label: 'prod' }, { key: 'release' }];
    expect(planOf({ ...MINIMAL, refresh: { sentinels } }).sentinels).to.have.length(2);
  });

  it('takes over what the spec says', () => {
    const plan = planOf({
      ...MINIMAL,
      suspend: true,
      identity: {
        workloadIdentity: { serviceAccountName: 'x', clientId: 'ABCDEF00-0000-0000-0000-000000000000' },
      },
      environment: 'prod',
      selectors: [{ key: 'a*', label: 'l' }],
      keys: { trimPrefixes: ['a:'], replace: [{ from: ':', to: '' }], invalid: 'Skip' },
      allowEmpty: true,
      keyVault: {
        refreshInterval: '1h',
        identity: { servicePrincipal: { secretRef: { name: 'sp' } } },
        vaults: [{ host: 'a.vault.azure.net', identity: { workloadIdentity: { serviceAccountName: 'a' } } }],
        allowedVaults: ['*.vault.azure.net'],
      },
      target: { configMap: { name: 'c', format: 'Json', separator: ':' }, secret: { name: 's' } },
      refresh: { interval: '1m30s' },
      rollout: { restart: 'Never', minInterval: '5m', maxConcurrent: 3, dryRun: true },
    });
    expect(plan).to.deep.include({
      suspended: true,
      environment: 'prod',
      allowEmpty: true,
      identity: {
        kind: 'WorkloadIdentity',
        field: 'spec.identity.workloadIdentity',
        serviceAccount: 'x',
        azureProxy: false,
        clientId: 'abcdef00-0000-0000-0000-000000000000',
      },
      vaults: {
        suffixes: ['vault.azure.net'],
        allowed: ['*.vault.azure.net'],
        identity: {
          kind: 'ServicePrincipal',
          field: 'spec.keyVault.identity.servicePrincipal',
          secretName: 'sp',
        },
        identities: new Map([
          [
            'a.vault.azure.net',
            {
              kind: 'WorkloadIdentity',
              field: 'spec.keyVault.vaults[0].identity.workloadIdentity',
              serviceAccount: 'a',
              azureProxy: false,
            },
          ],
        ]),
      },
      keys: { trimPrefixes: ['a:'], replace: [{ from: ':', to: '' }], invalid: 'Skip' },
      configMap: { name: 'c', format: { kind: 'Json', file: 'settings.json', separator: ':' } },
      secret: { name: 's', format: { kind: 'KeyValue' }, include: 'References', type: 'Opaque' },
      refreshIntervalMs: 90_000,
      secretsIntervalMs: 3_600_000,
      onReferenceError: 'KeepLast',
      vaultSecrets: new Map(),
      vaultSelections: [],
      rollout: { policy: { kind: 'never' }, minIntervalMs: 300_000, maxConcurrent: 3, dryRun: true },
    });
  });

  it('names the path of the field and the remedy', () => {
    const known: readonly (readonly [unknown, RegExp])[] = [
      [undefined, /^spec\.identity: is required; spec\.target: is required$/],
      [
        { ...MINIMAL, store: { endpoint: 'http://x.azconfig.io' } },
        /^spec\.store\.endpoint: must be https:\/\//,
      ],
      [
        { ...MINIMAL, store: { endpoint: 'https://azconfig.io.evil.example' } },
        /^spec\.store\.endpoint: .*under no domain of Azure App Configuration \(\*\.azconfig\.io,.*store-suffixes$/,
      ],
      [
        {
          ...MINIMAL,
          keyVault: { vaults: [{ host: 'a.vault.azure.cn', identity: MINIMAL.identity }] },
        },
        /^spec\.keyVault\.vaults\[0\]\.host: "a\.vault\.azure\.cn" .*cloud \(\*\.vault\.azure\.net\); correct it/,
      ],
      [
        {
          ...MINIMAL,
          keyVault: { vaults: [1, 2].map(() => ({ host: 'a.vault.azure.net', identity: MINIMAL.identity })) },
        },
        /^spec\.keyVault\.vaults: names a host twice/,
      ],
      [{ ...MINIMAL, identity: {} }, /^spec\.identity: set exactly one member: set workloadIdentity/],
      [{ ...MINIMAL, target: {} }, /^spec\.target: set configMap, secret or both$/],
      [
        { ...MINIMAL, selectors: [{ key: '*' }, { key: 'a,b,c,d,e,f' }] },
        /^spec\.selectors\[1\]\.key: lists 6 keys/,
      ],
      [
        { ...MINIMAL, selectors: [{ key: '*', label: 'x', noLabel: true }] },
        /^spec\.selectors\[0\]: set either label or noLabel/,
      ],
      [{ ...MINIMAL, selectors: [] }, /^spec: selectors may be empty only with featureFlags/],
      [
        { ...MINIMAL, featureFlags: {} },
        /^spec: featureFlags needs a file that can hold them: set target\.configMap\.format/,
      ],
      [
        { ...JSON_TARGET, featureFlags: { selectors: [{ key: 'a,b,c,d,e,f' }] } },
        /^spec\.featureFlags\.selectors\[0\]\.key: lists 6 keys/,
      ],
      [{ ...MINIMAL, refresh: { sentinels: [] } }, /^spec\.refresh\.sentinels: must not be empty; remove it/],
      [
        { ...MINIMAL, refresh: { interval: '1s' } },
        /^spec\.refresh\.interval: must be a duration.*at least 5s/,
      ],
      [
        { ...MINIMAL, rollout: { restart: 'Maybe' } },
        /^spec\.rollout\.restart: must be one of Auto, Selected, Never$/,
      ],
      [{ ...MINIMAL, suspend: 'yes' }, /^spec\.suspend: must be of type boolean$/],
      [
        { ...MINIMAL, target: { configMap: { name: 'c', file: 'f' } } },
        /^spec\.target\.configMap: file needs a format of one file/,
      ],
      [
        { ...MINIMAL, target: { secret: { name: 's', format: 'DotEnv', separator: ':' } } },
        /^spec\.target\.secret: separator needs a format with a hierarchy: set format to Json or Yaml/,
      ],
      [
        { ...MINIMAL, target: { secret: { name: 's', type: 'bootstrap.kubernetes.io/token' } } },
        /^spec\.target\.secret\.type: must not be a type that gives access to the cluster/,
      ],
    ];
    for (const [spec, message] of known) expect(refusal(spec)).to.match(message);
  });

  it('names the file of each format after its habits, unless the spec does', () => {
    const formats = ['Json', 'Yaml', 'Properties', 'DotEnv'] as const;
    const planned = formats.map((format) =>
      planOf({ ...MINIMAL, target: { secret: { name: 's', format } } }),
    );
    expect(planned.map(({ secret }) => secret?.format)).to.deep.equal([
      { kind: 'Json', file: 'settings.json' },
      { kind: 'Yaml', file: 'settings.yaml' },
      { kind: 'Properties', file: 'application.properties' },
      { kind: 'DotEnv', file: '.env' },
    ]);
    const secret = { name: 's', format: 'Yaml', file: 'f', separator: '_', include: 'All', type: 'x/y' };
    expect(planOf({ ...MINIMAL, target: { secret } }).secret).to.deep.equal({
      name: 's',
      format: { kind: 'Yaml', file: 'f', separator: '_' },
      include: 'All',
      type: 'x/y',
    });
  });

  it('refuses a name too long for an annotation', () => {
    expect(refusal(MINIMAL, 'a'.repeat(64))).to.match(/at most 63 characters.*choose a shorter name/);
  });

  it('reads null as absent and ignores fields it does not know', () => {
    expect(planOf({ ...MINIMAL, environment: null, keys: null, later: { x: 1 } })).to.deep.equal(
      planOf(MINIMAL),
    );
  });

  it('trusts only hosts below a known suffix', () => {
    const endpoints = ['https://azconfig.io', 'https://xazconfig.io', 'https://a.azconfig.io.example.com'];
    for (const endpoint of endpoints)
      expect(refusal({ ...MINIMAL, store: { endpoint } })).to.contain('under no domain');
    const extra = planBinding(raw({ ...MINIMAL, store: { endpoint: 'https://a.stores.internal' } }), {
      ...options,
      storeSuffixes: ['stores.internal'],
    });
    expect(extra.ok).to.equal(true);
  });

  it('refuses the stores of other clouds, and names the setting that would allow them', () => {
    for (const cloud of CLOUD_NAMES)
      for (const other of CLOUD_NAMES)
        for (const suffix of storeSuffixesOf(CLOUDS[other])) {
          const spec = raw({ ...MINIMAL, store: { endpoint: `https://a.${suffix}` } });
          const planned = planBinding(spec, optionsIn(cloud));
          const said = planned.ok || !('message' in planned.failure) ? '' : planned.failure.message;
          const refused = `spec.store.endpoint: "https://a.${suffix}" is a store of ${other}, and this operator works in ${cloud}; correct it, or have the operator's setting cloud be ${other}`;
          expect(said).to.equal(other === cloud ? '' : refused);
        }
  });

  it('says of a vault of another cloud what the setting cloud is', () => {
    const vaults = [
      { host: 'a.vault.usgovcloudapi.net', identity: { workloadIdentity: { serviceAccountName: 'b' } } },
    ];
    const own = "and the operator's setting cloud is AzurePublic";
    expect(refusal({ ...MINIMAL, keyVault: { vaults } })).to.include(`it is of AzureUSGovernment, ${own}`);
    const { store: _, ...rest } = MINIMAL;
    const secrets = [{ vault: 'a.vault.azure.cn', name: 'db' }];
    const target = { secret: { name: 'orders' } };
    expect(refusal({ ...rest, target, keyVault: { secrets } })).to.include(`it is of AzureChina, ${own}`);
  });

  it('takes the proxy for identity bindings where a workload identity asks for it', () => {
    const workloadIdentity = { serviceAccountName: 'orders', enableAzureProxy: true };
    const { identity, vaults } = planOf({ ...MINIMAL, identity: { workloadIdentity } });
    for (const planned of [identity, vaults.identity])
      expect(planned).to.include({ kind: 'WorkloadIdentity', azureProxy: true });
  });

  it('looks for a vault that is given by name in the cloud of the operator', () => {
    const { store: _, ...rest } = MINIMAL;
    const spec = { ...rest, target: { secret: { name: 'orders' } } };
    const keyVault = { secrets: [{ vault: 'contoso', name: 'db' }] };
    const planned = planBinding(raw({ ...spec, keyVault }), optionsIn('AzureUSGovernment'));
    const secrets = planned.ok ? [...planned.value.vaultSecrets.values()] : [];
    expect(secrets.map(({ reference }) => reference.vault)).to.deep.equal([
      'contoso.vault.usgovcloudapi.net',
    ]);
  });

  it('needs no environment for the vaults of a suspended binding', () => {
    const vault = '{environment}-orders';
    const keyVault = { all: [{ vault }], secrets: [{ vault, name: 'db' }] };
    const spec = { ...MINIMAL, keyVault, target: { secret: { name: 's' } } };
    expect(planBinding(raw(spec), options).ok).to.equal(false);
    expect(planOf({ ...spec, suspend: true })).to.deep.include({
      suspended: true,
      vaultSelections: [],
      vaultSecrets: new Map(),
    });
  });

  it('plans every valid spec, with positive intervals and at least one target, and source of settings or flags', () => {
    fc.assert(
      fc.property(specs, (spec) => {
        const plan = planOf(spec);
        expect(plan.endpoint).to.match(/^https:\/\/[a-z0-9.-]+$/);
        expect(plan.sources.length + plan.flagSources.length).to.be.greaterThan(0);
        expect(plan.refreshIntervalMs).to.be.at.least(5_000);
        expect(plan.secretsIntervalMs).to.be.at.least(60_000);
        expect(plan.configMap !== undefined || plan.secret !== undefined).to.equal(true);
      }),
    );
  });

  it('never throws, whatever was stored', () => {
    fc.assert(
      fc.property(fc.oneof(mutatedSpecs, fc.anything()), (spec) => void planBinding(raw(spec), options)),
    );
  });
});
