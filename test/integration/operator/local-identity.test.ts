import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import {
  type Installation,
  install,
  type OperatorOptions,
  type OperatorProcess,
  REPOSITORY,
  startOperator,
} from '../../support/real/operator.ts';
import { forgetBindings } from '../../support/real/running.ts';
import { newTeam, type Team } from '../../support/real/team.ts';
import { STARTUP_MS, useWorld } from '../../support/real/world.ts';

const STAND_INS = join(REPOSITORY, 'dev/azure/cli/bin');
const LOCAL = ['--local-identity', '--leader-elect=false'];

describe('an operator on a laptop', function () {
  this.timeout(180_000);
  const world = useWorld();
  const started: OperatorProcess[] = [];
  let place: Installation;

  before(async function () {
    this.timeout(STARTUP_MS);
    place = await install(world());
  });
  afterEach(async () => {
    for (const operator of started.splice(0)) await operator.terminate();
    await forgetBindings(world());
  });

  async function start(options: OperatorOptions = {}): Promise<OperatorProcess> {
    const operator = await startOperator(place, options);
    started.push(operator);
    return operator;
  }

  /** Logged in to the stand-in as this application. */
  const loggedIn = (clientId = ''): Readonly<Record<string, string>> => ({
    PATH: `${STAND_INS}:/usr/bin:/bin`,
    PRETEND_AZURE_CONTROL: world().azure.control.url,
    ...(clientId === '' ? {} : { PRETEND_AZURE_LOGIN: clientId }),
  });

  /** Of a namespace with nothing in it: no ServiceAccount, no federated credential. Its application is the developer. */
  async function bareTeam(): Promise<Team> {
    const team = await newTeam(world(), { serviceAccount: false, federate: false });
    await team.set('color', 'blue');
    await team.setSecret('db', 's3cret');
    await team.setReference('password', 'db');
    return team;
  }

  it('runs the manifests of the cluster with the login of the Azure CLI, and asks the cluster for no token', async () => {
    const team = await bareTeam();
    await team.azure.clearRequests();
    const operator = await start({ flags: LOCAL, env: loggedIn(team.app.clientId) });
    await team.apply();
    const { status } = await team.untilReady();
    expect((await team.configMap())?.data).to.deep.equal({ color: 'blue' });
    expect(await team.secretData()).to.deep.equal({ password: 's3cret' });
    expect(status?.identity).to.deep.equal({ kind: 'LocalIdentity' });
    expect(await team.azure.requests({ service: 'entra' })).to.deep.equal([]);
    expect(await operator.metric('token_requests_total{kind="serviceaccount",outcome="ok"}')).to.equal(0);
  });

  it('says what to log in to when nobody is', async () => {
    const team = await bareTeam();
    await start({ flags: LOCAL, env: loggedIn() });
    await team.apply();
    const ready = await team.untilCondition('Ready', 'False', 'LocalLoginMissing');
    expect(ready.message).to.include('az login').and.include('azd auth login');
  });

  it('tells its user which role to grant to himself', async () => {
    const team = await bareTeam();
    await team.azure.removeRole({
      role: 'AppConfigurationDataReader',
      principal: team.app.clientId,
      store: team.store,
    });
    await start({ flags: LOCAL, env: loggedIn(team.app.clientId) });
    await team.apply();
    const ready = await team.untilCondition('Ready', 'False', 'StoreForbidden');
    expect(ready.message).to.match(/^Your own login may not read/);
    const commands = (await team.status()).remedies?.flatMap((remedy) => remedy.commands).join('\n');
    expect(commands).to.include('az ad signed-in-user show').and.include(`https://${team.storeHost}`);
  });

  it('starts anew by npm run dev when a source changes, and ends with it', async () => {
    const team = await bareTeam();
    const operator = await start({ program: 'scripts/dev.ts', env: loggedIn(team.app.clientId) });
    await team.apply();
    await team.untilReady();
    const starts = async () => (await operator.log()).filter(({ message }) => message === 'Started.').length;
    expect(await starts()).to.equal(1);
    const now = new Date();
    await utimes(join(REPOSITORY, 'src/version.ts'), now, now);
    await team.until('the operator to start anew', async () => (await starts()) === 2, 60_000);
    await team.set('color', 'green');
    await team.until('the change', async () => (await team.configMap())?.data?.['color'] === 'green');
    await operator.terminate();
    // All of its process group was signalled at once: Node's supervisor may go before the operator says a word.
    await team.until('the operator to stop, too', async () =>
      (await operator.log()).some(({ message }) => message === 'Stopping.'),
    );
  });

  describe('does not start', () => {
    /** How it ends by itself. */
    async function ended(flags: readonly string[], env: Readonly<Record<string, string>> = {}) {
      const argv = ['src/main.ts', `--kubeconfig=${place.kubeconfig}`, `--namespace=${place.namespace}`];
      const operator = spawn(process.execPath, [...argv, '--http-address=127.0.0.1:0', ...flags], {
        cwd: REPOSITORY,
        env: { PATH: process.env['PATH'], HOME: world().cluster.dir, ...env },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const [said, [code]] = await Promise.all([text(operator.stderr), once(operator, 'exit')]);
      return { said, code };
    }

    it('in a pod', async () => {
      const { said, code } = await ended(['--local-identity'], { KUBERNETES_SERVICE_HOST: '10.0.0.1' });
      expect(code).to.equal(2);
      expect(said).to.include('--local-identity is for an operator outside of clusters');
    });

    it('where a token of a ServiceAccount is mounted', async () => {
      const folder = join(world().cluster.dir, 'mounted');
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'token'), 'x');
      const { said, code } = await ended(['--local-identity', `--service-account-dir=${folder}`]);
      expect(code).to.equal(2);
      expect(said).to.include(folder);
    });

    it('beside an operator of the cluster that serves the same bindings, unless it serves others', async () => {
      const cluster = await start();
      await cluster.untilLeading();
      const { said, code } = await ended(['--local-identity']);
      expect(code).to.equal(2);
      expect(said)
        .to.include(`Lease ${place.namespace}/appconfig-operator`)
        .and.include('--binding-selector');
      const beside = await start({
        flags: ['--local-identity', '--binding-selector=mine=true'],
        env: loggedIn(),
      });
      expect(beside.isRunning).to.equal(true);
    });
  });
});
