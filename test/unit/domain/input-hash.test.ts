import { expect } from 'chai';
import { configMapInput, type HashInput, inputHash, secretInput } from '../../../src/domain/input-hash.ts';
import { hashKey } from '../../../src/domain/keyed-hash.ts';
import type { Plan } from '../../../src/domain/plan.ts';
import { planRollout } from '../../../src/domain/rollouts/plan-rollout.ts';
import { planFlagSources, planSources } from '../../../src/domain/store/selectors.ts';
import { planSentinels } from '../../../src/domain/store/sentinels.ts';
import { selectionKey } from '../../../src/domain/store/settings.ts';
import { DEFAULT_TERMS } from '../../support/terms.ts';

const key = hashKey(Buffer.alloc(32, 1));
const otherKey = hashKey(Buffer.alloc(32, 2));

const ENDPOINT = 'https://s.azconfig.io';
const SOURCES = planSources(ENDPOINT, [{ key: 'a' }, { key: 'b', label: 'x' }], 'prod');
const SECRET = { format: { kind: 'KeyValue' }, include: 'References', type: 'Opaque', name: 's' } as const;
const PLAN: Plan = {
  suspended: false,
  endpoint: ENDPOINT,
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
  environment: 'prod',
  environmentSource: 'spec',
  flagSources: [],
  sentinels: [],
  sources: SOURCES,
  allowEmpty: false,
  keys: { trimPrefixes: ['a:'], replace: [{ from: ':', to: '_' }], invalid: 'Fail' },
  terms: DEFAULT_TERMS,
  configMap: { name: 'c', format: { kind: 'Json', file: 'f' } },
  secret: SECRET,
  refreshIntervalMs: 30_000,
  secretsIntervalMs: 300_000,
  onReferenceError: 'KeepLast',
  vaultSecrets: new Map(),
  vaultSelections: [],
  rollout: planRollout(),
};
const pagesOf = (host = 'h', etags: readonly string[] = ['1', '2']) =>
  new Map(SOURCES.map(({ selection }) => [selectionKey(selection), { host, etags }]));
const RECORDS = new Map([['k', { reference: 'r', version: 'v', digest: 'd' }]]);

const both = (plan: Plan, pages = pagesOf(), records = RECORDS) =>
  [inputHash(key, configMapInput(plan, pages)), inputHash(key, secretInput(plan, pages, records))] as const;

describe('the input hash', () => {
  const base = both(PLAN);

  it('carries the id of its key and 32 hex digits', () => {
    expect(base[0]).to.match(new RegExp(`^${key.id}:[0-9a-f]{32}$`));
    expect(base[0]).to.not.equal(base[1]);
  });

  it('covers the pages of snapshots that settings refer to, whatever their order', () => {
    const s = { host: 'h', etags: ['s'] };
    const t = { host: 'h', etags: ['t'] };
    const hashOf = (...more: [string, typeof s][]) =>
      inputHash(key, configMapInput(PLAN, new Map([...pagesOf(), ...more])));
    expect(hashOf(['s', s], ['t', t])).to.equal(hashOf(['t', t], ['s', s]));
    expect(new Set([hashOf(), hashOf(['s', s]), hashOf(['s', t]), hashOf(['s', s], ['t', t])]).size).to.equal(
      4,
    );
  });

  it('covers which secrets of which vaults are selected, and is as it was where none are', () => {
    const of = (...vaultSelections: Plan['vaultSelections']) => both({ ...PLAN, vaultSelections });
    const vault = 'contoso.vault.azure.net';
    const all = [
      of(),
      of({ vault, tags: [] }),
      of({ vault, prefix: 'a', tags: [] }),
      of({ vault, tags: [['a', 'b']] }),
      of({ vault, tags: [] }, { vault: 'other.vault.azure.net', tags: [] }),
      of({ vault: 'other.vault.azure.net', tags: [] }, { vault, tags: [] }),
    ];
    for (const target of [0, 1] as const)
      expect(new Set(all.map((hashes) => hashes[target])).size).to.equal(all.length);
    expect(all[0]).to.deep.equal(base);
  });

  describe('with feature flags', () => {
    const flagSources = planFlagSources(ENDPOINT, { selectors: [{ key: '*', label: 'x' }] }, undefined);
    const flagged: Plan = { ...PLAN, flagSources };
    const pages = (etag: string) =>
      new Map([
        ...pagesOf(),
        ...flagSources.map(
          ({ selection }) => [selectionKey(selection), { host: 'h', etags: [etag] }] as const,
        ),
      ]);
    const all: Plan = {
      ...flagged,
      secret: { ...SECRET, format: { kind: 'Yaml', file: 'f' }, include: 'All' },
    };

    it('covers their pages in a target that holds them', () => {
      expect(both(flagged, pages('1'))[0]).to.not.equal(both(flagged, pages('2'))[0]);
      expect(both(all, pages('1'))[1]).to.not.equal(both(all, pages('2'))[1]);
    });

    it('does not in one that holds none', () => {
      const keyValue: Plan = { ...all, configMap: { name: 'c', format: { kind: 'KeyValue' } } };
      expect(both(keyValue, pages('1'))[0]).to.equal(both(keyValue, pages('2'))[0]);
      expect(both(keyValue, pages('1'))[0]).to.equal(both({ ...keyValue, flagSources: [] })[0]);
      expect(both(flagged, pages('1'))[1]).to.equal(both(flagged, pages('2'))[1]);
    });

    it('covers how they are selected', () => {
      const [source] = flagSources;
      if (source === undefined) throw new Error('no source');
      const other: Plan = { ...flagged, flagSources: [{ ...source, selector: 1 }] };
      expect(both(other, pages('1'))[0]).to.not.equal(both(flagged, pages('1'))[0]);
      expect(both(flagged, pagesOf())[0]).to.not.equal(base[0]);
    });
  });

  it('is the same for the same input', () => {
    expect(both(structuredClone(PLAN))).to.deep.equal(base);
  });

  const deciding: Record<string, Partial<Plan>> = {
    endpoint: { endpoint: 'https://t.azconfig.io' },
    environment: { environment: 'dev' },
    'no environment': (({ environment: _, ...rest }) => rest)(PLAN),
    'the order of selections': { sources: SOURCES.toReversed() },
    'the label of a selection': {
      sources: planSources(ENDPOINT, [{ key: 'a' }, { key: 'b', label: 'y' }], 'prod'),
    },
    'the tags of a selection': {
      sources: planSources(
        ENDPOINT,
        [
          { key: 'a', tags: { team: 'x' } },
          { key: 'b', label: 'x' },
        ],
        'prod',
      ),
    },
    sentinels: { sentinels: planSentinels(ENDPOINT, { sentinels: [{ key: 'release' }] }) },
    'which selector a selection belongs to': {
      sources: SOURCES.map((source) => ({ ...source, selector: 0 })),
    },
    allowEmpty: { allowEmpty: true },
    trimPrefixes: { keys: { ...PLAN.keys, trimPrefixes: [] } },
    replacements: { keys: { ...PLAN.keys, replace: [{ from: ':', to: '-' }] } },
    'what happens to invalid keys': { keys: { ...PLAN.keys, invalid: 'Skip' } },
  };
  for (const [title, change] of Object.entries(deciding)) {
    it(`changes with ${title}`, () => {
      const plan = title === 'no environment' ? (change as Plan) : { ...PLAN, ...change };
      const changed = both(plan);
      expect(changed[0]).to.not.equal(base[0]);
      expect(changed[1]).to.not.equal(base[1]);
    });
  }

  it('changes with the host and with every ETag, for the Secret only if there is no ConfigMap to tell', () => {
    const { configMap: _, ...secretOnly } = PLAN;
    for (const pages of [
      pagesOf('g'),
      pagesOf('h', ['1', '3']),
      pagesOf('h', ['1']),
      pagesOf('h', ['12']),
      new Map(),
    ]) {
      const changed = both(PLAN, pages);
      expect(changed[0]).to.not.equal(base[0]);
      expect(changed[1]).to.equal(base[1]);
      expect(both(secretOnly, pages)[1]).to.not.equal(both(secretOnly)[1]);
    }
  });

  it('changes with format, file and separator for the ConfigMap only', () => {
    const formats = [
      { kind: 'KeyValue' },
      { kind: 'Json', file: 'g' },
      { kind: 'Json', file: 'f', separator: ':' },
    ] as const;
    for (const format of formats) {
      const changed = both({ ...PLAN, configMap: { name: 'c', format } });
      expect(changed[0]).to.not.equal(base[0]);
      expect(changed[1]).to.equal(base[1]);
    }
  });

  it('changes with format, content and type of the Secret for the Secret only', () => {
    const secrets = [
      { ...SECRET, format: { kind: 'Json', file: 'f' } },
      { ...SECRET, format: { kind: 'DotEnv', file: 'f' } },
      { ...SECRET, include: 'All' },
      { ...SECRET, type: 'kubernetes.io/tls' },
    ] as const;
    for (const secret of secrets) {
      const changed = both({ ...PLAN, secret });
      expect(changed[0]).to.equal(base[0]);
      expect(changed[1]).to.not.equal(base[1]);
    }
  });

  it('changes with which references are expanded, and how, for the Secret only', () => {
    const hashes = [undefined, { keys: ['k'], separator: '.' }, { keys: ['k'], separator: '_' }].map(
      (expandJson) => both(expandJson ? { ...PLAN, expandJson } : PLAN),
    );
    expect(new Set(hashes.map(([configMap]) => configMap)).size).to.equal(1);
    expect(new Set(hashes.map(([, secret]) => secret)).size).to.equal(3);
  });

  it('changes with every ETag for a Secret that holds plain values, too', () => {
    const plan: Plan = { ...PLAN, secret: { ...SECRET, include: 'All' } };
    expect(both(plan, pagesOf('h', ['1', '3']))[1]).to.not.equal(both(plan)[1]);
  });

  it('changes with key, reference and version of each record for the Secret only', () => {
    const variants = [
      new Map(),
      new Map([['l', { reference: 'r', version: 'v', digest: 'd' }]]),
      new Map([['k', { reference: 'q', version: 'v', digest: 'd' }]]),
      new Map([['k', { reference: 'r', version: 'w', digest: 'd' }]]),
    ];
    for (const records of variants) {
      const changed = both(PLAN, pagesOf(), records);
      expect(changed[0]).to.equal(base[0]);
      expect(changed[1]).to.not.equal(base[1]);
    }
  });

  it('changes with the versions of renderer and pages, and with the key', () => {
    const input = configMapInput(PLAN, pagesOf());
    const variants: HashInput[] = [
      { ...input, rendererVersion: input.rendererVersion + 1 },
      { ...input, pagesVersion: input.pagesVersion + 1 },
    ];
    for (const variant of variants) expect(inputHash(key, variant)).to.not.equal(base[0]);
    expect(inputHash(otherKey, input).slice(9)).to.not.equal(base[0].slice(9));
  });

  it('changes for both targets with what else stands on them', () => {
    const plain = both(PLAN);
    for (const terms of [
      { ...DEFAULT_TERMS, labels: { team: 'orders' } },
      { ...DEFAULT_TERMS, annotations: { team: 'orders' } },
      { ...DEFAULT_TERMS, deletionPolicy: 'Retain' } as const,
    ]) {
      const changed = both({ ...PLAN, terms });
      for (const [index, hash] of changed.entries()) expect(hash).not.to.equal(plain[index]);
    }
  });

  it('changes with nothing else', () => {
    const indifferent: Partial<Plan>[] = [
      { suspended: true },
      { vaults: { ...PLAN.vaults, allowed: ['contoso.vault.azure.net'] } },
      { identity: { kind: 'ServicePrincipal', field: 'spec.identity.servicePrincipal', secretName: 'x' } },
      { configMap: { name: 'other', format: { kind: 'Json', file: 'f' } } },
      { secret: { ...SECRET, name: 'other' } },
      { refreshIntervalMs: 5_000 },
      { secretsIntervalMs: 60_000 },
      { onReferenceError: 'Fail' },
      { rollout: planRollout({ restart: 'Never', minInterval: '5m', maxConcurrent: 3, dryRun: true }) },
      { sources: SOURCES.map((source) => ({ ...source, description: 'x' })) },
    ];
    for (const change of indifferent)
      expect(both({ ...PLAN, ...change }), JSON.stringify(change)).to.deep.equal(base);
    const digests = new Map([['k', { reference: 'r', version: 'v', digest: 'other' }]]);
    expect(both(PLAN, pagesOf(), digests)).to.deep.equal(base);
  });
});
