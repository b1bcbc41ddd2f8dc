import { expect } from 'chai';
import { useOperator } from '../../support/real/running.ts';
import { furnish, SERVICE_ACCOUNT, type Team } from '../../support/real/team.ts';

/** Only vaults of teams, and none of the platform. */
const ALLOWED = 'vault-*.vault.azure.net';

describe('the vaults of a binding', function () {
  this.timeout(180_000);
  const running = useOperator({ flags: [`--allowed-vaults=${ALLOWED}`] });
  const READER = 'vault-reader';

  /** A team whose own application may read its store only, with an application for its vault. */
  async function arranged(): Promise<{ team: Team; reader: string }> {
    const team = await running().team({ vaultRole: false });
    await furnish(team);
    const { azure, namespace, objects, vault, world } = team;
    const { clientId, tenantId } = await azure.createApp({ name: `${namespace}-vault-reader` });
    const subject = `system:serviceaccount:${namespace}:${READER}`;
    await azure.addFederatedCredential({ clientId, issuer: world.cluster.issuer, subject });
    await azure.assignRole({ role: 'KeyVaultSecretsUser', principal: clientId, vault });
    const annotations = {
      'azure.workload.identity/client-id': clientId,
      'azure.workload.identity/tenant-id': tenantId,
    };
    await objects.create('serviceaccounts', namespace, { metadata: { name: READER, annotations } });
    return { team, reader: clientId };
  }

  const identity = { workloadIdentity: { serviceAccountName: READER } };

  it('are read as the identity that the binding names for them', async () => {
    const { team, reader } = await arranged();
    await team.apply(team.spec({ keyVault: { vaults: [{ host: team.vaultHost, identity }] } }));
    await team.untilReady();
    expect(await team.secretData()).to.deep.equal({ password: 's3cret' });
    const who = async (host: string) => {
      const requests = await team.azure.requests({ host });
      return [...new Set(requests.flatMap(({ principal }) => principal ?? []))];
    };
    expect(await who(team.vaultHost)).to.deep.equal([reader]);
    expect(await who(team.storeHost)).to.deep.equal([team.app.clientId]);
    expect((await team.status()).identity?.subject).to.match(new RegExp(`:${SERVICE_ACCOUNT}$`));
  });

  it('fail their own references when that identity is refused, and recover with its role', async () => {
    const { team, reader } = await arranged();
    const role = { role: 'KeyVaultSecretsUser', principal: reader, vault: team.vault } as const;
    await team.azure.removeRole(role);
    await team.apply(team.spec({ keyVault: { identity } }));
    const ready = await team.untilCondition('Ready', 'False', 'VaultForbidden');
    expect(ready.message).to.include(reader);
    await team.azure.assignRole(role);
    await team.untilReady();
  });

  it('are not asked, and no token for them, unless both lists allow them', async () => {
    const { team } = await arranged();
    const platform = `platform-${team.vault.slice('vault-'.length)}`;
    await team.azure.createVault({ name: platform });
    await team.azure.setSecret({ vault: platform, name: 'db', value: 'x' });
    const reference = { store: team.store, key: 'platform', vault: platform, secret: 'db' };
    await team.azure.setKeyVaultReference(reference);
    const allowedVaults = ['other.vault.azure.net'];
    await team.apply(team.spec({ keyVault: { identity, allowedVaults } }));
    await team.untilCondition('Ready', 'False', 'VaultNotAllowed');
    const messages = (await team.status()).references?.failed?.map(({ message }) => message) ?? [];
    expect(messages).to.have.length(2);
    for (const message of messages) expect(message).to.include('spec.keyVault.allowedVaults');
    for (const host of [team.vaultHost, `${platform}.vault.azure.net`])
      expect(await team.azure.requests({ host }), host).to.deep.equal([]);

    await team.edit({ keyVault: { allowedVaults: ['*.vault.azure.net'] } });
    await team.until('the list of the operator to be named', async () =>
      (await team.condition('Ready'))?.message.includes("the operator's setting allowed-vaults"),
    );
    expect(await team.azure.requests({ host: `${platform}.vault.azure.net` })).to.deep.equal([]);
    await team.azure.deleteSetting({ store: team.store, key: 'platform' });
    await team.untilReady();
    expect(await team.secretData()).to.deep.equal({ password: 's3cret' });
  });
});
