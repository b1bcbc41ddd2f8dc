import { ClientCertificateCredential } from '@azure/identity';
import { expect } from 'chai';
import { decodeJwt, importPKCS8, SignJWT } from 'jose';
import type { AppInfo } from '../../../dev/azure/control/client.ts';
import { type CertificatePair, issueClientCertificate } from '../../support/client-certificates.ts';
import { agentPolicy } from './clients.ts';
import { bodyOf, send } from './wire.ts';
import { startWorld, type World } from './world.ts';

const SCOPE = 'https://vault.azure.net/.default';

describe('Entra: tokens for certificates', () => {
  let world: World;
  let app: AppInfo;
  let pair: CertificatePair;

  before(async () => {
    [world, pair] = await Promise.all([startWorld(), issueClientCertificate()]);
  });
  beforeEach(async () => {
    await world.fresh();
    app = await world.control.createApp({ name: 'orders' });
  });
  after(() => world.stop());

  const add = ({ certificate }: CertificatePair) =>
    world.control.addClientCertificate({ clientId: app.clientId, pem: certificate });

  const tokenFor = async ({ certificate, privateKey }: CertificatePair): Promise<string> => {
    const credential = new ClientCertificateCredential(
      app.tenantId,
      app.clientId,
      { certificate: certificate + privateKey },
      {
        additionalPolicies: [{ policy: agentPolicy(world.agent), position: 'perRetry' }],
        retryOptions: { maxRetries: 0 },
      },
    );
    return (await credential.getToken(SCOPE)).token;
  };

  async function refused(given: CertificatePair, code: number, text: string): Promise<void> {
    const error: unknown = await tokenFor(given).catch((reason: unknown) => reason);
    expect(String(error)).to.include(`AADSTS${code}`).and.include(text);
  }

  it('are given for each certificate that the application has', async () => {
    const second = await issueClientCertificate();
    const { thumbprint } = await add(pair);
    expect(thumbprint).to.match(/^[0-9A-F]{40}$/);
    await add(second);
    for (const one of [pair, second])
      expect(decodeJwt(await tokenFor(one))).to.include({ appid: app.clientId, appidacr: '2' });
  });

  it('are refused for a certificate that the application does not have with 700027', async () => {
    await refused(pair, 700027, 'The key was not found.');
    const { keyId } = await add(pair);
    await tokenFor(pair);
    await world.control.removeClientCertificate({ clientId: app.clientId, keyId });
    await refused(pair, 700027, 'The key was not found.');
  });

  it('are refused for a certificate that has expired with 700027', async () => {
    const old = await issueClientCertificate({ days: -1 });
    await add(old);
    await refused(old, 700027, 'The key used is expired.');
  });

  it('are refused for what another key signed, for another audience, or long ago', async () => {
    const { thumbprint } = await add(pair);
    const other = await issueClientCertificate();
    const endpoint = `https://login.microsoftonline.com/${app.tenantId}/oauth2/v2.0/token`;
    const ask = async (key: string, audience: string, from: number): Promise<number | undefined> => {
      const assertion = await new SignJWT({})
        .setProtectedHeader({ alg: 'RS256', x5t: Buffer.from(thumbprint, 'hex').toString('base64url') })
        .setIssuer(app.clientId)
        .setSubject(app.clientId)
        .setAudience(audience)
        .setNotBefore(Math.floor(Date.now() / 1000) + from)
        .setExpirationTime(Math.floor(Date.now() / 1000) + from + 600)
        .sign(await importPKCS8(key, 'RS256'));
      const body = new URLSearchParams({
        client_id: app.clientId,
        scope: SCOPE,
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      });
      const path = `/${app.tenantId}/oauth2/v2.0/token`;
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const wire = await send(world.agent, 'login.microsoftonline.com', path, {
        method: 'POST',
        headers,
        body: String(body),
      });
      return bodyOf<{ error_codes?: number[] }>(wire).error_codes?.[0];
    };
    expect(await ask(pair.privateKey, endpoint, 0)).to.equal(undefined);
    expect(await ask(other.privateKey, endpoint, 0)).to.equal(700027);
    expect(await ask(pair.privateKey, 'https://elsewhere.example', 0)).to.equal(700023);
    expect(await ask(pair.privateKey, endpoint, -3600)).to.equal(700024);
    expect(await ask(pair.privateKey, endpoint, 3600)).to.equal(700024);
  });

  it('survive a dump and a seed', async () => {
    await add(pair);
    const state = await world.control.dump();
    await world.fresh();
    await world.control.seed(state);
    expect(await tokenFor(pair)).to.match(/^ey/);
  });
});
