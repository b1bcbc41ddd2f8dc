import { expect } from 'chai';
import type { AuditEvent } from '../../dev/cluster/audit.ts';
import { type Installation, install, type OperatorProcess, startOperator } from '../support/real/operator.ts';
import { RELEASE } from '../support/real/rbac.ts';
import { forgetBindings } from '../support/real/running.ts';
import { countSteps } from '../support/real/steps.ts';
import { furnish, newTeam, type Team } from '../support/real/team.ts';
import { useWorld } from '../support/real/world.ts';

const BINDINGS = 40;
const names = Array.from({ length: BINDINGS }, (_, index) => `orders-${index}`);
const FLOW = 'appconfig-operator-starved';

/** Priority and fairness leaves the operator a few seats and no queue: what comes in excess is answered 429. */
describe('an operator that the API server holds back (429)', function () {
  this.timeout(180_000);
  const world = useWorld();
  let place: Installation;
  let operator: OperatorProcess;
  let team: Team;

  before(async () => {
    place = await install(world());
    team = await newTeam(world(), { operator: () => operator });
    await furnish(team);
    await team.kubectl(['apply', '-f', '-'], { apiVersion: 'v1', kind: 'List', items: names.map(binding) });
    await world().cluster.applyYaml(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: starved() }));
  });
  after(async function () {
    this.timeout(60_000);
    await operator?.terminate();
    await world().cluster.kubectl(['delete', 'flowschema,prioritylevelconfiguration', FLOW]);
    await forgetBindings(world());
  });

  const binding = (name: string) => ({
    apiVersion: 'appconfig.dev/v1alpha1',
    kind: 'AppConfigBinding',
    metadata: { name },
    spec: team.spec({
      refresh: { interval: '1h' },
      target: { configMap: { name: `${name}-config` }, secret: { name: `${name}-secrets` } },
    }),
  });
  const starved = () => [
    {
      apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
      kind: 'PriorityLevelConfiguration',
      metadata: { name: FLOW },
      spec: {
        type: 'Limited',
        limited: {
          nominalConcurrencyShares: 1,
          lendablePercent: 0,
          borrowingLimitPercent: 0,
          limitResponse: { type: 'Reject' },
        },
      },
    },
    {
      apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
      kind: 'FlowSchema',
      metadata: { name: FLOW },
      spec: {
        priorityLevelConfiguration: { name: FLOW },
        matchingPrecedence: 50,
        rules: [
          {
            subjects: [
              {
                kind: 'ServiceAccount',
                serviceAccount: { namespace: place.namespace, name: RELEASE },
              },
            ],
            resourceRules: [
              { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true },
            ],
          },
        ],
      },
    },
  ];
  const mine = (): Promise<readonly AuditEvent[]> =>
    world().cluster.auditEvents(
      ({ user }) => user.username === `system:serviceaccount:${place.namespace}:${RELEASE}`,
    );
  const refused = ({ responseStatus }: AuditEvent): boolean => responseStatus?.code === 429;

  it('ends where it would have ended, writing each target once, and comes back no sooner than it was asked to', async () => {
    const steps = countSteps(team, ['configmaps', 'secrets']);
    // Bindings of earlier tests are none of its business.
    operator = await startOperator(place, { flags: [`--watch-namespaces=${team.namespace}`] });
    for (const name of names) await team.untilReady(name, 60_000);
    const events = await mine();
    expect(events.filter(refused).length, 'answers 429').to.be.greaterThan(0);
    for (const name of names) {
      expect((await team.configMap(`${name}-config`))?.data).to.deep.equal({ color: 'blue' });
      expect(await team.secretData(`${name}-secrets`)).to.deep.equal({ password: 's3cret' });
    }
    const versions = await steps.stop();
    expect(Object.keys(versions)).to.have.length(2 * BINDINGS);
    expect(new Set(Object.values(versions))).to.deep.equal(new Set([1]));
    for (const [again, earlier] of repeats(events)) {
      const pause = Date.parse(again.requestReceivedTimestamp) - Date.parse(earlier.stageTimestamp);
      expect(pause, `pause before ${again.verb} ${again.requestURI}`).to.be.at.least(990);
    }
    // A pass that starts anew repeats what it had done: some requests more than without a 429, but no storm.
    expect(events.length, 'requests').to.be.at.most(30 * BINDINGS);
  });

  /** Each request about one object that was refused, with the next one of its kind. */
  function repeats(events: readonly AuditEvent[]): readonly (readonly [AuditEvent, AuditEvent])[] {
    const last = new Map<string, AuditEvent>();
    const pairs: (readonly [AuditEvent, AuditEvent])[] = [];
    for (const event of events) {
      const name = event.objectRef?.name;
      // Several bindings ask for one account's token, or list one namespace, each for itself. A binding that was
      // refused three times in a row says so in its status; the simulation tells how many times it keeps silent.
      if (name === undefined || event.objectRef?.subresource !== undefined) continue;
      const id = `${event.verb} ${event.requestURI}`;
      const earlier = last.get(id);
      if (earlier !== undefined && refused(earlier)) pairs.push([event, earlier]);
      last.set(id, event);
    }
    return pairs;
  }
});
