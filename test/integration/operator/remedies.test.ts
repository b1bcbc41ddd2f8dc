import { expect } from 'chai';
import { remedyFor, runRemedy } from '../../support/real/remedies.ts';
import { useOperator } from '../../support/real/running.ts';

const untilComment = (commands: readonly string[], comment: string): readonly string[] =>
  commands.slice(
    0,
    commands.findIndex((line) => line.startsWith(comment)),
  );
const fromComment = (commands: readonly string[], comment: string): readonly string[] =>
  commands.slice(commands.findIndex((line) => line.startsWith(comment)));
const APP = '# Where it is an app registration';

describe('the commands in the status', function () {
  this.timeout(180_000);
  const running = useOperator();

  it('make a binding Ready whose identity nobody has set up, when they are run one after the other', async () => {
    const team = await running().team({ federate: false, storeRole: false, vaultRole: false });
    await team.set('color', 'blue');
    await team.setSecret('db', 's3cret');
    await team.setReference('password', 'db');
    await team.apply();
    const trust = await remedyFor(team, 'FederatedCredentialMissing');
    expect(trust.join('\n')).to.include(`--issuer ${team.world.cluster.issuer} --subject ${team.subject}`);
    await runRemedy(team, untilComment(trust, APP));
    await runRemedy(team, await remedyFor(team, 'StoreForbidden'));
    await runRemedy(team, await remedyFor(team, 'VaultForbidden'));
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
    await runRemedy(team, fromComment(await remedyFor(team, 'FederatedCredentialMissing'), APP));
    await runRemedy(team, await remedyFor(team, 'SecretDisabled'));
    await team.untilReady();
    expect(await team.secretData()).to.deep.equal({ password: 's3cret' });
  });

  it('do it for a vault that may not be listed', async () => {
    const team = await running().team({ vaultRole: false });
    await team.setSecret('db', 's3cret');
    await team.set('color', 'blue');
    await team.apply(team.spec({ keyVault: { all: [{ vault: team.vault }] } }));
    await runRemedy(team, await remedyFor(team, 'VaultForbidden'));
    await team.untilReady();
    expect(await team.secretData()).to.deep.equal({ db: 's3cret' });
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
