import { expect } from 'chai';
import { readClientCertificate } from '../../../src/domain/identity/client-certificate.ts';
import { issueClientCertificate } from '../../support/client-certificates.ts';
import { type Bench, failureOf, okValue, patience, select, startBench, VAULT } from './bench.ts';

describe('service principals', () => {
  let bench: Bench;

  before(async () => {
    bench = await startBench();
    const { control } = bench.pretend;
    await control.setSecret({ vault: 'shop-vault', name: 'db', value: 's3cret' });
    await control.setSetting({ store: 'shop', key: 'color', value: 'blue' });
  });
  after(() => bench.stop());

  const addSecret = (expiresAt?: number) =>
    bench.pretend.control.addClientSecret({
      clientId: bench.clientId,
      ...(expiresAt === undefined ? {} : { expiresAt }),
    });

  it('read a store and a vault with a client secret, and ask the cluster for no token', async () => {
    const { value } = await addSecret();
    const azure = bench.azure();
    const identity = bench.principal(value);
    const before = bench.cluster.calls;
    okValue(await azure.headPages(select('*'), identity, [], patience()));
    const secret = await azure.readSecret({ vault: VAULT, name: 'db' }, identity, patience());
    expect(okValue(secret).value).to.equal('s3cret');
    expect(bench.cluster.calls).to.equal(before);
  });

  it('share tokens as long as the secret is the same, and no longer', async () => {
    const [first, second] = [await addSecret(), await addSecret()];
    const { control } = bench.pretend;
    const azure = bench.azure();
    await control.clearRequests();
    for (const { value } of [first, first, second])
      okValue(await azure.headPages(select('*'), bench.principal(value), [], patience()));
    expect(await control.requests({ service: 'entra' })).to.have.length(2);
  });

  it('are told that the secret is wrong or expired (7000215, 7000222), without the secret', async () => {
    const { keyId } = await addSecret();
    const { value: old } = await addSecret(1);
    for (const [secret, reason] of [
      [keyId, 'ClientSecretRejected'],
      [old, 'ClientSecretExpired'],
    ] as const) {
      const failure = failureOf(
        await bench.azure().headPages(select('*'), bench.principal(secret), [], patience()),
      );
      expect(failure).to.include({ kind: 'blocked', reason });
      expect(failure.message).to.include(bench.clientId).and.include('Secret shop/orders-sp');
      expect(failure.message).not.to.include(secret);
    }
  });

  it('read with a certificate, and are told that it is unknown or has expired (700027)', async () => {
    const certificateOf = async (days: number) => {
      const { certificate, privateKey } = await issueClientCertificate({ days });
      const read = readClientCertificate(certificate + privateKey);
      if (!read.ok) throw new Error(read.problem);
      const add = () =>
        bench.pretend.control.addClientCertificate({ clientId: bench.clientId, pem: certificate });
      return { add, read: read.certificate };
    };
    const [good, old] = [await certificateOf(30), await certificateOf(-1)];
    const ask = ({ read }: typeof good) =>
      bench.azure().headPages(select('*'), bench.principal(read), [], patience());
    const unknown = failureOf(await ask(good));
    expect(unknown).to.include({ kind: 'blocked', reason: 'ClientCertificateRejected' });
    expect(unknown.message).to.include(good.read.thumbprint).and.include('Secret shop/orders-sp');
    await good.add();
    okValue(await ask(good));
    await old.add();
    const expired = failureOf(await ask(old));
    expect(expired).to.include({ kind: 'blocked', reason: 'ClientCertificateExpired' });
    for (const { message } of [unknown, expired]) expect(message).not.to.include('BEGIN');
  });

  it('are told that the application does not exist (700016), and where its id is corrected', async () => {
    const nobody = '11111111-2222-4333-8444-555555555555';
    const failure = failureOf(
      await bench.azure().headPages(select('*'), bench.principal('x', nobody), [], patience()),
    );
    expect(failure).to.include({ kind: 'blocked', reason: 'ApplicationNotFound' });
    expect(failure.message).to.include('check the client id (Secret shop/orders-sp)');
  });
});
