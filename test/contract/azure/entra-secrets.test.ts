import { ClientSecretCredential } from '@azure/identity';
import { expect } from 'chai';
import { decodeJwt } from 'jose';
import type { AppInfo } from '../../../dev/azure/control/client.ts';
import { agentPolicy } from './clients.ts';
import { startWorld, type World } from './world.ts';

const SCOPE = 'https://vault.azure.net/.default';

describe('Entra: tokens for client secrets', () => {
  let world: World;
  let app: AppInfo;

  before(async () => {
    world = await startWorld();
  });
  beforeEach(async () => {
    await world.fresh();
    app = await world.control.createApp({ name: 'orders' });
  });
  after(() => world.stop());

  const tokenFor = async (secret: string): Promise<string> => {
    const credential = new ClientSecretCredential(app.tenantId, app.clientId, secret, {
      additionalPolicies: [{ policy: agentPolicy(world.agent), position: 'perRetry' }],
      retryOptions: { maxRetries: 0 },
    });
    return (await credential.getToken(SCOPE)).token;
  };

  async function refused(secret: string, code: number): Promise<void> {
    const error: unknown = await tokenFor(secret).catch((reason: unknown) => reason);
    expect(String(error)).to.include(`AADSTS${code}`).and.not.include(secret);
    expect((await world.control.requests({ service: 'entra' })).at(-1)).to.include({
      status: 401,
      code: `AADSTS${code}`,
    });
  }

  it('are given for each secret that the application has', async () => {
    const { clientId } = app;
    const first = await world.control.addClientSecret({ clientId });
    const second = await world.control.addClientSecret({ clientId, value: 'a+b/c=~&%' });
    expect(first.value).to.have.length(40);
    for (const { value } of [first, second]) {
      const claims = decodeJwt(await tokenFor(value));
      expect(claims).to.include({ appid: clientId, appidacr: '1', aud: 'https://vault.azure.net' });
    }
  });

  it('are refused for a secret that was removed, or the id of one, with 7000215', async () => {
    const { clientId } = app;
    const { keyId, value } = await world.control.addClientSecret({ clientId });
    await refused(keyId, 7000215);
    expect(await world.control.removeClientSecret({ clientId, keyId })).to.deep.equal({ removed: true });
    await refused(value, 7000215);
  });

  it('are refused for a secret that has expired with 7000222', async () => {
    const { clientId } = app;
    const expiresAt = Math.floor(Date.now() / 1000) + 600;
    const { value } = await world.control.addClientSecret({ clientId, expiresAt });
    expect(await tokenFor(value)).to.match(/^ey/);
    await world.control.setClock({ advanceMs: 601_000 });
    await refused(value, 7000222);
  });

  it('survive a dump and a seed', async () => {
    const { value } = await world.control.addClientSecret({ clientId: app.clientId });
    const state = await world.control.dump();
    await world.fresh();
    await world.control.seed(state);
    expect(await tokenFor(value)).to.match(/^ey/);
  });
});
