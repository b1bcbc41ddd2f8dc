import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { until } from '../../../dev/cluster/wait.ts';
import { Objects, type SeenObject } from '../../support/real/objects.ts';
import {
  type Installation,
  install,
  type OperatorProcess,
  REPOSITORY,
  startOperator,
} from '../../support/real/operator.ts';
import { forgetBindings } from '../../support/real/running.ts';
import { furnish, newTeam, syncedTeam } from '../../support/real/team.ts';
import { useWorld } from '../../support/real/world.ts';

interface Lease extends SeenObject {
  readonly spec: { readonly holderIdentity?: string };
}

const SYNCED = 'reconcile_total{outcome="requeueAfter"}';

describe('the operator process', function () {
  this.timeout(180_000);
  const world = useWorld();
  const started: OperatorProcess[] = [];
  let place: Installation;

  beforeEach(async () => {
    place = await install(world());
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((operator) => operator.kill()));
    await forgetBindings(world());
  });

  const start = async (...flags: string[]): Promise<OperatorProcess> => {
    const operator = await startOperator(place, { flags });
    started.push(operator);
    return operator;
  };
  const holder = async (): Promise<string | undefined> => {
    const lease = await new Objects(world().cluster.api).get<Lease>(
      'leases',
      place.namespace,
      'appconfig-operator',
    );
    return lease?.spec.holderIdentity;
  };

  it('is ready soon, leads, and serves its health and metrics', async () => {
    const operator = await start();
    await operator.untilReady();
    await operator.untilLeading();
    expect(await operator.http('/livez')).to.include({ status: 200 });
    expect(await holder()).to.match(new RegExp(`^${operator.name}_`));
    const team = await syncedTeam(world(), { operator: () => operator });
    await team.until('the end of the pass', async () => (await operator.metric(SYNCED)) > 0);
    expect(await operator.metric('leader')).to.equal(1);
    const { text } = await operator.http('/metrics');
    for (const name of [
      'reconcile_total',
      'azure_requests_total',
      'kubernetes_requests_total',
      'target_writes_total',
    ])
      expect(text).to.include(`appconfig_operator_${name}{`);
    expect((await operator.http('/nothing')).status).to.equal(404);
  });

  it('counts each event once', async () => {
    const operator = await start();
    const team = await syncedTeam(world(), { operator: () => operator });
    await team.until('all events', async () => (await team.events()).length === 1);
    // It is counted when the API server's answer has come back.
    const created = () => operator.metric('events_total{reason="TargetCreated"}');
    await team.until('the count', async () => (await created()) > 0);
    expect(await created()).to.equal(1);
    expect(await operator.metric('events_total{reason="Synced"}')).to.equal(0);
  });

  it('releases its Lease when it is asked to end, and ends with 0', async () => {
    const operator = await start();
    await operator.untilLeading();
    expect(await operator.terminate()).to.deep.equal({ code: 0, signal: null });
    expect((await holder()) ?? '').to.equal('');
    expect((await operator.log()).at(-1)).to.include({ message: 'Stopped.' });
  });

  it('is ready as a follower, takes over from a leader that ends at once, and loses nothing', async () => {
    const first = await start();
    await first.untilLeading();
    const second = await start();
    await second.untilReady();
    const team = await syncedTeam(world(), { operator: () => second });
    await first.terminate();
    await team.set('color', 'green');
    // The Lease lasts 15 s: whoever is faster has found it free.
    await team.until(
      'the Lease of the successor',
      async () => (await holder())?.startsWith(`${second.name}_`),
      14_000,
    );
    await team.until(
      'the successor at work',
      async () => (await team.configMap())?.data?.['color'] === 'green',
    );
  });

  it('takes over from a leader that was killed, once its Lease has run out', async () => {
    const first = await start();
    await first.untilLeading();
    const second = await start();
    await second.untilReady();
    const team = await syncedTeam(world(), { operator: () => second });
    await first.kill();
    await team.set('color', 'green');
    await team.until(
      'the successor at work',
      async () => (await team.configMap())?.data?.['color'] === 'green',
    );
    await until(async () => (await holder())?.startsWith(second.name), {
      what: 'the Lease of the successor',
    });
    expect(await second.metric('leader')).to.equal(1);
  });

  it('serves only the namespaces and the bindings that its flags name', async () => {
    const [served, selected, other] = [
      await newTeam(world()),
      await newTeam(world()),
      await newTeam(world()),
    ];
    for (const team of [served, selected, other]) {
      await furnish(team);
      await team.apply();
    }
    await selected.kubectl(['label', 'acb', 'orders', 'team=chosen']);
    await start(`--watch-namespaces=${served.namespace}`);
    await served.untilReady();
    await Promise.all(started.splice(0).map((operator) => operator.terminate()));
    await start('--binding-selector=team=chosen');
    await selected.untilReady();
    expect((await other.status()).conditions).to.equal(undefined);
  });
});

describe('the command line', function () {
  this.timeout(180_000);

  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['src/main.ts', ...args], {
      cwd: REPOSITORY,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
      timeout: 60_000,
    });

  it('lists all flags with --help', () => {
    const { status, stdout } = run('--help');
    expect(status).to.equal(0);
    for (const flag of ['--namespace', '--drift-interval', '--log-level']) expect(stdout).to.include(flag);
  });

  it('refuses what it does not know, names every flag at fault, and exits with 2', () => {
    const { status, stderr, stdout } = run('--drift-interval=5 minutes', '--colour=red', '--concurrency=0');
    expect(status).to.equal(2);
    expect(stdout).to.equal('');
    for (const flag of ['--drift-interval', '--colour', '--concurrency']) expect(stderr).to.include(flag);
  });

  it('ends with an error and its cause when it can reach no cluster', () => {
    const { status, stderr } = run('--kubeconfig=/nonexistent/kubeconfig');
    expect(status).to.equal(1);
    expect(stderr).to.include('/nonexistent/kubeconfig').and.include('ENOENT');
  });
});
