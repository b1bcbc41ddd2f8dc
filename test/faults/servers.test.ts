import { expect } from 'chai';
import { isWrite } from '../../dev/cluster/audit.ts';
import type { SecondServer } from '../../dev/cluster/second-server.ts';
import { startTunnel, type Tunnel } from '../../dev/cluster/tunnel.ts';
import { type ApiProxy, startApiProxy } from '../support/real/api-proxy.ts';
import { pathOf, type SeenObject } from '../support/real/objects.ts';
import {
  type Installation,
  install,
  kubeconfigFor,
  type OperatorProcess,
  startOperator,
} from '../support/real/operator.ts';
import { forgetBindings } from '../support/real/running.ts';
import { countSteps } from '../support/real/steps.ts';
import { BINDING, CONFIG_MAP, SECRET, syncedTeam, type Team } from '../support/real/team.ts';
import { reader, restartComplete, type SeenWorkload } from '../support/real/workloads.ts';
import { STARTUP_MS, startWorld, stopWorld, type World } from '../support/real/world.ts';

/** Two API servers on one etcd; a test may freeze either, make one lag behind, or kill one. */
describe('an operator among several API servers', function () {
  this.timeout(180_000);
  let world: World;
  let second: SecondServer;
  let place: Installation;
  const operators: OperatorProcess[] = [];
  const tunnels: (Tunnel | ApiProxy)[] = [];

  before(async function () {
    this.timeout(STARTUP_MS);
    world = await startWorld({ name: 'two-servers' });
    second = await world.cluster.startSecondServer();
  });
  after(async function () {
    this.timeout(60_000);
    if (world !== undefined) await stopWorld(world);
  });
  beforeEach(async () => {
    place = await install(world);
  });
  afterEach(async () => {
    second.etcd.thaw();
    await Promise.all(operators.splice(0).map((operator) => operator.kill()));
    await Promise.all(tunnels.splice(0).map((tunnel) => tunnel.stop()));
    await forgetBindings(world);
  });

  const start = async (kubeconfig?: string): Promise<OperatorProcess> => {
    const operator = await startOperator(place, kubeconfig === undefined ? {} : { kubeconfig });
    operators.push(operator);
    await operator.untilReady();
    return operator;
  };
  /** An operator behind a connection that can be frozen. */
  const startBehindTunnel = async (): Promise<{ operator: OperatorProcess; tunnel: Tunnel }> => {
    const { caPem, port } = world.cluster;
    const tunnel = await startTunnel({ port: 0 }, { port });
    tunnels.push(tunnel);
    const url = `https://127.0.0.1:${tunnel.port}`;
    const operator = await start(await kubeconfigFor(place, { url, caPem }));
    return { operator, tunnel };
  };
  const team = (operator: OperatorProcess): Promise<Team> => syncedTeam(world, { operator: () => operator });
  const color = (of: Team, value: string) => async () => (await of.configMap())?.data?.['color'] === value;
  const passes = (operator: OperatorProcess) => operator.metric('reconcile_total{outcome="requeueAfter"}');
  /** Waits until `operator` has looked at its bindings `more` times and found that it may rest. */
  const untilPassed = async (of: Team, operator: OperatorProcess, more: number): Promise<void> => {
    const seen = await passes(operator);
    await of.until('more passes', async () => (await passes(operator)) >= seen + more, 60_000);
  };
  const told = async (operator: OperatorProcess, message: string): Promise<number> =>
    (await operator.log()).filter((line) => line.message === message).length;
  /** Those that were done: one that was stuck on its way may arrive late, and is refused for its old version. */
  const writesSince = async (since: string): Promise<readonly string[]> => {
    const writes = await world.cluster.auditEvents(
      (event) =>
        event.requestReceivedTimestamp > since &&
        isWrite(event) &&
        (event.responseStatus?.code ?? 0) < 300 &&
        (event.user.username ?? '').startsWith(`system:serviceaccount:${place.namespace}:`) &&
        event.objectRef?.resource !== 'leases' &&
        event.objectRef?.subresource !== 'token',
    );
    return writes.map(({ verb, requestURI }) => `${verb} ${requestURI}`);
  };

  it('that takes over with copies from one that lags writes nothing old over new, and restarts nothing twice', async () => {
    const leader = await start();
    await leader.untilLeading();
    const proxy = await startApiProxy(world.cluster);
    tunnels.push(proxy);
    proxy.routeWatches(second.port);
    const follower = await start(await kubeconfigFor(place, proxy));
    const crew = await team(leader);
    await crew.set('size', 'large');
    await crew.kubectl(['apply', '-f', '-'], reader('Deployment', 'web'));
    const atRest = async (keys: readonly string[]) => {
      const data = Object.keys((await crew.configMap())?.data ?? {});
      return data.sort().join() === keys.join() && (await crew.status()).rollout === '1/1';
    };
    await crew.until('both keys', () => atRest(['color', 'size']), 60_000);
    await crew.untilCondition('RolloutsComplete', 'True', 'Completed');
    await lagging(crew);

    second.etcd.freeze();
    const web = () => crew.objects.get<SeenWorkload>('deployments', crew.namespace, 'web');
    const before = (await web())?.metadata.generation ?? 0;
    // Perhaps the new key restarted it a moment ago: this restart is not to wait for the minimum interval.
    await crew.edit({
      selectors: [{ key: 'size' }, { key: 'password' }],
      rollout: { minInterval: '0s' },
    });
    await crew.until('the newer spec to be followed', () => atRest(['size']), 60_000);
    await crew.untilReady();
    await crew.until('the restart', async () => (await web())?.metadata.generation === before + 1);
    await restartComplete(crew, 'web');
    await leader.terminate();
    const steps = countSteps(crew, ['configmaps', 'secrets']);
    await follower.untilLeading();
    await untilPassed(crew, follower, 2);
    expect((await crew.configMap())?.data).to.deep.equal({ size: 'large' });
    expect((await web())?.metadata.generation).to.equal(before + 1);
    // Each target is seen once as it stands, and never in another version.
    expect(await steps.stop()).to.deep.equal({ [CONFIG_MAP]: 1, [SECRET]: 1 });

    second.etcd.thaw();
    await crew.edit({ selectors: [{ key: 'color' }, { key: 'password' }] });
    await crew.until('the next spec to be followed', color(crew, 'blue'), 60_000);
  });

  /** Waits until the cache of the second server shows the binding as it stands, then holds still. */
  async function lagging(crew: Team): Promise<void> {
    const path = `${pathOf('appconfigbindings', crew.namespace, BINDING)}?resourceVersion=0`;
    await crew.until('the second server to catch up', async () => {
      const { body } = await second.api.request<SeenObject>('GET', path);
      return body.metadata.resourceVersion === (await crew.binding())?.metadata.resourceVersion;
    });
  }

  it('gives up its Lease and writes nothing more when its server freezes, and is a candidate again when it thaws', async () => {
    const { operator: frozen, tunnel } = await startBehindTunnel();
    await frozen.untilLeading();
    const crew = await team(frozen);
    const standby = await start();
    tunnel.freeze();
    await crew.set('color', 'green');
    await standby.untilLeading();
    await crew.until('the change', color(crew, 'green'), 60_000);
    expect(await told(frozen, 'Lost the lease.')).to.equal(1);
    expect(await frozen.http('/livez')).to.include({ status: 200 });
    // The status and an event follow what was written.
    await untilPassed(crew, standby, 1);
    const since = new Date().toISOString();
    const passed = untilPassed(crew, standby, 1);
    tunnel.thaw();
    await passed;
    expect(await writesSince(since)).to.deep.equal([]);
    expect(await told(frozen, 'Became leader.')).to.equal(1);
    await standby.terminate();
    await crew.until('the first to lead again', async () => (await told(frozen, 'Became leader.')) === 2);
    await crew.set('color', 'red');
    await crew.until('the next change', color(crew, 'red'), 60_000);
  });

  it('goes on at once when its connections are moved from a frozen server to another', async () => {
    const { operator, tunnel } = await startBehindTunnel();
    const crew = await team(operator);
    await crew.edit({ refresh: { interval: '1h' } });
    await crew.untilReady();
    tunnel.freeze();
    const { namespace, objects } = crew;
    await objects.patch('configmaps', namespace, CONFIG_MAP, { data: { color: 'pink' } });
    tunnel.redirect({ port: second.port });
    tunnel.cut();
    tunnel.thaw();
    await crew.until('the repair', color(crew, 'blue'), 60_000);
    expect(operator.isRunning).to.equal(true);
  });

  it('writes nothing and keeps its Lease when its server is killed and comes back, and sees the next change', async () => {
    const operator = await start();
    await operator.untilLeading();
    const crew = await team(operator);
    await crew.kubectl(['apply', '-f', '-'], reader('Deployment', 'web'));
    await crew.refresh('seen');
    await untilPassed(crew, operator, 1);
    const since = new Date().toISOString();
    await world.cluster.restartApiServer();
    await untilPassed(crew, operator, 2);
    // A status may tell, for as long as that was so, that the API server did not answer.
    const writes = (await writesSince(since)).filter((write) => !/\/status|\/events$/.test(write));
    expect(writes).to.deep.equal([]);
    // A server that was away for long has cost it the Lease: then it takes it again.
    await crew.until('it to lead', async () => {
      const [became, lost] = [
        await told(operator, 'Became leader.'),
        await told(operator, 'Lost the lease.'),
      ];
      return became === 1 + lost && (await operator.metric('leader')) === 1;
    });
    await crew.set('color', 'green');
    await crew.until('the next change', color(crew, 'green'), 60_000);
  });
});
