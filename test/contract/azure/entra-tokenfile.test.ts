import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WorkloadIdentityCredential } from '@azure/identity';
import { expect } from 'chai';
import { agentPolicy } from './clients.ts';
import { type ClusterIssuer, SUBJECT, startClusterIssuer } from './cluster-issuer.ts';
import { startWorld, type World } from './world.ts';

describe('Entra: a projected token file', () => {
  let world: World;
  let cluster: ClusterIssuer;
  let folder: string;
  const now = Date.now;

  before(async () => {
    [world, cluster, folder] = await Promise.all([
      startWorld(),
      startClusterIssuer(),
      mkdtemp(join(tmpdir(), 'token-file-')),
    ]);
  });
  after(async () => {
    Date.now = now;
    await Promise.all([world.stop(), cluster.stop(), rm(folder, { recursive: true })]);
  });

  it('is read again by the SDK after five minutes, so a rotated token is picked up', async () => {
    const { control, azure, agent } = world;
    const app = await control.createApp({ name: 'orders' });
    await control.registerIssuer({ issuer: cluster.issuer, caPem: cluster.caPem });
    await control.addFederatedCredential({
      clientId: app.clientId,
      issuer: cluster.issuer,
      subject: SUBJECT,
    });
    const tokenFilePath = join(folder, 'token');
    await writeFile(tokenFilePath, await cluster.mint({ subject: 'system:serviceaccount:shop:before' }));
    const credential = new WorkloadIdentityCredential({
      tenantId: azure.tenantId,
      clientId: app.clientId,
      tokenFilePath,
      retryOptions: { maxRetries: 0 },
      additionalPolicies: [{ policy: agentPolicy(agent), position: 'perRetry' }],
    });
    const attempt = () =>
      credential.getToken('https://vault.azure.net/.default').then(
        () => 'issued',
        (error: Error) => /AADSTS\d+/.exec(error.message)?.[0],
      );
    expect(await attempt()).to.equal('AADSTS700213');
    await writeFile(tokenFilePath, await cluster.mint());
    expect(await attempt()).to.equal('AADSTS700213');
    Date.now = () => now() + 5 * 60_000 + 1;
    expect(await attempt()).to.equal('issued');
  });
});
