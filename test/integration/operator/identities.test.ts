import { expect } from 'chai';
import {
  newClientSecret,
  PRINCIPAL,
  principalIdentity,
  writePrincipal,
} from '../../support/real/credentials.ts';
import { useOperator } from '../../support/real/running.ts';
import { furnish, type Team } from '../../support/real/team.ts';

describe('a binding that reads as', function () {
  this.timeout(120_000);
  const running = useOperator();

  /** A namespace without ServiceAccount, an application without federated credential. */
  const unfederated = async (): Promise<Team> => {
    const team = await running().team({ serviceAccount: false, federate: false });
    await furnish(team);
    return team;
  };

  const isTold = async (team: Team, secret: string): Promise<boolean> => {
    const told = [await team.binding(), await team.events(), await running().operator.log()];
    return JSON.stringify(told).includes(secret);
  };

  describe('a service principal with a client secret', () => {
    it('reads store and vault, follows a changed Secret, and tells the secret to nobody', async () => {
      const team = await unfederated();
      const first = await newClientSecret(team);
      await writePrincipal(team, first.value);
      await team.apply(team.spec({ identity: principalIdentity }));
      await team.untilReady();
      expect(await team.secretData()).to.deep.equal({ password: 's3cret' });
      const { clientId, tenantId } = team.app;
      const expected = { kind: 'ServicePrincipal', secretName: PRINCIPAL, clientId, tenantId };
      expect((await team.status()).identity).to.deep.equal(expected);

      const second = await newClientSecret(team);
      await writePrincipal(team, second.value);
      await team.azure.removeClientSecret({ clientId, keyId: first.keyId });
      await team.azure.clearRequests();
      const asked = async () =>
        (await team.azure.requests({ service: 'entra' })).some(
          ({ principal, status }) => principal === clientId && status === 200,
        );
      await team.until('a token for the new secret', asked);
      await team.set('color', 'red');
      await team.until('red', async () => (await team.configMap())?.data?.['color'] === 'red');
      for (const { value } of [first, second]) expect(await isTold(team, value)).to.equal(false);
    });
  });
});
