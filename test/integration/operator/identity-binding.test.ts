import { expect } from 'chai';
import { useIdentityProxy } from '../../support/real/identity-proxy.ts';
import { remedyFor } from '../../support/real/remedies.ts';
import { useOperator } from '../../support/real/running.ts';
import { furnish, SERVICE_ACCOUNT } from '../../support/real/team.ts';
import { useWorld } from '../../support/real/world.ts';

describe('AKS identity bindings', function () {
  this.timeout(180_000);
  const proxy = useIdentityProxy(useWorld());
  const running = useOperator(() => ({ env: proxy().env() }));

  it('let a ServiceAccount read that RBAC of the cluster allows to, without a federated credential', async () => {
    const team = await running().team({ federate: false });
    await team.azure.createIdentityBinding({ clientId: team.app.clientId });
    await furnish(team);
    const workloadIdentity = { serviceAccountName: SERVICE_ACCOUNT, enableAzureProxy: true };
    await team.apply(team.spec({ identity: { workloadIdentity } }));

    const ready = await team.untilCondition('Ready', 'False', 'IdentityBindingRefused');
    expect(ready.message).to.include(`${team.subject} no token of managed identity ${team.app.clientId}`);
    const [, command = ''] = await remedyFor(team, 'IdentityBindingRefused');
    const [, manifests = ''] = /^echo '(.*)' \| kubectl apply --filename -$/.exec(command) ?? [];
    await team.kubectl(['apply', '--filename', '-'], JSON.parse(manifests));

    await team.untilReady();
    expect((await team.configMap())?.data).to.deep.equal({ color: 'blue' });
    expect(await team.secretData()).to.deep.equal({ password: 's3cret' });
    const principal = team.app.clientId;
    expect(await team.azure.requests({ service: 'entra', principal })).to.deep.equal([]);
    expect(await team.azure.requests({ service: 'identitybinding', principal })).to.not.deep.equal([]);
  });

  it('are what one binding asks for, and the next one does without', async () => {
    const team = await running().team();
    await furnish(team);
    await team.apply();
    await team.untilReady();
    const asked = await team.azure.requests({ service: 'identitybinding', principal: team.app.clientId });
    expect(asked).to.deep.equal([]);
  });
});
