import { expect } from 'chai';
import { type AuditEvent, isWrite } from '../../../dev/cluster/audit.ts';
import {
  type Installation,
  install,
  type OperatorProcess,
  startOperator,
} from '../../support/real/operator.ts';
import { forgetBindings } from '../../support/real/running.ts';
import { furnish, newTeam, type Team } from '../../support/real/team.ts';
import { reader } from '../../support/real/workloads.ts';
import { STARTUP_MS, useWorld } from '../../support/real/world.ts';

const BINDINGS = 50;
const INTERVALS = 10;
const names = Array.from({ length: BINDINGS }, (_, index) => `orders-${index}`);

/** Fifty bindings on one selection, and the requests of an operator that has nothing to do. */
describe('an operator with nothing to do', function () {
  this.timeout(180_000);
  const world = useWorld();
  let place: Installation;
  let operator: OperatorProcess;
  let team: Team;
  /** A fault that makes all of Azure hang. */
  let darkness: string | undefined;

  before(async function () {
    this.timeout(STARTUP_MS);
    place = await install(world());
    operator = await startOperator(place);
    team = await newTeam(world(), { operator: () => operator });
    await furnish(team);
    await team.kubectl(['apply', '-f', '-'], reader('Deployment', 'web'));
    await team.kubectl(['apply', '-f', '-'], { apiVersion: 'v1', kind: 'List', items: names.map(binding) });
    for (const name of names) await settled(name);
    // Events come after what they tell of.
    for (const name of names)
      await team.until(`the event of ${name}`, async () => (await team.events(name)).length > 0);
  });
  afterEach(async () => {
    if (darkness !== undefined) await team.azure.removeFault(darkness);
    darkness = undefined;
  });
  after(async function () {
    this.timeout(60_000);
    await operator.terminate();
    await forgetBindings(world());
  });

  const binding = (name: string) => ({
    apiVersion: 'appconfig.dev/v1alpha1',
    kind: 'AppConfigBinding',
    metadata: { name },
    spec: team.spec({
      target: { configMap: { name: `${name}-config` }, secret: { name: `${name}-secrets` } },
    }),
  });
  const settled = (name: string) =>
    team.until(`${name} to settle`, async () => {
      const conditions = (await team.status(name)).conditions ?? [];
      return ['Ready', 'RolloutsComplete'].every((wanted) =>
        conditions.some(({ type, status }) => type === wanted && status === 'True'),
      );
    });
  const user = () => `system:serviceaccount:${place.namespace}:`;
  const writesSince = async (since: string): Promise<readonly AuditEvent[]> =>
    world().cluster.auditEvents(
      (event) =>
        (event.user.username ?? '').startsWith(user()) &&
        event.requestReceivedTimestamp > since &&
        isWrite(event) &&
        event.objectRef?.resource !== 'leases' &&
        event.objectRef?.subresource !== 'token',
    );
  const polls = async () => (await team.azure.requests({ host: team.storeHost, method: 'HEAD' })).length;
  const told = ({ verb, requestURI }: AuditEvent) => `${verb} ${requestURI}`;

  it('writes nothing to the cluster and asks the store only by HEAD, once per interval for all bindings', async () => {
    const since = new Date().toISOString();
    await team.azure.clearRequests();
    await team.until('ten intervals', async () => (await polls()) >= INTERVALS, 120_000);
    const requests = (await team.azure.requests()).filter(({ service }) => service !== 'proxy');
    // Until now, not until the audit log has been read: more may have been asked meanwhile.
    const seconds = (Date.now() - Date.parse(since)) / 1000;
    expect((await writesSince(since)).map(told)).to.deep.equal([]);
    expect(new Set(requests.map(({ service, method }) => `${service} ${method}`))).to.deep.equal(
      new Set(['appconfig HEAD']),
    );
    // One page, one identity: one request per interval of 5 s, less its jitter of 10 %, whatever the bindings.
    expect(requests.length).to.be.at.most(Math.ceil(seconds / 4.5) + 1);
  });

  /** Waits until `at` has looked at every binding twice; it must have asked only whether anything changed. */
  async function readsNothing(at: OperatorProcess, since: string): Promise<void> {
    const passes = () => at.metric('reconcile_total{outcome="requeueAfter"}');
    await team.until('every binding looked at twice', async () => (await passes()) >= 2 * BINDINGS, 60_000);
    expect((await writesSince(since)).map(told)).to.deep.equal([]);
    const requests = (await team.azure.requests()).filter(({ service }) => service === 'appconfig');
    expect(requests.length).to.be.greaterThan(0);
    expect(requests.filter(({ method }) => method !== 'HEAD')).to.deep.equal([]);
    expect(await team.azure.requests({ service: 'keyvault' })).to.deep.equal([]);
  }

  it('reads no page and no secret after a restart, and writes nothing', async () => {
    await operator.terminate();
    const since = new Date().toISOString();
    await team.azure.clearRequests();
    operator = await startOperator(place);
    await readsNothing(operator, since);
  });

  it('reads no page and no secret after a change of leader, and writes nothing', async () => {
    const leader = operator;
    await leader.untilLeading();
    operator = await startOperator(place);
    await operator.untilReady();
    const since = new Date().toISOString();
    await team.azure.clearRequests();
    await leader.terminate();
    await readsNothing(operator, since);
  });

  it('is ready, leads and changes nothing when it starts while nothing of Azure answers', async () => {
    await operator.terminate();
    const since = new Date().toISOString();
    const id = await team.azure.addFault({ hang: true });
    darkness = id;
    operator = await startOperator(place);
    await operator.untilReady();
    await operator.untilLeading();
    // By its own clock: nothing of Azure is given up within ten seconds.
    const log = await operator.log();
    const at = (wanted: string) =>
      Date.parse(String(log.find(({ message }) => message === wanted)?.['time']));
    expect(at('Became leader.') - at('Started.')).to.be.below(10_000);
    await team.until('something of Azure to be asked', async () =>
      (await team.azure.listFaults()).some((fault) => fault.id === id && fault.hits > 0),
    );
    expect(await operator.http('/readyz')).to.include({ status: 200 });
    expect(await operator.http('/livez')).to.include({ status: 200 });
    expect((await writesSince(since)).map(told)).to.deep.equal([]);
  });
});
