import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { REPOSITORY } from '../../support/real/operator.ts';
import { useOperator } from '../../support/real/running.ts';
import type { Team } from '../../support/real/team.ts';

/** Runs lines of a remedy with an `az` that does in the pretend Azure what the real one does in Azure. */
async function run(team: Team, commands: readonly string[]): Promise<void> {
  const path = `${join(REPOSITORY, 'dev/azure/cli/bin')}:/usr/bin:/bin`;
  const env = { PATH: path, PRETEND_AZURE_CONTROL: team.azure.url };
  // Not synchronously: the pretend Azure runs in this process.
  const shell = spawn('/bin/sh', ['-eu'], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  shell.stdin.end(commands.join('\n'));
  const [said, [code]] = await Promise.all([text(shell.stderr), once(shell, 'exit')]);
  expect([said, code]).to.deep.equal(['', 0]);
}

/** The only remedy, once the binding fails for `reason`. */
async function remedyFor(team: Team, reason: string): Promise<readonly string[]> {
  const remedies = await team.until(`a remedy for ${reason}`, async () => {
    const { remedies = [] } = await team.status();
    return remedies.some((remedy) => remedy.reason === reason) && remedies;
  });
  expect(remedies).to.have.length(1);
  return remedies[0]?.commands ?? [];
}

const untilComment = (commands: readonly string[], comment: string): readonly string[] =>
  commands.slice(
    0,
    commands.findIndex((line) => line.startsWith(comment)),
  );
const fromComment = (commands: readonly string[], comment: string): readonly string[] =>
  commands.slice(commands.findIndex((line) => line.startsWith(comment)));
const APP = '# Where it is an app registration';

describe('the commands in the status', function () {
  this.timeout(120_000);
  const running = useOperator();

  it('make a binding Ready whose identity nobody has set up, when they are run one after the other', async () => {
    const team = await running().team({ federate: false, storeRole: false, vaultRole: false });
    await team.set('color', 'blue');
    await team.setSecret('db', 's3cret');
    await team.setReference('password', 'db');
    await team.apply();
    const trust = await remedyFor(team, 'FederatedCredentialMissing');
    expect(trust.join('\n')).to.include(`--issuer ${team.world.cluster.issuer} --subject ${team.subject}`);
    await run(team, untilComment(trust, APP));
    await run(team, await remedyFor(team, 'StoreForbidden'));
    await run(team, await remedyFor(team, 'VaultForbidden'));
    await team.untilReady();
    expect(await team.secretData()).to.deep.equal({ password: 's3cret' });
    expect(await team.status()).to.not.have.property('remedies');
  });

  it('do it for an app registration, and for a secret that is disabled', async () => {
    const team = await running().team({ federate: false });
    await team.setSecret('db', 's3cret');
    await team.azure.changeSecret({ vault: team.vault, name: 'db', enabled: false });
    await team.setReference('password', 'db');
    await team.apply();
    await run(team, fromComment(await remedyFor(team, 'FederatedCredentialMissing'), APP));
    await run(team, await remedyFor(team, 'SecretDisabled'));
    await team.untilReady();
    expect(await team.secretData()).to.deep.equal({ password: 's3cret' });
  });

  it('are what kubectl describe shows, and the condition says so', async () => {
    const team = await running().team({ storeRole: false });
    await team.set('color', 'blue');
    await team.apply();
    const [command = ''] = (await remedyFor(team, 'StoreForbidden')).slice(-1);
    const description = await team.kubectl(['describe', 'acb', 'orders']);
    expect(description).to.include(command).and.include('The commands for it are in status.remedies.');
    expect(command).to.include(team.app.clientId).and.include(`https://${team.storeHost}`);
  });
});
