import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { IdentityProxy } from '../../../dev/azure/identitybinding/server.ts';
import type { AzureProxy } from '../../../src/adapters/azure/azure-proxy.ts';
import { type Bench, failureOf, okValue, patience, select, startBench, VAULT } from './bench.ts';

const AUDIENCE = 'api://AKSIdentityBinding';
const CURRENT = 'system:serviceaccount:shop:orders';

describe('an identity of an AKS identity binding', () => {
  let bench: Bench;
  let proxy: IdentityProxy;
  let folder: string;
  let allowed = true;

  before(async () => {
    [bench, folder] = await Promise.all([startBench(), mkdtemp(join(tmpdir(), 'identity-binding-'))]);
    const { control } = bench.pretend;
    // Only the binding counts: nothing else trusts the cluster.
    await control.removeFederatedCredential({ clientId: bench.clientId });
    await control.createIdentityBinding({ clientId: bench.clientId });
    await control.setSetting({ store: 'shop', key: 'color', value: 'blue' });
    await control.setSecret({ vault: 'shop-vault', name: 'db', value: 's3cret' });
    proxy = await bench.pretend.startIdentityProxy(
      async (subject, clientId) => allowed && subject === CURRENT && clientId === bench.clientId,
    );
  });
  beforeEach(async () => {
    allowed = true;
    bench.cluster.tweaks = { audience: AUDIENCE };
    await bench.pretend.control.clearFaults();
    await bench.pretend.control.clearRequests();
  });
  after(async () => {
    await proxy.stop();
    await Promise.all([bench.stop(), rm(folder, { recursive: true })]);
  });

  const settings = (changes: Partial<AzureProxy> = {}): AzureProxy => ({
    url: proxy.url,
    serverName: proxy.serverName,
    ca: { file: proxy.caFile },
    ...changes,
  });
  const bound = () => bench.identity({ azureProxy: true });
  const read = (azureProxy: AzureProxy, identity = bound()) =>
    bench.azure({ azureProxy }).headPages(select('*'), identity, [], patience());
  const services = async () => {
    const log = await bench.pretend.control.requests();
    return [...new Set(log.map(({ service }) => service))];
  };

  it('reads store and vault with tokens of the proxy, and Entra is asked nothing', async () => {
    const azure = bench.azure({ azureProxy: settings() });
    const identity = bound();
    okValue(await azure.headPages(select('*'), identity, [], patience()));
    const secret = okValue(await azure.readSecret({ vault: VAULT, name: 'db' }, identity, patience()));
    expect(secret.value).to.equal('s3cret');
    const log = await bench.pretend.control.requests();
    expect(log.filter(({ host }) => host.startsWith('login.'))).to.deep.equal([]);
    expect(await services()).to.include('identitybinding');
  });

  it('is as good with the certificates themselves as with a file of them', async () => {
    okValue(await read(settings({ ca: { pem: proxy.caPem } })));
  });

  it('leaves all other identities to Entra, at the same time', async () => {
    const { value } = await bench.pretend.control.addClientSecret({ clientId: bench.clientId });
    okValue(await read(settings(), bench.principal(value)));
    expect(await services())
      .to.include('entra')
      .and.not.include('identitybinding');
  });

  it('is told which right its ServiceAccount needs, with the ClusterRole for it', async () => {
    allowed = false;
    const failure = failureOf(await read(settings()));
    expect(failure).to.include({ kind: 'blocked', reason: 'IdentityBindingRefused' });
    expect(failure.message).to.include(`use-managed-identity on ${bench.clientId}`).and.include(CURRENT);
    const commands = failure.kind === 'blocked' ? (failure.remedies?.[0]?.commands ?? []) : [];
    expect(commands.at(-1)).to.include('"kind":"ClusterRoleBinding"').and.include('kubectl apply');
  });

  it('is told when the managed identity has no identity binding', async () => {
    await bench.pretend.control.removeIdentityBinding({ clientId: bench.clientId });
    const failure = failureOf(await read(settings()));
    await bench.pretend.control.createIdentityBinding({ clientId: bench.clientId });
    expect(failure).to.include({ kind: 'blocked', reason: 'IdentityBindingRefused' });
    expect(failure.message).to.include('no identity binding with this cluster (AADSTS70025)');
    const commands = failure.kind === 'blocked' ? (failure.remedies?.[0]?.commands ?? []) : [];
    expect(commands.at(-1)).to.match(/^az aks identity-binding create /);
  });

  it('waits where the proxy cannot be reached, is not who it says, or is disturbed', async () => {
    const troubles: readonly AzureProxy[] = [
      settings({ url: 'https://127.0.0.1:1' }),
      settings({ serverName: 'other.ests.aks' }),
      settings({ ca: { pem: bench.pretend.caPem } }),
      settings({ ca: { file: join(folder, 'none.crt') } }),
    ];
    for (const trouble of troubles) {
      const failure = failureOf(await read(trouble));
      expect(failure, JSON.stringify(trouble)).to.include({
        kind: 'unavailable',
        reason: 'EntraUnavailable',
      });
      expect(failure.message).to.include(new URL(trouble.url).host);
    }
    await bench.pretend.control.addFault({ service: 'identitybinding', status: 503 });
    expect(failureOf(await read(settings()))).to.include({ reason: 'EntraUnavailable' });
  });

  it('goes on while the file of its authority is empty, and trusts a new one at the next request', async () => {
    const file = join(folder, 'ca.crt');
    const azure = bench.azure({ azureProxy: settings({ ca: { file } }) });
    const ask = () => azure.headPages(select('*'), bound(), [], patience());
    await writeFile(file, await readFile(proxy.caFile));
    okValue(await ask());
    await writeFile(file, '');
    okValue(await ask());
    await writeFile(file, bench.pretend.caPem);
    expect(failureOf(await ask())).to.include({ reason: 'EntraUnavailable' });
  });
});
