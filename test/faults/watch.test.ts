import { expect } from 'chai';
import { type ApiProxy, startApiProxy } from '../support/real/api-proxy.ts';
import { install, kubeconfigFor, type OperatorProcess, startOperator } from '../support/real/operator.ts';
import { CONFIG_MAP, newTeam, syncedTeam, type Team } from '../support/real/team.ts';
import { STARTUP_MS, startWorld, stopWorld, type World } from '../support/real/world.ts';

/** The pause between two attempts grows up to a minute while there is no server. */
const AFTER_OUTAGE_MS = 150_000;

/** A cluster of its own: its API server forgets history soon and is killed. */
describe('an operator whose watches fail', function () {
  this.timeout(300_000);
  let world: World;
  let proxy: ApiProxy;
  let operator: OperatorProcess;

  before(async function () {
    this.timeout(STARTUP_MS);
    world = await startWorld({
      name: 'watch-faults',
      apiServerFlags: ['--min-request-timeout=3', '--etcd-compaction-interval=5s'],
    });
    proxy = await startApiProxy(world.cluster);
    const place = await install(world);
    const kubeconfig = await kubeconfigFor(place, proxy);
    operator = await startOperator(place, { kubeconfig });
    await operator.untilReady();
  });
  after(async function () {
    this.timeout(60_000);
    await operator?.terminate();
    await proxy?.stop();
    if (world !== undefined) await stopWorld(world);
  });

  const relisted = (cause: string, resource: string) =>
    operator.metric(`watch_restarts_total{resource="${resource}",cause="${cause}"}`);

  /** A team whose interval is so long that only a watch can tell of its changes. */
  const patientTeam = async (): Promise<Team> => {
    const team = await syncedTeam(world, { operator: () => operator });
    await team.edit({ refresh: { interval: '1h' } });
    return settled(team);
  };
  const settled = async (team: Team): Promise<Team> => {
    await team.untilReady();
    return team;
  };

  /** Every kind that is watched: an edited ConfigMap, a changed binding, a new binding, a new ServiceAccount. */
  async function changesAreSeen(team: Team, deadlineMs = 60_000): Promise<void> {
    const { namespace, objects } = team;
    await objects.patch('configmaps', namespace, CONFIG_MAP, { data: { color: 'pink' } });
    await team.edit({
      target: { configMap: { name: CONFIG_MAP, format: 'KeyValue' }, secret: { name: 'renamed' } },
    });
    const late = await newTeam(world, { operator: () => operator });
    await late.set('color', 'blue');
    await late.apply();
    const repaired = async () => (await team.configMap())?.data?.['color'] === 'blue';
    const renamed = async () => (await team.secret('renamed')) !== undefined;
    await team.until('the repair', repaired, deadlineMs);
    await team.until('the new Secret', renamed, deadlineMs);
    await late.untilReady('orders', deadlineMs);
    await settled(team);
  }

  it('sees the next change when the server has closed them', async () => {
    const team = await patientTeam();
    proxy.endWatches();
    await changesAreSeen(team);
  });

  it('sees the next change when its connections broke', async () => {
    const team = await patientTeam();
    proxy.breakConnections();
    await changesAreSeen(team);
  });

  it('sees what changed while the API server was away, and what changes next, when it was killed and came back', async () => {
    const team = await patientTeam();
    await world.cluster.restartApiServer();
    await changesAreSeen(team, AFTER_OUTAGE_MS);
    await operator.untilReady();
    expect(operator.isRunning).to.equal(true);
  });

  it('lists anew, and misses nothing, when the server no longer knows where it left off (410)', async () => {
    const team = await patientTeam();
    const before = await relisted('expired', 'configmaps');
    proxy.setClosed(true);
    const { namespace, objects } = team;
    await objects.delete('configmaps', namespace, CONFIG_MAP);
    // The cache of a new server begins after the deletion: what lies before it is gone.
    await world.cluster.restartApiServer();
    await objects.patch('serviceaccounts', namespace, 'orders', {
      metadata: { annotations: { touched: 'yes' } },
    });
    proxy.setClosed(false);
    const isBack = async () => (await team.configMap())?.data?.['color'] === 'blue';
    await team.until('the deleted ConfigMap to be made again', isBack, AFTER_OUTAGE_MS);
    expect(await relisted('expired', 'configmaps')).to.be.greaterThan(before);
  });
});
