import { expect } from 'chai';
import fc from 'fast-check';
import { parse } from 'yaml';
import type { BindingSpec } from '../../src/api/schema.ts';
import { isSnapshot } from '../../src/domain/store/settings.ts';
import { FLAG_TYPE } from '../support/arbitraries/settings.ts';
import { CONFIG_MAPS, crashAtWrite, SECRETS } from '../support/memory-cluster/index.ts';
import { baseSpec, ENDPOINT, NAMESPACE, Simulation, VAULT } from '../support/simulation.ts';

const INTERVAL_MS = 33_000;
const PREFIX = '.appconfig.featureflag/';

/** Settings by prefix, flags, and a reference, into one ConfigMap and one Secret. */
const spec: BindingSpec = {
  ...baseSpec,
  selectors: [{ key: 'app:*' }],
  featureFlags: {},
  // No round of its own comes between.
  keyVault: { refreshInterval: '168h' },
  target: {
    configMap: { name: 'orders-config', format: 'Json', separator: ':' },
    secret: { name: 'orders-secrets' },
  },
  keys: { replace: [{ from: 'app:', to: '' }] },
};
const everything: BindingSpec = {
  ...spec,
  target: { secret: { name: 'orders-secrets', format: 'Yaml', include: 'All' } },
};

function setFlag({ azure }: Simulation, id: string, enabled: boolean, label?: string): void {
  azure.set(ENDPOINT, {
    key: `${PREFIX}${id}`,
    value: JSON.stringify({ id, enabled }),
    contentType: FLAG_TYPE,
    ...(label === undefined ? {} : { label }),
  });
}

const breakFlag = ({ azure }: Simulation, id: string) =>
  azure.set(ENDPOINT, { key: `${PREFIX}${id}`, value: '{', contentType: FLAG_TYPE });

const file = (simulation: Simulation) => JSON.parse(simulation.configMap()?.data?.['settings.json'] ?? '{}');
const flags = (simulation: Simulation) => file(simulation).feature_management?.feature_flags;
const secretFile = (simulation: Simulation) => simulation.secretData()['settings.yaml'] ?? '';

/** What was asked of Azure: which kind of call, and whether for flags. */
const asked = ({ azure }: Simulation) =>
  azure.calls.map(({ kind, selection }) => {
    const filter = selection?.filter;
    const ofFlags = filter !== undefined && !isSnapshot(filter) && filter.key.startsWith(PREFIX);
    return `${kind} ${ofFlags ? 'flags' : 'settings'}`;
  });
const reads = (simulation: Simulation) => asked(simulation).filter((call) => !call.startsWith('head'));

async function started(given: BindingSpec = spec): Promise<Simulation> {
  const simulation = new Simulation();
  simulation.azure.set(ENDPOINT, { key: 'app:color', value: 'blue' });
  simulation.azure.setSecret(VAULT, 'db', { value: 'secret-1' });
  simulation.azure.setReference(ENDPOINT, 'app:password', { vault: VAULT, name: 'db' });
  setFlag(simulation, 'Beta', true);
  await simulation.apply(given);
  simulation.start();
  await simulation.untilReady();
  return simulation;
}

/** Long enough that no content is at hand any more. */
async function later(simulation: Simulation): Promise<void> {
  await simulation.clock.advance(4 * INTERVAL_MS);
  simulation.azure.calls.length = 0;
}

/** Someone writes something else into both targets. */
async function editTargets(simulation: Simulation): Promise<void> {
  const [configMap, secret] = [simulation.configMap(), simulation.secret()];
  const strange = (text = '') => text.replace(/blue|red|green/, 'edited');
  if (configMap !== undefined) {
    const data = { 'settings.json': strange(configMap.data?.['settings.json']) };
    await simulation.cluster.admin.update(CONFIG_MAPS, { ...configMap, data });
  }
  if (secret === undefined) return;
  const data = Object.fromEntries(
    Object.entries(simulation.secretData()).map(([key, text]) => [
      key,
      Buffer.from(strange(text)).toString('base64'),
    ]),
  );
  await simulation.cluster.admin.update(SECRETS, { ...secret, data });
}

/** The operator dies at its n-th write from now; another one follows. */
function crash(simulation: Simulation, n: number, when: 'before' | 'after'): void {
  simulation.client?.kill();
  const dies = crashAtWrite(n, when);
  simulation.start((call) => {
    const verdict = dies(call);
    if (verdict !== 'proceed') simulation.clock.setTimer(1_000, () => simulation.start());
    return verdict;
  });
}

describe('a binding with feature flags', () => {
  it('writes them beside the settings, counts them, and never takes one for a setting', async () => {
    const simulation = await started({ ...spec, selectors: [{ key: '*' }] });
    expect(file(simulation)).to.deep.equal({
      color: 'blue',
      feature_management: { feature_flags: [{ id: 'Beta', enabled: true }] },
    });
    const { status } = simulation.binding() ?? {};
    expect(status).to.deep.include({ settings: 2, featureFlags: 1 });
    expect(status?.flagSources?.map(({ selector, flags: count }) => [selector, count])).to.deep.equal([
      [`key "${PREFIX}*", no label`, 1],
    ]);
    expect(simulation.condition('Ready')?.message).to.contain('2 settings and 1 feature flags');
  });

  it('writes none that it does not ask for, and forgets them in the status', async () => {
    const simulation = await started();
    const { featureFlags: _, ...without } = spec;
    await simulation.apply(without);
    await simulation.until(() => flags(simulation) === undefined);
    await simulation.untilReady();
    expect(file(simulation)).to.deep.equal({ color: 'blue' });
    expect(simulation.binding()?.status).to.not.have.any.keys('featureFlags', 'flagSources');
  });

  it('reads neither settings nor secrets for a changed, a new or a deleted flag', async () => {
    const simulation = await started();
    for (const change of [
      () => setFlag(simulation, 'Beta', false),
      () => setFlag(simulation, 'Alpha', true),
      () => simulation.azure.delete(ENDPOINT, `${PREFIX}Alpha`),
    ]) {
      await later(simulation);
      const before = JSON.stringify(flags(simulation));
      const secret = simulation.secret();
      change();
      await simulation.until(() => JSON.stringify(flags(simulation)) !== before, 2 * INTERVAL_MS);
      await simulation.clock.advance(2 * INTERVAL_MS);
      expect(reads(simulation)).to.deep.equal(['read flags']);
      expect(simulation.secret()).to.deep.equal(secret);
      expect(file(simulation).color).to.equal('blue');
    }
    expect(flags(simulation)).to.deep.equal([{ id: 'Beta', enabled: false }]);
    expect(simulation.binding()?.status).to.deep.include({ featureFlags: 1, settings: 2 });
  });

  it('reads no setting and no secret for a changed flag in a Secret that holds all', async () => {
    const simulation = await started(everything);
    await later(simulation);
    setFlag(simulation, 'Beta', false);
    await simulation.until(() => secretFile(simulation).includes('enabled: false'), 2 * INTERVAL_MS);
    expect(reads(simulation)).to.deep.equal(['read flags']);
    expect(secretFile(simulation)).to.contain('password: "secret-1"').and.to.contain('color: "blue"');
    await simulation.clock.advance(2 * INTERVAL_MS);
    expect(reads(simulation)).to.deep.equal(['read flags']);
  });

  it('reads no setting either while the request budget of the store is exceeded', async () => {
    const simulation = new Simulation();
    simulation.azure.set(ENDPOINT, { key: 'app:color', value: 'blue' });
    setFlag(simulation, 'Beta', true);
    await simulation.apply(spec);
    simulation.start(undefined, ['--store-request-budget=1']);
    await simulation.untilReason('RequestBudgetExceeded', 'Warning');
    await later(simulation);
    setFlag(simulation, 'Beta', false);
    await simulation.until(() => flags(simulation)[0].enabled === false, 2 * INTERVAL_MS);
    expect(reads(simulation)).to.deep.equal(['read flags']);
    expect(simulation.condition('Warning')?.reason).to.equal('RequestBudgetExceeded');
  });

  it('reads no setting either once it was looked at after a restart of the operator', async () => {
    const simulation = await started();
    await simulation.stop();
    simulation.start();
    await simulation.clock.advance(2 * INTERVAL_MS);
    await later(simulation);
    setFlag(simulation, 'Beta', false);
    await simulation.until(() => flags(simulation)[0].enabled === false, 2 * INTERVAL_MS);
    expect(reads(simulation)).to.deep.equal(['read flags']);
  });

  it('takes over a flag that changed while the operator was away', async () => {
    const simulation = await started();
    await simulation.stop();
    setFlag(simulation, 'Beta', false);
    simulation.start();
    await simulation.until(() => flags(simulation)[0].enabled === false, 2 * INTERVAL_MS);
    await simulation.untilReady();
  });

  it('takes over a setting and a flag that changed together', async () => {
    const simulation = await started();
    await later(simulation);
    setFlag(simulation, 'Beta', false);
    simulation.azure.set(ENDPOINT, { key: 'app:color', value: 'red' });
    await simulation.until(() => file(simulation).color === 'red', 2 * INTERVAL_MS);
    expect(flags(simulation)).to.deep.equal([{ id: 'Beta', enabled: false }]);
  });

  it('does not set the time of the last change back for a flag that only got another tag', async () => {
    const simulation = await started();
    await later(simulation);
    simulation.azure.setSecret(VAULT, 'db', { value: 'secret-2' });
    await simulation.apply(spec, 'orders', { 'appconfig.dev/refresh': '1' });
    await simulation.until(() => simulation.secretData()['password'] === 'secret-2');
    await later(simulation);
    const before = simulation.binding()?.status;
    const tagged = { key: `${PREFIX}Beta`, value: '{"id":"Beta","enabled":true}', contentType: FLAG_TYPE };
    simulation.azure.set(ENDPOINT, { ...tagged, tags: { team: 'orders' } });
    await simulation.until(() => reads(simulation).length > 0, 2 * INTERVAL_MS);
    await simulation.clock.advance(INTERVAL_MS);
    expect(simulation.binding()?.status?.lastChangeTime).to.equal(before?.lastChangeTime);
    expect(simulation.binding()?.status?.flagSources).to.not.deep.equal(before?.flagSources);
  });

  it('trusts no file that someone has edited', async () => {
    const simulation = await started();
    await later(simulation);
    const object = simulation.configMap();
    if (object === undefined) throw new Error('no ConfigMap');
    const text = (object.data?.['settings.json'] ?? '').replace('blue', 'edited');
    setFlag(simulation, 'Beta', false);
    await simulation.cluster.admin.update(CONFIG_MAPS, { ...object, data: { 'settings.json': text } });
    await simulation.until(() => flags(simulation)[0].enabled === false, 2 * INTERVAL_MS);
    expect(file(simulation).color).to.equal('blue');
  });

  it('makes no write while nothing changes', async () => {
    const simulation = await started();
    await later(simulation);
    const before = [simulation.configMap(), simulation.binding()];
    await simulation.clock.advance(20 * INTERVAL_MS);
    expect([simulation.configMap(), simulation.binding()]).to.deep.equal(before);
    expect(reads(simulation).filter((call) => call === 'read flags')).to.deep.equal([]);
  });

  it('overrides flags by those of the environment, selector by selector', async () => {
    const simulation = await started({
      ...spec,
      environment: 'prod',
      featureFlags: { selectors: [{ key: 'Be*' }, { key: 'Alpha,Gamma', noLabel: true }] },
    });
    setFlag(simulation, 'Beta', false, 'prod');
    setFlag(simulation, 'Alpha', true);
    setFlag(simulation, 'Alpha', false, 'prod');
    setFlag(simulation, 'Other', true);
    await simulation.until(() => flags(simulation).length === 2, 2 * INTERVAL_MS);
    expect(flags(simulation)).to.deep.equal([
      { id: 'Alpha', enabled: true },
      { id: 'Beta', enabled: false },
    ]);
  });

  it('follows flags although sentinels guard the settings', async () => {
    const simulation = await started({ ...spec, refresh: { sentinels: [{ key: 'app:color' }] } });
    await later(simulation);
    simulation.azure.set(ENDPOINT, { key: 'app:size', value: 'L' });
    setFlag(simulation, 'Beta', false);
    await simulation.until(() => flags(simulation)[0].enabled === false, 2 * INTERVAL_MS);
    expect(file(simulation)).to.not.have.property('size');
    simulation.azure.set(ENDPOINT, { key: 'app:color', value: 'red' });
    await simulation.until(() => file(simulation).size === 'L', 2 * INTERVAL_MS);
    expect(file(simulation).color).to.equal('red');
  });

  it('reads everything when a sentinel is a flag that is selected, too', async () => {
    const simulation = await started({
      ...spec,
      featureFlags: { selectors: [{ key: 'Beta', noLabel: true }] },
      refresh: { sentinels: [{ key: `${PREFIX}Beta` }] },
    });
    await later(simulation);
    simulation.azure.set(ENDPOINT, { key: 'app:color', value: 'red' });
    setFlag(simulation, 'Beta', false);
    await simulation.until(() => file(simulation).color === 'red', 2 * INTERVAL_MS);
    expect(flags(simulation)).to.deep.equal([{ id: 'Beta', enabled: false }]);
  });

  it('takes those of a snapshot', async () => {
    const simulation = await started();
    simulation.azure.snapshot(ENDPOINT, 'release');
    setFlag(simulation, 'Beta', false);
    await simulation.apply({ ...spec, featureFlags: { selectors: [{ snapshot: 'release' }] } });
    await simulation.untilReady();
    await simulation.clock.advance(2 * INTERVAL_MS);
    expect(flags(simulation)).to.deep.equal([{ id: 'Beta', enabled: true }]);
  });

  it('can write a file of flags alone', async () => {
    const simulation = await started({
      ...spec,
      selectors: [],
      target: { configMap: { name: 'orders-config', format: 'Json' } },
    });
    expect(file(simulation)).to.deep.equal({
      feature_management: { feature_flags: [{ id: 'Beta', enabled: true }] },
    });
    expect([...new Set(asked(simulation))].sort()).to.deep.equal(['head flags', 'read flags']);
  });

  it('keeps the last value of a flag that is broken, names it, and follows the others', async () => {
    const simulation = await started();
    setFlag(simulation, 'Alpha', true);
    await simulation.until(() => flags(simulation).length === 2, 2 * INTERVAL_MS);
    await later(simulation);
    breakFlag(simulation, 'Beta');
    await simulation.untilReason('InvalidFeatureFlag', 'Warning');
    expect(simulation.condition('Warning')?.message).to.contain('feature flag "Beta" holds no JSON object');
    expect(simulation.condition('Ready')?.status).to.equal('True');
    setFlag(simulation, 'Alpha', false);
    simulation.azure.set(ENDPOINT, { key: 'app:color', value: 'red' });
    await simulation.until(() => file(simulation).color === 'red', 2 * INTERVAL_MS);
    expect(flags(simulation)).to.deep.equal([
      { id: 'Alpha', enabled: false },
      { id: 'Beta', enabled: true },
    ]);
    setFlag(simulation, 'Beta', false);
    await simulation.until(() => simulation.condition('Warning') === undefined, 2 * INTERVAL_MS);
    expect(flags(simulation)[1]).to.deep.equal({ id: 'Beta', enabled: false });
  });

  it('keeps the last value of a flag that is broken when the file gets another name or format', async () => {
    const layouts = [
      { format: 'Json', file: 'other.json' },
      { format: 'Yaml', file: 'other.json' },
      { format: 'Yaml' },
      { format: 'Json' },
    ] as const;
    for (const include of ['References', 'All'] as const) {
      const secret = { name: 'orders-secrets', format: 'Json', include } as const;
      const simulation = await started({ ...spec, target: { ...spec.target, secret } });
      breakFlag(simulation, 'Beta');
      await simulation.untilReason('InvalidFeatureFlag', 'Warning');
      for (const layout of layouts) {
        const configMap = { name: 'orders-config', separator: ':', ...layout };
        await simulation.apply({
          ...spec,
          target: { configMap, secret: { ...secret, ...layout } },
        });
        await simulation.untilReady();
        const texts = Object.values(simulation.configMap()?.data ?? {});
        if (include === 'All') texts.push(...Object.values(simulation.secretData()));
        const found = texts.map((text) => parse(text).feature_management);
        const expected = { feature_flags: [{ id: 'Beta', enabled: true }] };
        expect(found, JSON.stringify(layout)).to.deep.equal(texts.map(() => expected));
        expect(simulation.condition('Warning')?.reason).to.equal('InvalidFeatureFlag');
      }
    }
  });

  it('leaves out a flag that was never good, and starts all the same', async () => {
    const simulation = new Simulation();
    simulation.azure.set(ENDPOINT, { key: 'app:color', value: 'blue' });
    breakFlag(simulation, 'Beta');
    await simulation.apply(spec);
    simulation.start();
    await simulation.untilReady();
    expect(flags(simulation)).to.deep.equal([]);
    expect(simulation.condition('Warning')?.reason).to.equal('InvalidFeatureFlag');
    expect(simulation.binding()?.status?.featureFlags).to.equal(0);
  });

  it('keeps the file when no flag is left in the store, unless allowEmpty says otherwise', async () => {
    const simulation = await started();
    await later(simulation);
    const before = simulation.configMap();
    simulation.azure.delete(ENDPOINT, `${PREFIX}Beta`);
    await simulation.untilReason('EmptySelection');
    expect(simulation.condition('Ready')?.message).to.contain('no feature flag of');
    expect(simulation.configMap()).to.deep.equal(before);
    await simulation.apply({ ...spec, allowEmpty: true });
    await simulation.untilReady();
    expect(flags(simulation)).to.deep.equal([]);
  });

  it('names a setting that stands in the place of the flags', async () => {
    const simulation = await started();
    simulation.azure.set(ENDPOINT, { key: 'app:feature_management:x', value: '1' });
    await simulation.untilReason('HierarchyConflict');
    expect(simulation.condition('Ready')?.message).to.contain('"feature_management:x"');
    expect(flags(simulation)).to.deep.equal([{ id: 'Beta', enabled: true }]);
  });

  it('says so when no flag carries the environment of a file of flags alone', async () => {
    const simulation = await started({
      ...spec,
      selectors: [],
      environment: 'prdo',
      target: { configMap: { name: 'orders-config', format: 'Json' } },
    });
    await simulation.untilReason('EnvironmentUnmatched', 'Warning');
    expect(simulation.condition('Warning')?.message).to.contain('no feature flag carries the label "prdo"');
  });

  it('holds what the store holds after any story of edits, whichever way was taken (property)', async () => {
    const ids = fc.constantFrom('Alpha', 'Beta');
    const step = fc.oneof(
      fc.record({ do: fc.constant('flag' as const), id: ids, enabled: fc.boolean() }),
      fc.record({ do: fc.constant('flag' as const), id: ids, enabled: fc.boolean() }),
      fc.record({ do: fc.constant('setting' as const), value: fc.constantFrom('red', 'green', 'blue') }),
      fc.record({ do: fc.constant('edit' as const) }),
      fc.record({
        do: fc.constant('crash' as const),
        write: fc.nat(2),
        when: fc.constantFrom('before', 'after'),
      }),
      fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(10, 5_000, 40_000, 200_000) }),
    );
    const story = fc.array(step, { minLength: 3, maxLength: 14 });
    const both = fc.constantFrom<BindingSpec>(spec, everything, {
      ...everything,
      target: { ...spec.target, ...everything.target },
    });
    let alone = 0;
    const property = fc.asyncProperty(both, story, async (given, steps) => {
      const simulation = await started(given);
      const wanted = { color: 'blue', flags: new Map([['Beta', true]]) };
      for (const one of steps) {
        if (one.do === 'flag') wanted.flags.set(one.id, one.enabled);
        if (one.do === 'flag') setFlag(simulation, one.id, one.enabled);
        if (one.do === 'setting') wanted.color = one.value;
        if (one.do === 'setting') simulation.azure.set(ENDPOINT, { key: 'app:color', value: one.value });
        if (one.do === 'edit') await editTargets(simulation);
        if (one.do === 'crash') crash(simulation, one.write, one.when);
        simulation.azure.calls.length = 0;
        await simulation.clock.advance(one.do === 'pass' ? one.ms : 20);
        if (reads(simulation).join() === 'read flags') alone += 1;
      }
      simulation.client?.kill();
      simulation.start();
      await simulation.clock.advance(600_000);
      const feature_flags = [...wanted.flags].sort().map(([id, enabled]) => ({ id, enabled }));
      const expected = { color: wanted.color, feature_management: { feature_flags } };
      if (given.target.configMap) expect(file(simulation)).to.deep.equal(expected);
      if (given.target.secret?.include === 'All')
        expect(parse(secretFile(simulation))).to.deep.equal({ ...expected, password: 'secret-1' });
    });
    await fc.assert(property, { numRuns: 60 });
    expect(alone, 'flags read alone').to.be.greaterThan(0);
  });

  it('restarts a workload that reads the file only at its start', async () => {
    const simulation = await started();
    const mount = { name: 'v', mountPath: '/app/settings.json', subPath: 'settings.json' };
    await simulation.addDeployment('orders', {
      containers: [{ name: 'app', image: 'app', volumeMounts: [mount] }],
      volumes: [{ name: 'v', configMap: { name: 'orders-config' } }],
    });
    await simulation.until(() => simulation.binding()?.status?.rollout === '1/1');
    await later(simulation);
    setFlag(simulation, 'Beta', false);
    await simulation.until(() => simulation.events.some(({ reason }) => reason === 'Restarted'));
    expect(reads(simulation)).to.deep.equal(['read flags']);
    expect(simulation.configMap()?.metadata.namespace).to.equal(NAMESPACE);
  });
});
