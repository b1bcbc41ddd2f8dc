import { expect } from 'chai';
import { startApiProxy, type Trap } from '../support/real/api-proxy.ts';
import type { SeenData, SeenObject } from '../support/real/objects.ts';
import { install, kubeconfigFor, type OperatorProcess, startOperator } from '../support/real/operator.ts';
import { countSteps, type Steps } from '../support/real/steps.ts';
import { furnish, newTeam, type Team } from '../support/real/team.ts';
import { reader, type SeenWorkload } from '../support/real/workloads.ts';
import { useWorld, type World } from '../support/real/world.ts';

/**
 * The operator is killed at one of its writes, just before the API server hears of it or just after it was done, and
 * another one takes its place. The end state, and the number of versions of each target and workload, must equal
 * those of a run without a fault; only events may repeat.
 */

interface Point {
  readonly title: string;
  readonly part: 'first' | 'change';
  readonly method: Trap['method'];
  readonly path: Trap['path'];
}

const STATUS = /appconfigbindings\/orders\/status/;
const POINTS: readonly Point[] = [
  { title: 'the names of the targets are reserved', part: 'first', method: 'PATCH', path: STATUS },
  { title: 'the Secret is created', part: 'first', method: 'POST', path: /team-\d+\/secrets/ },
  { title: 'the ConfigMap is created', part: 'first', method: 'POST', path: /team-\d+\/configmaps/ },
  { title: 'the Secret is updated', part: 'change', method: 'PUT', path: /\/secrets\// },
  { title: 'the ConfigMap is updated', part: 'change', method: 'PUT', path: /\/configmaps\// },
  { title: 'the workload is restarted', part: 'change', method: 'PATCH', path: /\/deployments\// },
  { title: 'the status is written', part: 'change', method: 'PATCH', path: STATUS },
];

interface Outcome {
  readonly configMap: SeenData['data'];
  readonly secret: object;
  readonly status: object;
  readonly steps: Steps;
  readonly generation: number | undefined;
  readonly replicaSets: number;
}

const FLAGS = ['--leader-elect=false', '--drift-interval=2s'];

/** First sync with a Deployment, then a change of everything; at `trap` the operator dies and is replaced. */
async function story(world: World, part?: Point['part'], trap?: Trap): Promise<Outcome> {
  const place = await install(world);
  const proxy = await startApiProxy(world.cluster);
  const kubeconfig = await kubeconfigFor(place, proxy);
  let operator: OperatorProcess;
  const team = await newTeam(world, { operator: () => operator });
  const start = () =>
    startOperator(place, { kubeconfig, flags: [...FLAGS, `--watch-namespaces=${team.namespace}`] });
  const survive = async (when: Point['part'], action: () => Promise<void>) => {
    const crash = trap !== undefined && part === when ? proxy.spring(trap) : undefined;
    await action();
    if (crash === undefined) return;
    await crash;
    await operator.kill();
    operator = await start();
  };
  const steps = countSteps(team, ['configmaps', 'secrets']);
  await furnish(team);
  await team.kubectl(['apply', '-f', '-'], reader('Deployment', 'web'));
  operator = await start();
  // Nothing but the annotation makes it read: what is written together is then the same in every run.
  await survive('first', () => team.apply(team.spec({ refresh: { interval: '1h' } })));
  await team.until('the first rest', () => atRest(team), 60_000);
  await team.set('color', 'green');
  await team.setSecret('db', 'rotated');
  await survive('change', () => team.refresh('second'));
  const isSecond = async () => (await team.status()).lastHandledRefresh === 'second';
  await team.until('the second rest', async () => (await isSecond()) && atRest(team), 60_000);
  await team.refresh('third');
  await team.until('the last pass', async () => (await team.status()).lastHandledRefresh === 'third');
  const outcome = await outcomeOf(team, await steps.stop());
  await operator.terminate();
  await proxy.stop();
  return outcome;
}

async function atRest(team: Team): Promise<boolean> {
  const { conditions = [], rollout } = await team.status();
  const complete = conditions.find(({ type }) => type === 'RolloutsComplete');
  const ready = conditions.find(({ type }) => type === 'Ready');
  return rollout === '1/1' && complete?.status === 'True' && ready?.status === 'True';
}

const deployment = (team: Team) => team.objects.get<SeenWorkload>('deployments', team.namespace, 'web');

async function outcomeOf(team: Team, steps: Steps): Promise<Outcome> {
  const { settings, secrets, references, rollout, targets = [] } = await team.status();
  const web = await deployment(team);
  return {
    configMap: (await team.configMap())?.data,
    secret: await team.secretData(),
    status: {
      settings,
      secrets,
      references,
      rollout,
      targets: targets.map(({ kind, name }) => `${kind} ${name}`),
    },
    steps,
    generation: web?.metadata.generation,
    replicaSets: (await team.objects.list<SeenObject>('replicasets', team.namespace)).length,
  };
}

describe('an operator that is killed', function () {
  this.timeout(180_000);
  const world = useWorld();
  let reference: Outcome;

  before(async () => {
    reference = await story(world());
  });

  it('is compared with one that is not, which makes each target once, changes it once and restarts once', () => {
    expect(reference.configMap).to.deep.equal({ color: 'green' });
    expect(reference.secret).to.deep.equal({ password: 'rotated' });
    expect(reference.steps).to.deep.equal({ 'orders-config': 2, 'orders-secrets': 2 });
    expect(reference).to.include({ generation: 2, replicaSets: 2 });
  });

  for (const { title, part, method, path } of POINTS) {
    it(`just before or just after ${title} leaves no trace`, async () => {
      const traps = (['before', 'after'] as const).map((when) => ({ method, path, when }));
      const [before, after] = await Promise.all(traps.map((trap) => story(world(), part, trap)));
      expect(before, 'before').to.deep.equal(reference);
      expect(after, 'after').to.deep.equal(reference);
    });
  }
});
