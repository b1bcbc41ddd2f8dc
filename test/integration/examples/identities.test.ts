import { expect } from 'chai';
import { applyExample, grantContoso, useContoso } from '../../support/real/examples.ts';
import { useIdentityProxy } from '../../support/real/identity-proxy.ts';
import { useOperator } from '../../support/real/running.ts';
import type { Team } from '../../support/real/team.ts';
import { useWorld } from '../../support/real/world.ts';

/** What stands in the files for a client id. */
const NO_ID = '00000000-0000-0000-0000-000000000000';

describe('the examples of identities for which the operator must be set up', function () {
  this.timeout(180_000);
  const world = useWorld();
  const proxy = useIdentityProxy(world);
  const running = useOperator(() => ({
    flags: ['--allow-managed-identities=true'],
    env: proxy().env(),
  }));
  useContoso(world);

  /** A namespace without ServiceAccount, whose application has no federated credential and may read contoso. */
  async function unfederated(): Promise<Team> {
    const team = await running().team({ serviceAccount: false, federate: false });
    await grantContoso(team);
    return team;
  }

  it('managed-identity.yaml reads as an identity of the node, without a ServiceAccount', async () => {
    const team = await unfederated();
    await team.azure.setNodeIdentities({ user: [team.app.clientId] });
    await applyExample(team, 'managed-identity.yaml');
    await team.untilReady();
    expect((await team.configMap())?.data).to.deep.equal({ timeout: '30' });
    expect((await team.status()).identity?.kind).to.equal('ManagedIdentity');
  });

  it('identity-binding.yaml reads by the proxy of the cluster, without a federated credential', async () => {
    const team = await unfederated();
    const { clientId } = team.app;
    await team.azure.createIdentityBinding({ clientId });
    await applyExample(team, 'service-account.yaml');
    await applyExample(team, 'identity-binding.yaml', {
      [NO_ID]: clientId,
      'namespace: shop': `namespace: ${team.namespace}`,
    });
    await team.untilReady();
    expect((await team.configMap())?.data).to.deep.equal({ timeout: '30' });
    const asked = await team.azure.requests({ service: 'identitybinding', principal: clientId });
    expect(asked).to.not.deep.equal([]);
  });
});
