import { expect } from 'chai';
import { CLOUDS } from '../../../src/domain/clouds.ts';
import { remedyFor, runRemedy } from '../../support/real/remedies.ts';
import { useOperator } from '../../support/real/running.ts';
import { furnish } from '../../support/real/team.ts';

/** Host of Entra and name for the Azure CLI. */
const SOVEREIGN = {
  AzureUSGovernment: { login: 'login.microsoftonline.us', cliName: 'AzureUSGovernment' },
  AzureChina: { login: 'login.partner.microsoftonline.cn', cliName: 'AzureChinaCloud' },
} as const;

for (const cloud of ['AzureUSGovernment', 'AzureChina'] as const)
  describe(`an operator for ${cloud}`, function () {
    this.timeout(180_000);
    const running = useOperator({ flags: [`--cloud=${cloud}`] });
    const { login, cliName } = SOVEREIGN[cloud];

    it('serves settings and secrets of that cloud, with tokens of its Entra alone', async () => {
      const team = await running().team({ cloud });
      await furnish(team);
      await team.set('color', 'blue');
      await team.apply();
      await team.untilReady();
      expect((await team.configMap())?.data).to.include({ color: 'blue' });
      expect(await team.secretData()).to.deep.equal({ password: 's3cret' });
      const requests = await team.azure.requests({ principal: team.app.clientId });
      expect([...new Set(requests.map(({ host }) => host))]).to.have.members([
        login,
        team.storeHost,
        team.vaultHost,
      ]);
      // The SDK asks one of several names: messages and the guide are to tell that one.
      expect(CLOUDS[cloud].authorityHost).to.equal(`https://${login}`);
    });

    it('follows changes there as anywhere', async () => {
      const team = await running().syncedTeam({ cloud });
      await team.set('color', 'green');
      await team.until('the new color', async () => (await team.configMap())?.data?.['color'] === 'green');
      await team.setSecret('db', 'rotated');
      await team.refresh('now');
      await team.until('the new secret', async () => (await team.secretData())['password'] === 'rotated');
    });

    it('tells commands for that cloud, which make a binding Ready', async () => {
      const team = await running().team({ cloud, storeRole: false });
      await furnish(team);
      await team.apply();
      const commands = await remedyFor(team, 'StoreForbidden');
      expect(commands[1]).to.equal(`az cloud set --name ${cliName}`);
      await runRemedy(team, commands);
      await team.untilReady();
      expect(await team.secretData()).to.deep.equal({ password: 's3cret' });
    });

    it('refuses a store of the public cloud before any token is asked for, and says which setting it takes', async () => {
      const team = await running().team();
      await team.apply();
      const ready = await team.untilCondition('Ready', 'False', 'InvalidSpec');
      expect(ready.message).to.equal(
        `spec.store.endpoint: "https://${team.storeHost}" is a store of AzurePublic, and this operator works in ${cloud}; correct it, or have the operator's setting cloud be AzurePublic`,
      );
      expect(await team.azure.requests({ host: team.storeHost })).to.deep.equal([]);
      expect(await team.azure.requests({ service: 'entra', principal: team.app.clientId })).to.deep.equal([]);
    });
  });

describe('an operator for the public cloud', function () {
  this.timeout(180_000);
  const running = useOperator();

  for (const cloud of ['AzureUSGovernment', 'AzureChina'] as const)
    it(`refuses a store of ${cloud}, and names the setting that would allow it`, async () => {
      const team = await running().team({ cloud });
      await team.apply();
      const ready = await team.untilCondition('Ready', 'False', 'InvalidSpec');
      expect(ready.message).to.include('works in AzurePublic').and.include(`setting cloud be ${cloud}`);
      expect(await team.azure.requests({ host: team.storeHost })).to.deep.equal([]);
    });
});
