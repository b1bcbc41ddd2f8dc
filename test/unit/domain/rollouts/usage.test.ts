import { expect } from 'chai';
import fc from 'fast-check';
import { type TargetName, type Usage, usageHash, usageOf } from '../../../../src/domain/rollouts/usage.ts';
import type { Container, PodSpec, Volume } from '../../../../src/domain/rollouts/workload.ts';

const TARGETS: readonly TargetName[] = [
  { kind: 'ConfigMap', name: 'settings', role: 'configMap' },
  { kind: 'Secret', name: 'passwords', role: 'secret' },
];
const NONE: Usage = { kind: 'none' };
const LIVE: Usage = { kind: 'live' };

const usageOfPod = (spec: PodSpec): Usage => usageOf({ spec: { template: { spec } } }, TARGETS);
const usageOfContainer = (container: Container, volumes: readonly Volume[] = []): Usage =>
  usageOfPod({ containers: [container], volumes });
const keys = (configMap: 'all' | string[], secret: 'all' | string[]): Usage => ({
  kind: 'keys',
  uses: [
    { role: 'configMap', keys: configMap },
    { role: 'secret', keys: secret },
  ].filter((use) => use.keys.length > 0),
});

const PLAIN: Volume = { name: 'v', configMap: { name: 'settings' } };
const WITH_ITEMS: Volume = {
  name: 'v',
  configMap: {
    name: 'settings',
    items: [
      { key: 'a', path: 'conf/a.txt' },
      { key: 'b', path: 'conf/deep/b.txt' },
      { key: 'c', path: 'config' },
    ],
  },
};
const PROJECTED: Volume = {
  name: 'v',
  projected: {
    sources: [
      { configMap: { name: 'settings', items: [{ key: 'a', path: 'both/a' }] } },
      { secret: { name: 'passwords', items: [{ key: 'p', path: 'both/p' }] } },
      { configMap: { name: 'foreign', items: [{ key: 'x', path: 'both/x' }] } },
    ],
  },
};

const mount = (subPath?: string): Container => ({
  volumeMounts: [{ name: 'v', ...(subPath === undefined ? {} : { subPath }) }],
});

describe('Usage of the targets by a pod template', () => {
  const cases: readonly [string, Container, readonly Volume[], Usage][] = [
    ['is none for a container that reads neither target', {}, [], NONE],
    [
      'is the keys that variables name',
      {
        env: [
          { valueFrom: { configMapKeyRef: { name: 'settings', key: 'b' } } },
          { valueFrom: { configMapKeyRef: { name: 'settings', key: 'a' } } },
          { valueFrom: { configMapKeyRef: { name: 'settings', key: 'a' } } },
          { valueFrom: { secretKeyRef: { name: 'passwords', key: 'p' } } },
        ],
      },
      [],
      keys(['a', 'b'], ['p']),
    ],
    ['is every key for envFrom', { envFrom: [{ configMapRef: { name: 'settings' } }] }, [], keys('all', [])],
    [
      'is every key for envFrom of a Secret',
      { envFrom: [{ secretRef: { name: 'passwords' } }] },
      [],
      keys([], 'all'),
    ],
    [
      'is every key when envFrom and single variables meet',
      {
        env: [{ valueFrom: { configMapKeyRef: { name: 'settings', key: 'a' } } }],
        envFrom: [{ configMapRef: { name: 'settings' } }],
      },
      [],
      keys('all', []),
    ],
    [
      'does not mix up a ConfigMap and a Secret of the other one’s name',
      {
        env: [{ valueFrom: { secretKeyRef: { name: 'settings', key: 'a' } } }],
        envFrom: [{ configMapRef: { name: 'passwords' } }],
      },
      [],
      NONE,
    ],
    ['is live for a plain volume mount', mount(), [PLAIN], LIVE],
    ['is live for a mount whose subPath names the whole volume', mount('./'), [PLAIN], LIVE],
    [
      'is live for a plain mount of a Secret',
      mount(),
      [{ name: 'v', secret: { secretName: 'passwords' } }],
      LIVE,
    ],
    ['is live for a plain mount of a projected volume', mount(), [PROJECTED], LIVE],
    ['is none for a volume that is not mounted', {}, [PLAIN], NONE],
    ['is none for a mount of a volume that does not exist', mount(), [], NONE],
    ['is the key that a subPath names', mount('app.json'), [PLAIN], keys(['app.json'], [])],
    ['maps a subPath to its key by the items', mount('conf/a.txt'), [WITH_ITEMS], keys(['a'], [])],
    ['takes every item below a subPath that is a folder', mount('conf/'), [WITH_ITEMS], keys(['a', 'b'], [])],
    ['is none for a subPath that no item has', mount('nothing'), [WITH_ITEMS], NONE],
    ['is none for a path that no key can have', mount('a/b'), [PLAIN], NONE],
    ['finds the keys of both targets in a projected volume', mount('both'), [PROJECTED], keys(['a'], ['p'])],
    [
      'counts every key when the subPath holds a variable',
      { volumeMounts: [{ name: 'v', subPathExpr: '$(POD)/a' }] },
      [PLAIN],
      keys('all', []),
    ],
    [
      'counts every item when the subPath holds a variable',
      { volumeMounts: [{ name: 'v', subPathExpr: '$(POD)' }] },
      [WITH_ITEMS],
      keys(['a', 'b', 'c'], []),
    ],
    [
      'reads a subPathExpr without a variable like a subPath',
      { volumeMounts: [{ name: 'v', subPathExpr: 'config' }] },
      [WITH_ITEMS],
      keys(['c'], []),
    ],
    [
      'is the keys alone when the same volume is also mounted live',
      { volumeMounts: [{ name: 'v' }, { name: 'v', subPath: 'x' }] },
      [PLAIN],
      keys(['x'], []),
    ],
  ];
  for (const [title, container, volumes, expected] of cases) {
    it(title, () => {
      expect(usageOfContainer(container, volumes)).to.deep.equal(expected);
    });
  }

  it('counts init containers', () => {
    const usage = usageOfPod({ initContainers: [{ envFrom: [{ secretRef: { name: 'passwords' } }] }] });
    expect(usage).to.deep.equal(keys([], 'all'));
  });

  it('tells which of several Secrets is read, by what each is kept for', () => {
    const certificate: TargetName = { kind: 'Secret', name: 'shop-tls', role: 'certificate' };
    const containers = [
      { envFrom: [{ secretRef: { name: 'shop-tls' } }, { secretRef: { name: 'passwords' } }] },
    ];
    const usage = usageOf({ spec: { template: { spec: { containers } } } }, [...TARGETS, certificate]);
    const all = 'all' as const;
    expect(usage).to.deep.equal({
      kind: 'keys',
      uses: [
        { role: 'certificate', keys: all },
        { role: 'secret', keys: all },
      ],
    });
  });

  it('is the same for a target under another name', () => {
    const containers = [{ envFrom: [{ secretRef: { name: 'renamed' } }] }];
    const renamed: TargetName = { kind: 'Secret', name: 'renamed', role: 'secret' };
    expect(usageOf({ spec: { template: { spec: { containers } } } }, [renamed])).to.deep.equal(
      keys([], 'all'),
    );
  });

  it('is none for a workload without a template', () => {
    expect(usageOf({}, TARGETS)).to.deep.equal(NONE);
  });

  it('ignores references without a name when a target is absent', () => {
    const template = { spec: { containers: [{ envFrom: [{ configMapRef: {} }, { secretRef: {} }] }] } };
    expect(usageOf({ spec: { template } }, TARGETS.slice(0, 1))).to.deep.equal(NONE);
  });
});

describe('The hash of a usage', () => {
  it('is 16 hex digits and differs between kinds of usage', () => {
    const usages = [
      NONE,
      LIVE,
      keys([], []),
      keys('all', []),
      keys([], 'all'),
      keys(['all'], []),
      keys(['a'], ['b']),
    ];
    const hashes = usages.map(usageHash);
    expect(new Set(hashes).size).to.equal(usages.length);
    for (const hash of hashes) expect(hash).to.match(/^[0-9a-f]{16}$/);
  });

  it('does not depend on the order in which the template names the keys', () => {
    const env = fc.array(fc.record({ name: fc.constantFrom('settings', 'other'), key: fc.string() }));
    fc.assert(
      fc.property(env, (refs) => {
        const container = (order: typeof refs): Container => ({
          env: order.map((configMapKeyRef) => ({ valueFrom: { configMapKeyRef } })),
        });
        const forwards = usageOfContainer(container(refs));
        const backwards = usageOfContainer(container([...refs].reverse()));
        expect(usageHash(forwards)).to.equal(usageHash(backwards));
      }),
    );
  });
});
