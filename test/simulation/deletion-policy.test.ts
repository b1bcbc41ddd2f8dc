import { expect } from 'chai';
import type { AppConfigBinding, BindingSpec } from '../../src/api/schema.ts';
import type { Verdict } from '../support/memory-cluster/faults.ts';
import {
  type ClusterCall,
  CONFIG_MAPS,
  crashAtWrite,
  failWith,
  type Interceptor,
  SECRETS,
} from '../support/memory-cluster/index.ts';
import {
  baseSpec,
  CLIENT_ID,
  ENDPOINT,
  NAMESPACE,
  Simulation,
  STORE_HOST,
  VAULT,
} from '../support/simulation.ts';

/** The deletion policy counts as it stands in the spec, whether or not a pass comes as far as the targets. */

type Policy = 'Delete' | 'Retain';

const withPolicy = (deletionPolicy: Policy, more: Partial<BindingSpec> = {}): BindingSpec => ({
  ...baseSpec,
  ...more,
  target: { ...baseSpec.target, deletionPolicy },
});

async function synced(policy: Policy, intercept?: Interceptor): Promise<Simulation> {
  const simulation = new Simulation();
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  simulation.azure.setSecret(VAULT, 'db', { value: 's3cret' });
  simulation.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
  await simulation.apply(withPolicy(policy));
  simulation.start(intercept);
  await simulation.untilReady();
  return simulation;
}

const SUSPENDED = { suspend: true };

/** What keeps a pass from coming to the targets; gives what of the spec changes with the policy. */
const OBSTACLES: Readonly<Record<string, (simulation: Simulation) => Promise<Partial<BindingSpec>>>> = {
  'its role was taken away': async (simulation) => {
    simulation.azure.revoke(CLIENT_ID, STORE_HOST);
    await simulation.untilReason('StoreForbidden');
    return {};
  },
  'nothing is selected any more': async (simulation) => {
    for (const key of ['color', 'password']) simulation.azure.delete(ENDPOINT, key);
    await simulation.untilReason('EmptySelection');
    return {};
  },
  'the store lies under no known domain': async () => ({
    store: { endpoint: 'https://contoso.example.com' },
  }),
  'it is suspended in the same edit': async () => SUSPENDED,
  'it was suspended before': async (simulation) => {
    const { deletionPolicy = 'Delete' } = simulation.binding()?.spec?.target ?? {};
    await simulation.apply(withPolicy(deletionPolicy, SUSPENDED));
    await simulation.clock.advance(60_000);
    return SUSPENDED;
  },
};

const targets = (simulation: Simulation) => [simulation.configMap(), simulation.secret()];

const owners = (simulation: Simulation) =>
  targets(simulation).map((target) => target?.metadata.ownerReferences?.map(({ name }) => name) ?? []);

const records = (simulation: Simulation) =>
  (simulation.binding()?.status?.targets ?? []).map(({ resourceVersion }) => resourceVersion);

const policies = (simulation: Simulation) =>
  (simulation.binding()?.status?.targets ?? []).map(({ deletionPolicy }) => deletionPolicy);

/** An older CRD: the API server drops what is not in it. */
function withOlderCrd(simulation: Simulation): void {
  simulation.cluster.database.pruned = (object) => {
    const { status } = object as AppConfigBinding;
    if (status?.targets === undefined) return object;
    const targets = status.targets.map(({ deletionPolicy: _, ...kept }) => kept);
    return { ...object, status: { ...status, targets } };
  };
}

/** What is asked before, and after, targets are read for it. */
const isForPolicy = ({ verb, resource }: ClusterCall): boolean =>
  (verb === 'get' && resource === 'appconfigbindings') || resource === 'appconfigbindings/status';

const olderCrd = ({ logger }: Simulation) =>
  logger.lines.filter(({ message }) => message.includes('the CRD is older than the operator'));

describe('a change of the deletion policy', () => {
  for (const [obstacle, meet] of Object.entries(OBSTACLES)) {
    it(`to Retain lets the targets outlive the binding, although ${obstacle}`, async () => {
      const simulation = await synced('Delete');
      await simulation.apply(withPolicy('Retain', await meet(simulation)));
      await simulation.clock.advance(60_000);
      await simulation.deleteBinding();
      expect(simulation.configMap()?.data).to.deep.equal({ color: 'blue' });
      expect(simulation.secretData()).to.deep.equal({ password: 's3cret' });
    });

    it(`to Delete takes the targets along with the binding, although ${obstacle}`, async () => {
      const simulation = await synced('Retain');
      await simulation.apply(withPolicy('Delete', await meet(simulation)));
      await simulation.clock.advance(60_000);
      await simulation.deleteBinding();
      expect(targets(simulation)).to.deep.equal([undefined, undefined]);
    });
  }

  it('counts before the store has answered', async () => {
    const simulation = await synced('Delete');
    await simulation.stop();
    simulation.azure.delay = () => new Promise(() => undefined);
    await simulation.apply(withPolicy('Retain'));
    simulation.start();
    await simulation.clock.advance(1_000);
    expect(owners(simulation)).to.deep.equal([[], []]);
  });

  it('is followed once, and then nothing is asked or written for it', async () => {
    const calls: ClusterCall[] = [];
    const simulation = await synced('Delete', (call) => {
      if (call.resource !== 'leases' && call.verb !== 'watch') calls.push(call);
      return 'proceed';
    });
    await simulation.apply(withPolicy('Retain', SUSPENDED));
    await simulation.clock.advance(60_000);
    calls.length = 0;
    await simulation.clock.advance(3_600_000);
    await simulation.apply({ ...withPolicy('Retain', SUSPENDED), allowEmpty: true });
    await simulation.clock.advance(60_000);
    expect(calls.map(({ verb, resource }) => `${verb} ${resource}`)).to.deep.equal([
      'patch appconfigbindings/status',
    ]);
  });

  it('is followed once by each process where the CRD does not know the record', async () => {
    const calls: ClusterCall[] = [];
    const intercept: Interceptor = (call) => {
      calls.push(call);
      return 'proceed';
    };
    const simulation = await synced('Delete', intercept);
    withOlderCrd(simulation);
    await simulation.apply(withPolicy('Retain'));
    await simulation.untilReady();
    for (const process of ['the one that saw the change', 'the next one']) {
      await simulation.clock.advance(60_000);
      expect(owners(simulation)).to.deep.equal([[], []]);
      expect(policies(simulation)).to.deep.equal([undefined, undefined]);
      calls.length = 0;
      await simulation.clock.advance(3_600_000);
      expect(calls.filter(isForPolicy), process).to.deep.equal([]);
      expect(olderCrd(simulation), process).to.have.length(1);
      simulation.logger.lines.length = 0;
      await simulation.stop();
      simulation.start(intercept);
    }
  });

  it('back to Delete counts before anything is read where the CRD does not know the record, too', async () => {
    const simulation = await synced('Delete');
    withOlderCrd(simulation);
    simulation.azure.revoke(CLIENT_ID, STORE_HOST);
    await simulation.untilReason('StoreForbidden');
    for (const policy of ['Retain', 'Delete', 'Retain'] as const) {
      await simulation.apply(withPolicy(policy));
      await simulation.clock.advance(60_000);
      const wanted = policy === 'Retain' ? [] : ['orders'];
      expect(owners(simulation)).to.deep.equal([wanted, wanted]);
    }
  });

  it('is followed as it stands when it goes back before it was recorded', async () => {
    let goesBack = false;
    const simulation: Simulation = await synced('Delete', async ({ resource, write }): Promise<Verdict> => {
      if (!goesBack || resource !== 'appconfigbindings/status' || write === undefined) return 'proceed';
      goesBack = false;
      expect(owners(simulation)).to.deep.equal([[], []]);
      await simulation.apply(withPolicy('Delete', SUSPENDED));
      return 'proceed';
    });
    await simulation.apply(withPolicy('Delete', SUSPENDED));
    await simulation.clock.advance(60_000);
    goesBack = true;
    await simulation.apply(withPolicy('Retain', SUSPENDED));
    await simulation.clock.advance(600_000);
    expect(goesBack).to.equal(false);
    expect(owners(simulation)).to.deep.equal([['orders'], ['orders']]);
  });

  it('is recorded by the next process once the CRD knows the record', async () => {
    const simulation = await synced('Delete');
    const { database } = simulation.cluster;
    const known = database.pruned;
    withOlderCrd(simulation);
    await simulation.apply(withPolicy('Retain'));
    await simulation.clock.advance(60_000);
    expect(policies(simulation)).to.deep.equal([undefined, undefined]);
    database.pruned = known;
    await simulation.stop();
    simulation.start();
    await simulation.clock.advance(60_000);
    expect(policies(simulation)).to.deep.equal(['Retain', 'Retain']);
  });

  it('is no edit by someone else, and no change of content', async () => {
    const simulation = await synced('Delete');
    const changedAt = () =>
      targets(simulation).map((target) => target?.metadata.annotations?.['appconfig.dev/changed-at']);
    const before = changedAt();
    await simulation.apply(withPolicy('Retain', SUSPENDED));
    await simulation.clock.advance(60_000);
    expect(records(simulation)).to.have.members(
      targets(simulation).map((target) => target?.metadata.resourceVersion),
    );
    await simulation.apply(withPolicy('Retain'));
    await simulation.untilReady();
    expect(changedAt()).to.deep.equal(before);
    expect(simulation.events.map(({ reason }) => reason)).to.not.include('TargetRepaired');
  });

  it('does not hide what someone else wrote meanwhile', async () => {
    const simulation = await synced('Delete');
    await simulation.apply(withPolicy('Delete', SUSPENDED));
    await simulation.clock.advance(60_000);
    const ref = { type: CONFIG_MAPS, namespace: NAMESPACE, name: 'orders-config' };
    await simulation.cluster.admin.mergePatch(ref, { data: { color: 'red' } });
    await simulation.apply(withPolicy('Retain', SUSPENDED));
    await simulation.clock.advance(60_000);
    expect(owners(simulation)).to.deep.equal([[], []]);
    expect(simulation.configMap()?.data).to.deep.equal({ color: 'red' });
    await simulation.apply(withPolicy('Retain'));
    await simulation.untilReady();
    expect(simulation.configMap()?.data).to.deep.equal({ color: 'blue' });
  });

  it('leaves what is not the binding’s: references to other owners, and an object in the place of a target', async () => {
    const simulation = await synced('Delete');
    const { admin } = simulation.cluster;
    await simulation.apply(withPolicy('Delete', SUSPENDED));
    await simulation.clock.advance(60_000);
    await admin.create(CONFIG_MAPS, { metadata: { namespace: NAMESPACE, name: 'parent' } });
    const uid = simulation.configMap('parent')?.metadata.uid ?? '';
    const parent = { apiVersion: 'v1', kind: 'ConfigMap', name: 'parent', uid };
    const ownerReferences = [parent, ...(simulation.configMap()?.metadata.ownerReferences ?? [])];
    const ref = { type: CONFIG_MAPS, namespace: NAMESPACE, name: 'orders-config' };
    await admin.mergePatch(ref, { metadata: { ownerReferences } });
    await admin.delete({ type: SECRETS, namespace: NAMESPACE, name: 'orders-secrets' });
    await admin.create(SECRETS, { metadata: { namespace: NAMESPACE, name: 'orders-secrets' } });
    const foreign = simulation.secret();
    await simulation.apply(withPolicy('Retain', SUSPENDED));
    await simulation.clock.advance(60_000);
    expect(owners(simulation)).to.deep.equal([['parent'], []]);
    expect(simulation.secret()).to.deep.equal(foreign);
  });

  it('that the API server refuses is told, and tried again', async () => {
    let refuses = false;
    const denied = failWith({ kind: 'status', code: 403, reason: 'Forbidden', causes: [] });
    const simulation = await synced('Delete', ({ verb, resource }) =>
      refuses && verb === 'update' && resource === 'secrets' ? denied : 'proceed',
    );
    refuses = true;
    await simulation.apply(withPolicy('Retain', SUSPENDED));
    await simulation.untilReason('KubernetesDenied', 'Stalled');
    refuses = false;
    await simulation.untilReason('Suspended', 'Warning');
    expect(owners(simulation)).to.deep.equal([[], []]);
  });
});

/** Settled under one policy; then the store is closed and the policy changes, and the operator dies at its n-th write. */
async function crashed(n: number, when: 'before' | 'after', from: Policy, to: Policy): Promise<boolean> {
  const simulation = await synced(from);
  simulation.azure.revoke(CLIENT_ID, STORE_HOST);
  await simulation.untilReason('StoreForbidden');
  simulation.client?.kill();
  const crash = crashAtWrite(n, when);
  let died = false;
  simulation.start((call) => {
    const verdict = crash(call);
    if (verdict !== 'proceed') {
      died = true;
      simulation.clock.setTimer(1_000, () => simulation.start());
    }
    return verdict;
  });
  await simulation.apply(withPolicy(to));
  await simulation.clock.advance(120_000);
  const wanted = to === 'Retain' ? [] : ['orders'];
  expect(owners(simulation), `${to}, ${when} write ${n}`).to.deep.equal([wanted, wanted]);
  simulation.azure.grant(CLIENT_ID, STORE_HOST);
  await simulation.untilReady();
  expect(simulation.events.map(({ reason }) => reason)).to.not.include('TargetRepaired');
  return died;
}

describe('a crash of the operator while the deletion policy changes', () => {
  for (const [from, to] of [
    ['Delete', 'Retain'],
    ['Retain', 'Delete'],
  ] as const)
    it(`to ${to} is made good by the next one`, async () => {
      let deaths = 0;
      for (const when of ['before', 'after'] as const)
        for (let n = 0; await crashed(n, when, from, to); n += 1) deaths += 1;
      expect(deaths).to.be.greaterThan(6);
    });
});
