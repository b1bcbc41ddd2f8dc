import { expect } from 'chai';
import { decodeJwt } from 'jose';
import type { AppInfo } from '../../../dev/azure/control/client.ts';
import { startWorld, type World } from './world.ts';

const RESOURCE = 'https://vault.azure.net';

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, string>>;
}

describe('the instance metadata service', () => {
  let world: World;
  let first: AppInfo;
  let second: AppInfo;

  before(async () => {
    world = await startWorld();
  });
  beforeEach(async () => {
    await world.fresh();
    first = await world.control.createApp({ name: 'first' });
    second = await world.control.createApp({ name: 'second' });
  });
  after(() => world.stop());

  async function ask(
    query: Record<string, string> = {},
    headers: Record<string, string> = { Metadata: 'true' },
  ): Promise<Answer> {
    const all = new URLSearchParams({ 'api-version': '2018-02-01', resource: RESOURCE, ...query });
    const url = `${world.azure.metadataUrl}/metadata/identity/oauth2/token?${all}`;
    const response = await fetch(url, { headers });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  }

  it('gives a token of the identity that is asked for, with numbers as strings', async () => {
    await world.control.setNodeIdentities({ user: [first.clientId, second.clientId] });
    const { status, body } = await ask({ client_id: second.clientId });
    expect(status).to.equal(200);
    expect(body).to.include({ token_type: 'Bearer', resource: RESOURCE, client_id: second.clientId });
    expect(body['expires_in']).to.equal('86399');
    expect(Number(body['expires_on']) - Date.now() / 1000).to.be.within(86_000, 86_400);
    expect(decodeJwt(body['access_token'] ?? '')).to.include({ appid: second.clientId, aud: RESOURCE });
  });

  it('takes the identity of the system, or the only one, when none is named', async () => {
    await world.control.setNodeIdentities({ user: [first.clientId] });
    expect((await ask()).body['client_id']).to.equal(first.clientId);
    await world.control.setNodeIdentities({ system: second.clientId });
    expect((await ask()).body['client_id']).to.equal(second.clientId);
  });

  it('refuses to choose among several, and an identity that the machine does not have', async () => {
    await world.control.setNodeIdentities({ user: [first.clientId, second.clientId] });
    const several = await ask();
    expect([several.status, several.body['error']]).to.deep.equal([400, 'invalid_request']);
    expect(several.body['error_description']).to.match(/^Multiple user assigned identities exist/);
    await world.control.setNodeIdentities({ user: [first.clientId] });
    const other = await ask({ client_id: second.clientId });
    expect(other.body).to.deep.equal({ error: 'invalid_request', error_description: 'Identity not found' });
    await world.control.setNodeIdentities({ user: [] });
    expect((await ask()).status).to.equal(400);
  });

  it('refuses requests without its header, and those that a proxy passed on', async () => {
    await world.control.setNodeIdentities({ system: first.clientId });
    const bare = await ask({}, {});
    expect([bare.status, bare.body['error']]).to.deep.equal([400, 'bad_request_102']);
    expect((await ask({}, { Metadata: 'True' })).status).to.equal(400);
    expect((await ask({}, { Metadata: 'true', 'X-Forwarded-For': '10.0.0.1' })).status).to.equal(400);
    expect((await ask({ resource: '' })).status).to.equal(400);
  });

  it('fails as faults say, and logs who asked', async () => {
    await world.control.setNodeIdentities({ system: first.clientId });
    await world.control.addFault({ service: 'imds', status: 503, count: 1 });
    expect((await ask()).status).to.equal(503);
    expect((await ask()).status).to.equal(200);
    const records = await world.control.requests({ service: 'imds' });
    expect(records.map(({ status, principal }) => [status, principal])).to.deep.equal([
      [503, undefined],
      [200, first.clientId],
    ]);
  });
});
