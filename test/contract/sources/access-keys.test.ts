import { expect } from 'chai';
import { Concealed } from '../../../src/domain/identity/concealed.ts';
import { readConnectionString } from '../../../src/domain/identity/connection-string.ts';
import { connectionString, type Identity } from '../../../src/domain/identity/identity.ts';
import { hashKey } from '../../../src/domain/keyed-hash.ts';
import { type Bench, ENDPOINT, failureOf, okValue, patience, select, startBench } from './bench.ts';

describe('access keys of a store', () => {
  let bench: Bench;

  before(async () => {
    bench = await startBench();
    await bench.pretend.control.setSetting({ store: 'shop', key: 'color', value: 'blue' });
  });
  after(() => bench.stop());

  /** As a binding finds it in its Secret. */
  async function identityOf(name = 'Primary Read Only'): Promise<Identity> {
    const keys = await bench.pretend.control.listAccessKeys('shop');
    const { connectionString: text = '' } = keys.find((key) => key.name === name) ?? {};
    const read = readConnectionString(new Map([['connectionString', text]]));
    if (!read.ok) throw new Error(read.problem);
    const accessKey = new Concealed(read.key);
    const parts = { namespace: 'shop', secretName: 'store', accessKey };
    return connectionString(parts, hashKey(Buffer.alloc(32)));
  }

  it('read settings without a token, with the API version of all other reads', async () => {
    const { control } = bench.pretend;
    await control.clearRequests();
    const azure = bench.azure();
    const identity = await identityOf();
    const { settings, etags } = okValue(await azure.readPages(select('*'), identity, patience()));
    expect(settings.map(({ key, value }) => [key, value])).to.deep.equal([['color', 'blue']]);
    expect(okValue(await azure.headPages(select('*'), identity, etags, patience())).etags).to.deep.equal(
      etags,
    );
    okValue(await azure.headPages(select('*'), bench.identity(), [], patience()));
    const requests = await control.requests({ service: 'appconfig' });
    const versions = requests.map(({ query }) => new URLSearchParams(query).get('api-version'));
    expect(new Set(versions)).to.have.length(1);
    const tokens = await control.requests({ service: 'entra' });
    expect(tokens.every(({ principal }) => principal === bench.clientId)).to.equal(true);
    expect(tokens).to.have.length(1);
  });

  it('read from a replica with the same key', async () => {
    await bench.pretend.control.createReplica({ store: 'shop', name: 'eu' });
    const selection = select('*', null, 'https://shop-eu.azconfig.io');
    const { settings } = okValue(await bench.azure().readPages(selection, await identityOf(), patience()));
    expect(settings).to.have.length(1);
  });

  it('are refused after they were regenerated, and work again with the new one', async () => {
    const before = await identityOf('Primary');
    await bench.pretend.control.regenerateAccessKey({ store: 'shop', name: 'Primary' });
    const azure = bench.azure();
    const failure = failureOf(await azure.headPages(select('*'), before, [], patience()));
    expect(failure).to.include({ kind: 'blocked', reason: 'StoreUnauthorized' });
    expect(failure.message).to.include(`${ENDPOINT} does not know the access key in Secret shop/store`);
    okValue(await azure.headPages(select('*'), await identityOf('Primary'), [], patience()));
  });

  it('are refused by a store that takes none, and by one whose clock differs', async () => {
    const { control } = bench.pretend;
    const ask = async () =>
      failureOf(await bench.azure().headPages(select('*'), await identityOf(), [], patience()));
    await control.setLocalAuth({ store: 'shop', enabled: false });
    expect((await ask()).message).to.include('takes no access keys: enable them');
    await control.setLocalAuth({ store: 'shop', enabled: true });
    await control.setClock({ offsetMs: 3_600_000 });
    expect((await ask()).message).to.include("check the clock of the operator's node");
    await control.setClock({ offsetMs: 0 });
  });
});
