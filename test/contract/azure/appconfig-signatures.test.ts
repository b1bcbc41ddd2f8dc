import { createHash, createHmac } from 'node:crypto';
import { expect } from 'chai';
import type { AccessKeyInfo } from '../../../dev/azure/control/client.ts';
import { signedClient } from './clients.ts';
import { all, bodyOf, send, type Wire } from './wire.ts';
import { API, contosoStore, type StoreWorld, startWorld, type World } from './world.ts';

const STORE = { store: 'contoso' } as const;
const EMPTY_HASH = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';

interface Signing {
  /** The request line that is signed, if not the one that is sent. */
  readonly signs?: string;
  readonly method?: string;
  readonly body?: string;
  readonly key?: Pick<AccessKeyInfo, 'id' | 'secret'>;
  readonly date?: string;
  readonly dateHeader?: string;
  readonly hash?: string;
  readonly signedHeaders?: string;
  readonly authorization?: (given: string) => string;
  readonly headers?: Record<string, string>;
}

describe('App Configuration: requests signed with an access key (A.13)', () => {
  let world: World;
  let store: StoreWorld;
  let keys: AccessKeyInfo[];

  before(async () => {
    world = await startWorld();
  });
  beforeEach(async () => {
    await world.fresh();
    store = await contosoStore(world);
    keys = await world.control.listAccessKeys('contoso');
    await world.control.setSetting({ ...STORE, key: 'a b', value: '1' });
  });
  after(() => world.stop());

  const primary = () => keyNamed('Primary');
  const keyNamed = (name: string) => {
    const key = keys.find((one) => one.name === name);
    if (!key) throw new Error(`no key ${name}`);
    return key;
  };

  /** Signs by the documented recipe, written down here a second time. */
  function signed(target: string, options: Signing = {}): Promise<Wire> {
    const { method = 'GET', body = '', key = primary(), dateHeader = 'x-ms-date' } = options;
    const date = options.date ?? new Date().toUTCString();
    const hash = options.hash ?? createHash('sha256').update(body).digest('base64');
    const headers: Record<string, string> = {
      host: store.host,
      [dateHeader]: date,
      'x-ms-content-sha256': hash,
      ...options.headers,
    };
    const names = options.signedHeaders ?? `${dateHeader};host;x-ms-content-sha256`;
    const values = names.split(';').map((name) => headers[name] ?? '');
    const signature = createHmac('sha256', Buffer.from(key.secret, 'base64'))
      .update(`${method}\n${options.signs ?? target}\n${values.join(';')}`)
      .digest('base64');
    const plain = `HMAC-SHA256 Credential=${key.id}&SignedHeaders=${names}&Signature=${signature}`;
    const authorization = options.authorization?.(plain) ?? plain;
    return send(world.agent, store.host, target, { method, body, headers: { ...headers, authorization } });
  }

  const refusal = (wire: Wire) => {
    expect([wire.status, wire.text], String(wire.headers['www-authenticate'])).to.deep.equal([401, '']);
    const pattern = /^HMAC-SHA256 error="([^"]*)" error_description="([^"]*)", Bearer$/;
    return pattern.exec(String(wire.headers['www-authenticate']))?.slice(1);
  };

  it('are accepted over the raw request line, whatever the escaping', async () => {
    for (const target of [
      `/kv/a%20b?${API}`,
      `/kv?${API}&key=a%20b`,
      `/kv?${API}&key=a+b`,
      `/kv?key=%61*&${API}`,
    ])
      expect((await signed(target)).status, target).to.equal(200);
  });

  it('are accepted with their headers signed in any order, with Date instead, and with more headers', async () => {
    const target = `/kv?${API}`;
    expect((await signed(target, { signedHeaders: 'host;x-ms-content-sha256;x-ms-date' })).status).to.equal(
      200,
    );
    expect((await signed(target, { dateHeader: 'date' })).status).to.equal(200);
    const headers = { 'x-extra': 'one' };
    const signedHeaders = 'x-ms-date;host;x-ms-content-sha256;x-extra';
    expect((await signed(target, { headers, signedHeaders })).status).to.equal(200);
  });

  it('sign the port when the host header has one', async () => {
    const wire = await signed(`/kv?${API}`, { headers: { host: `${store.host}:443` } });
    expect(wire.status).to.equal(200);
  });

  it('cover the body by its hash', async () => {
    const body = JSON.stringify({ value: '2' });
    const headers = { 'content-type': 'application/json' };
    const written = await signed(`/kv/c?${API}`, { method: 'PUT', body, headers });
    expect([written.status, bodyOf<{ value: string }>(written).value]).to.deep.equal([200, '2']);
    const swapped = await signed(`/kv/c?${API}`, { method: 'PUT', body, headers, hash: EMPTY_HASH });
    expect(refusal(swapped)).to.deep.equal(['invalid_token', 'Invalid request content hash']);
  });

  it('may be 15 minutes off either way, and not more', async () => {
    const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toUTCString();
    for (const minutes of [-14, 14])
      expect((await signed(`/kv?${API}`, { date: at(minutes) })).status).to.equal(200);
    for (const minutes of [-16, 16])
      expect(refusal(await signed(`/kv?${API}`, { date: at(minutes) }))?.[1]).to.equal(
        'The access token has expired',
      );
  });

  it('follow the pretend clock', async () => {
    await world.control.setClock({ advanceMs: 3_600_000 });
    expect(refusal(await signed(`/kv?${API}`))?.[1]).to.equal('The access token has expired');
  });

  const broken: Record<string, [Signing, string]> = {
    'a date that is none': [{ date: 'noon' }, 'Invalid access token date'],
    'an unknown credential': [
      { authorization: (given) => given.replace(/Credential=[^&]+/, 'Credential=nobody') },
      'Invalid Credential',
    ],
    'a changed signature': [
      { authorization: (given) => given.replace(/Signature=..../, 'Signature=AAAA') },
      'Invalid Signature',
    ],
    'a signature that is not base64': [
      { authorization: (given) => given.replace(/Signature=.*/, 'Signature=%%') },
      'Invalid Signature',
    ],
    'no signature': [
      { authorization: (given) => given.replace(/&Signature=.*/, '') },
      '[Credential][SignedHeaders][Signature] is required',
    ],
    'no parameters at all': [
      { authorization: () => 'HMAC-SHA256' },
      '[Credential][SignedHeaders][Signature] is required',
    ],
    'a signed header that is not there': [
      { signedHeaders: 'x-ms-date;host;x-ms-content-sha256;x-none' },
      "Signed request header 'x-none' is not provided",
    ],
    'no date among the signed headers': [
      { signedHeaders: 'host;x-ms-content-sha256' },
      'x-ms-date is required as a signed header',
    ],
    'no host among the signed headers': [
      { signedHeaders: 'x-ms-date;x-ms-content-sha256' },
      'host is required as a signed header',
    ],
    'no content hash among the signed headers': [
      { signedHeaders: 'x-ms-date;host' },
      'x-ms-content-sha256 is required as a signed header',
    ],
  };
  for (const [what, [options, description]] of Object.entries(broken)) {
    it(`are refused with 401 and "${description}" for ${what}`, async () => {
      expect(refusal(await signed(`/kv?${API}`, options))).to.deep.equal(['invalid_token', description]);
    });
  }

  it('are refused when another request was signed', async () => {
    for (const signs of [`/kv?${API}&key=b`, `/kv?key=a&${API}`, `/kv?${API}&key=%61`])
      expect(refusal(await signed(`/kv?${API}&key=a`, { signs }))?.[1], signs).to.equal('Invalid Signature');
  });

  it('write with a primary or secondary key, and are answered 403 without a body with a read-only one', async () => {
    const put = (name: string) =>
      signed(`/kv/c?${API}`, { method: 'PUT', body: '{"value":"1"}', key: keyNamed(name) });
    expect((await put('Primary')).status).to.equal(200);
    expect((await put('Secondary')).status).to.equal(200);
    for (const name of ['Primary Read Only', 'Secondary Read Only']) {
      const wire = await put(name);
      expect([wire.status, wire.text], name).to.deep.equal([403, '']);
      expect((await signed(`/kv?${API}`, { key: keyNamed(name) })).status).to.equal(200);
    }
  });

  it('stop to count when their key is regenerated', async () => {
    const fresh = await world.control.regenerateAccessKey({ ...STORE, name: 'Primary' });
    expect(refusal(await signed(`/kv?${API}`))?.[1]).to.equal('Invalid Credential');
    expect((await signed(`/kv?${API}`, { key: fresh })).status).to.equal(200);
  });

  it('are refused as forbidden where local authentication is disabled, while tokens still count', async () => {
    await world.control.setLocalAuth({ ...STORE, enabled: false });
    expect(refusal(await signed(`/kv?${API}`))).to.deep.equal([
      'forbidden',
      'Authentication scheme disabled',
    ]);
    expect((await store.call(`/kv?${API}`)).status).to.equal(200);
    await world.control.setLocalAuth({ ...STORE, enabled: true });
    expect((await signed(`/kv?${API}`)).status).to.equal(200);
  });

  it('are what the SDK sends with a connection string', async () => {
    const client = signedClient(world.agent, primary().connectionString);
    await client.setConfigurationSetting({ key: 'x/y', label: 'dev', value: 'ü' });
    const found = await all(client.listConfigurationSettings({ keyFilter: 'x*', labelFilter: '*' }));
    expect(found.map(({ key, value }) => [key, value])).to.deep.equal([['x/y', 'ü']]);
    const old = primary().connectionString;
    await world.control.regenerateAccessKey({ ...STORE, name: 'Primary' });
    const error = await signedClient(world.agent, old)
      .getConfigurationSetting({ key: 'x/y' })
      .then(
        () => undefined,
        (reason: { statusCode?: number }) => reason.statusCode,
      );
    expect(error).to.equal(401);
  });

  it('stand in the log by the id of their key, never by its secret', async () => {
    await signed(`/kv?${API}`);
    const log = await world.control.requests({ service: 'appconfig' });
    expect(log.at(-1)?.principal).to.equal(primary().id);
    expect(JSON.stringify(log)).not.to.include(primary().secret);
  });
});
