import { expect } from 'chai';
import { issueClientCertificate } from '../../support/client-certificates.ts';
import {
  ACCESS_KEY,
  accessKeyIdentity,
  newClientSecret,
  PRINCIPAL,
  principalIdentity,
  writeConnectionString,
  writePrincipal,
  writeSecret,
} from '../../support/real/credentials.ts';
import { useOperator } from '../../support/real/running.ts';
import { furnish, SERVICE_ACCOUNT, type Team } from '../../support/real/team.ts';

describe('a binding that reads as', function () {
  this.timeout(180_000);
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

  describe('a service principal with a certificate', () => {
    it('reads store and vault, from one text or from a Secret of the type kubernetes.io/tls', async () => {
      const team = await unfederated();
      const { clientId, tenantId } = team.app;
      const { certificate, privateKey } = await issueClientCertificate();
      await team.azure.addClientCertificate({ clientId, pem: certificate });
      await writeSecret(team, PRINCIPAL, { clientId, tenantId, clientCertificate: certificate + privateKey });
      await team.apply(team.spec({ identity: principalIdentity }));
      await team.untilReady();
      expect(await team.secretData()).to.deep.equal({ password: 's3cret' });

      const renewed = await issueClientCertificate();
      await team.azure.addClientCertificate({ clientId, pem: renewed.certificate });
      const stringData = { 'tls.crt': renewed.certificate, 'tls.key': renewed.privateKey };
      const metadata = { name: 'renewed' };
      const type = 'kubernetes.io/tls';
      await team.objects.create('secrets', team.namespace, { metadata, type, stringData });
      const servicePrincipal = { secretRef: metadata, clientId, tenantId };
      await team.edit({ identity: { servicePrincipal } });
      await team.untilReady();
      expect((await team.status()).identity?.secretName).to.equal('renewed');
      expect(await isTold(team, privateKey.split('\n')[3] ?? '')).to.equal(false);
    });
  });

  describe('an access key of the store', () => {
    it('reads settings without Entra, and follows a regenerated key by a changed Secret', async () => {
      const team = await unfederated();
      await team.azure.deleteSetting({ store: team.store, key: 'password' });
      const text = await writeConnectionString(team);
      await team.apply(team.spec({ identity: accessKeyIdentity }));
      await team.untilReady();
      expect((await team.configMap())?.data).to.deep.equal({ color: 'blue' });
      const expected = { kind: 'ConnectionString', secretName: ACCESS_KEY };
      expect((await team.status()).identity).to.deep.equal(expected);
      await team.azure.regenerateAccessKey({ store: team.store, name: 'Primary Read Only' });
      await team.untilCondition('Ready', 'False', 'StoreUnauthorized');
      await writeConnectionString(team);
      await team.untilReady();
      expect(await isTold(team, text.split('Secret=')[1] ?? '')).to.equal(false);
    });

    it('reads no vault: references need an identity of their own', async () => {
      const team = await running().team();
      await furnish(team);
      await writeConnectionString(team);
      await team.apply(team.spec({ identity: accessKeyIdentity }));
      const ready = await team.untilCondition('Ready', 'False', 'InvalidSpec');
      expect(ready.message).to.include('set spec.keyVault.identity');
      const identity = { workloadIdentity: { serviceAccountName: SERVICE_ACCOUNT } };
      await team.edit({ keyVault: { identity } });
      await team.untilReady();
      expect(await team.secretData()).to.deep.equal({ password: 's3cret' });
    });
  });
});

describe('a binding that reads as a managed identity of the node', function () {
  this.timeout(180_000);

  describe('that the operator does not allow', () => {
    const running = useOperator();

    it('is refused, and the metadata service is not asked', async () => {
      const team = await running().team({ serviceAccount: false, federate: false });
      await furnish(team);
      await team.azure.setNodeIdentities({ system: team.app.clientId });
      await team.azure.clearRequests();
      await team.apply(team.spec({ identity: { managedIdentity: {} } }));
      const ready = await team.untilCondition('Ready', 'False', 'ManagedIdentityNotAllowed');
      expect(ready.message).to.include("the operator's setting allow-managed-identities");
      expect(await team.azure.requests({ service: 'imds' })).to.deep.equal([]);
    });
  });

  describe('that the operator allows', () => {
    const running = useOperator({ flags: ['--allow-managed-identities=true'] });

    it('is synced once the identity is assigned to the node', async () => {
      const team = await running().team({ serviceAccount: false, federate: false });
      await furnish(team);
      const { clientId } = team.app;
      await team.azure.setNodeIdentities({ system: null, user: [] });
      await team.apply(team.spec({ identity: { managedIdentity: { clientId } } }));
      const ready = await team.untilCondition('Ready', 'False', 'ManagedIdentityNotFound');
      expect(ready.message).to.include(`managed identity ${clientId}: assign it to the node pool`);
      await team.azure.setNodeIdentities({ user: [clientId] });
      await team.untilReady();
      expect(await team.secretData()).to.deep.equal({ password: 's3cret' });
      expect((await team.status()).identity).to.deep.equal({ kind: 'ManagedIdentity', clientId });
    });
  });
});
