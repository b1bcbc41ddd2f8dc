import { expect } from 'chai';
import { denialOf } from '../../src/reconcile/steps/denial.ts';
import { DEPLOYMENTS, failWith } from '../support/memory-cluster/index.ts';
import { change, container, generationOf, running, usesKey } from '../support/rollouts.ts';
import { baseSpec, ENDPOINT, NAMESPACE, type Simulation, VAULT } from '../support/simulation.ts';

const everything = container({ envFrom: [{ configMapRef: { name: 'orders-config' } }] });
const OPT_OUT = 'appconfig.dev/restart';

const statusOf = (simulation: Simulation) => simulation.binding()?.status ?? {};
const toldOf = (simulation: Simulation, name: string) =>
  statusOf(simulation).rollouts?.find((rollout) => rollout.name === name);
const complete = (simulation: Simulation) => simulation.condition('RolloutsComplete');
const annotate = (simulation: Simulation, value: string | null) =>
  simulation.cluster.admin.mergePatch(
    { type: DEPLOYMENTS, namespace: NAMESPACE, name: 'web' },
    { metadata: { annotations: { [OPT_OUT]: value } } },
  );

describe('what the status claims about workloads', () => {
  it('is never that one which opted out runs with the current content', async () => {
    const simulation = await running((it) => it.addDeployment('web', everything, { [OPT_OUT]: 'false' }));
    await change(simulation, 'color', 'green');
    await simulation.clock.advance(600_000);
    expect(generationOf(simulation, 'web')).to.equal(1);
    expect(toldOf(simulation, 'web')).to.include({ phase: 'OptedOut' });
    expect(statusOf(simulation).rollout).to.equal('0/0');
    const { status, reason, message } = complete(simulation) ?? {};
    expect([status, reason]).to.deep.equal(['True', 'NoRestartNeeded']);
    expect(message).to.equal('nothing is restarted: Deployment web opted out of restarts');
  });

  it('counts only the others beside one that opted out, and names that', async () => {
    const simulation = await running(async (it) => {
      await it.addDeployment('api', everything);
      await it.addDeployment('web', everything, { [OPT_OUT]: 'false' });
    });
    await change(simulation, 'color', 'green');
    expect(statusOf(simulation).rollout).to.equal('0/1');
    await simulation.completeRollouts('api');
    await simulation.until(() => statusOf(simulation).rollout === '1/1', 60_000);
    expect(complete(simulation)).to.include({
      status: 'True',
      reason: 'Completed',
      message: '1 of 1 workloads run with the current content; Deployment web opted out of restarts',
    });
    expect(simulation.deployment('web')?.metadata.generation).to.equal(1);
  });

  it('follows a restart to its end that was made before its workload opted out, and forgets the wish with it', async () => {
    const simulation = await running((it) => it.addDeployment('web', everything));
    await change(simulation, 'color', 'green');
    await annotate(simulation, 'false');
    await simulation.clock.advance(600_000);
    expect(toldOf(simulation, 'web')?.phase).to.equal('Progressing');
    expect(complete(simulation)?.reason).to.equal('RolloutsProgressing');
    await simulation.completeRollouts('web');
    await simulation.clock.advance(900_000);
    expect(toldOf(simulation, 'web')?.phase).to.equal('OptedOut');
    await annotate(simulation, null);
    await simulation.clock.advance(900_000);
    expect(toldOf(simulation, 'web')?.phase).to.equal('Complete');
    expect(generationOf(simulation, 'web')).to.equal(2);
  });

  it('is that a restart waits while a reference has no value, and only for workloads that need it', async () => {
    const simulation = await running(async (it) => {
      await it.addDeployment('web', everything);
      await it.addDeployment(
        'size',
        container({
          env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'orders-config', key: 'size' } } }],
        }),
      );
      it.azure.setSecret(VAULT, 'db', { value: 's3cret' });
      it.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
    });
    const recorded = statusOf(simulation).restarts;
    simulation.azure.setReference(ENDPOINT, 'token', { vault: VAULT, name: 'none' });
    await simulation.untilReason('SecretNotFound');
    expect(complete(simulation)).to.include({ status: 'True', reason: 'Completed' });
    await change(simulation, 'color', 'green');
    expect(toldOf(simulation, 'web')).to.include({
      phase: 'Pending',
      message: 'waits until every reference has a value',
    });
    expect(toldOf(simulation, 'size')?.phase).to.equal('Complete');
    expect(statusOf(simulation).rollout).to.equal('1/2');
    expect(complete(simulation)).to.include({ status: 'False', reason: 'RolloutsProgressing' });
    const writes = simulation.cluster.changes().length;
    await simulation.clock.advance(3_600_000);
    expect(simulation.cluster.changes().length).to.equal(writes);
    expect(statusOf(simulation).restarts).to.deep.equal(recorded);
    simulation.azure.setSecret(VAULT, 'none', { value: 'there' });
    await simulation.until(() => generationOf(simulation, 'web') === 2, 900_000);
    expect(generationOf(simulation, 'size')).to.equal(1);
  });

  it('is that a restart waits which the API server refuses, with what is in the way', async () => {
    const obstacle = { kind: 'policy', name: 'no-annotations' } as const;
    const refusal = { kind: 'status', code: 422, reason: 'Invalid', causes: [], obstacle } as const;
    const simulation = await running(
      (it) => it.addDeployment('web', everything),
      baseSpec,
      [],
      (call) => (call.resource === 'deployments' && call.write !== undefined ? failWith(refusal) : 'proceed'),
    );
    await change(simulation, 'color', 'green');
    const { reason, message = '' } = complete(simulation) ?? {};
    expect(reason).to.equal('RestartDenied');
    expect(message).to.include('Deployment/web: ValidatingAdmissionPolicy no-annotations is in the way');
    expect(message).not.to.include('rollouts.enabled');
    expect(toldOf(simulation, 'web')?.phase).to.equal('Pending');
    expect(toldOf(simulation, 'web')?.message).to.include(denialOf(refusal));
    expect(statusOf(simulation).rollout).to.equal('0/1');
  });

  it('is not that what is refused only takes its time, while the rollout of another is followed', async () => {
    const refusal = { kind: 'status', code: 403, reason: 'Forbidden', causes: [] } as const;
    const simulation = await running(
      async (it) => {
        for (const name of ['api', 'web']) await it.addDeployment(name, everything);
      },
      { ...baseSpec, rollout: { maxConcurrent: 2 } },
      [],
      ({ resource, name, write }) =>
        resource === 'deployments' && name === 'web' && write !== undefined ? failWith(refusal) : 'proceed',
    );
    await change(simulation, 'color', 'green');
    await simulation.clock.advance(600_000);
    expect(complete(simulation)).to.include({ status: 'False', reason: 'RestartDenied' });
    await simulation.completeRollouts('api');
    await simulation.until(() => toldOf(simulation, 'api')?.phase === 'Complete', 60_000);
    expect(complete(simulation)).to.include({ status: 'False', reason: 'RestartDenied' });
    const told = simulation.events.filter(({ reason }) => reason === 'RestartDenied');
    expect(told.length).to.equal(1);
  });

  it('is that one waits whose webhook is away, which holds up no other, until it is back', async () => {
    const obstacle = { kind: 'unreachable-webhook', name: 'guard.example' } as const;
    const away = { kind: 'status', code: 500, reason: 'InternalError', causes: [], obstacle } as const;
    const guarded = { away: true };
    const simulation = await running(
      async (it) => {
        for (const name of ['api', 'web', 'zoo']) await it.addDeployment(name, everything);
      },
      { ...baseSpec, rollout: { maxConcurrent: 3 } },
      [],
      ({ resource, name, write }) =>
        guarded.away && resource === 'deployments' && name === 'web' && write !== undefined
          ? failWith(away)
          : 'proceed',
    );
    await change(simulation, 'color', 'green');
    const generations = () => ['api', 'web', 'zoo'].map((name) => generationOf(simulation, name));
    expect(generations()).to.deep.equal([2, 1, 2]);
    expect(complete(simulation)?.reason).to.equal('RestartDenied');
    expect(toldOf(simulation, 'web')?.message).to.include('admission webhook guard.example');
    const restarted = simulation.events.filter(({ reason }) => reason === 'Restarted');
    expect(restarted.length).to.equal(1);
    expect(restarted[0]?.note).to.include('restarted Deployment api and Deployment zoo');
    guarded.away = false;
    await simulation.until(() => generationOf(simulation, 'web') === 2, 60_000);
    for (const name of ['api', 'web', 'zoo']) await simulation.completeRollouts(name);
    await simulation.untilReason('Completed', 'RolloutsComplete');
    expect(generations()).to.deep.equal([2, 2, 2]);
  });

  it('is not for long that workloads could not be looked at, however rarely settings are read', async () => {
    const list = { broken: false };
    const away = { kind: 'status', code: 503, reason: 'ServiceUnavailable', causes: [] } as const;
    const daily = { ...baseSpec, refresh: { interval: '24h' } };
    const simulation = await running(
      (it) => it.addDeployment('web', everything),
      daily,
      [],
      ({ verb, resource }) =>
        list.broken && verb === 'list' && resource === 'deployments' ? failWith(away) : 'proceed',
    );
    list.broken = true;
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    await simulation.apply(daily, 'orders', { 'appconfig.dev/refresh': '1' });
    await simulation.untilReason('KubernetesUnavailable', 'RolloutsComplete');
    list.broken = false;
    await simulation.until(() => generationOf(simulation, 'web') === 2, 600_000);
  });

  it('is that a restart waits for its time, and no longer because another one met trouble', async () => {
    const patch = { broken: false };
    const away = { kind: 'status', code: 503, reason: 'ServiceUnavailable', causes: [] } as const;
    const daily = { ...baseSpec, refresh: { interval: '24h' }, rollout: { maxConcurrent: 2 } };
    const simulation = await running(
      async (it) => {
        await it.addDeployment('web', everything);
        await it.addDeployment('zoo', usesKey('size'));
      },
      daily,
      [],
      ({ resource, name, write }) =>
        patch.broken && resource === 'deployments' && name === 'zoo' && write !== undefined
          ? failWith(away)
          : 'proceed',
    );
    const changed = async (key: string, value: string, refresh: string) => {
      simulation.azure.set(ENDPOINT, { key, value });
      await simulation.apply(daily, 'orders', { 'appconfig.dev/refresh': refresh });
      await simulation.until(() => statusOf(simulation).lastHandledRefresh === refresh, 60_000);
    };
    await changed('color', 'green', '1');
    expect(generationOf(simulation, 'web')).to.equal(2);
    await simulation.completeRollouts('web');
    patch.broken = true;
    await changed('size', 'huge', '2');
    await simulation.untilReason('KubernetesUnavailable', 'RolloutsComplete');
    await simulation.until(() => generationOf(simulation, 'web') === 3, 90_000);
  });

  it('is what was restarted before the API server was in trouble, and that the rest waits', async () => {
    const overload = { broken: true };
    const busy = {
      kind: 'status',
      code: 429,
      reason: 'TooManyRequests',
      causes: [],
      retryAfterMs: 90_000,
    } as const;
    const simulation = await running(
      async (it) => {
        for (const name of ['api', 'web', 'zoo']) await it.addDeployment(name, everything);
      },
      { ...baseSpec, rollout: { maxConcurrent: 3 } },
      [],
      ({ resource, name, write }) =>
        overload.broken && resource === 'deployments' && name === 'web' && write !== undefined
          ? failWith(busy)
          : 'proceed',
    );
    const patches = () => simulation.cluster.changes().filter(({ resource }) => resource === 'deployments');
    const before = patches().length;
    await change(simulation, 'color', 'green');
    expect(
      patches()
        .slice(before)
        .map(({ name }) => name),
    ).to.deep.equal(['api']);
    expect(simulation.events.some(({ reason }) => reason === 'KubernetesUnavailable')).to.equal(true);
    expect(complete(simulation)?.status).to.equal('False');
    expect(toldOf(simulation, 'api')?.restartedAt).not.to.equal(undefined);
    for (const name of ['web', 'zoo']) expect(toldOf(simulation, name)?.phase, name).to.equal('Pending');
    expect(simulation.events.filter(({ reason }) => reason === 'Restarted').length).to.equal(1);
    overload.broken = false;
    await simulation.clock.advance(80_000);
    expect(generationOf(simulation, 'web')).to.equal(1);
    await simulation.until(() => generationOf(simulation, 'zoo') === 2, 60_000);
    expect(['api', 'web'].map((name) => generationOf(simulation, name))).to.deep.equal([2, 2]);
  });

  for (const [who, spec, flags] of [
    ['the binding', { ...baseSpec, rollout: { restart: 'Never' } }, []],
    ['the operator', baseSpec, ['--rollouts-enabled=false']],
  ] as const)
    it(`is never that one runs with the current content which ${who} may not restart, when its own rollout ends`, async () => {
      const simulation = await running((it) => it.addDeployment('web', everything), spec, [...flags]);
      await change(simulation, 'color', 'green');
      const web = { type: DEPLOYMENTS, namespace: NAMESPACE, name: 'web' };
      await simulation.cluster.admin.mergePatch(web, { spec: { replicas: 2 } });
      await simulation.until(() => toldOf(simulation, 'web')?.phase === 'Progressing');
      await simulation.cluster.admin.mergePatch(web, { spec: { replicas: 1 } });
      await simulation.completeRollouts('web');
      await simulation.until(() => toldOf(simulation, 'web')?.phase === 'Complete', 60_000);
      expect(complete(simulation)).to.include({ status: 'True', reason: 'RolloutsDisabled' });
    });
});
