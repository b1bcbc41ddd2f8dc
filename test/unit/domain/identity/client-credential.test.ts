import { expect } from 'chai';
import fc from 'fast-check';
import { readApplicationSecret } from '../../../../src/domain/identity/client-credential.ts';
import { issueClientCertificate } from '../../../support/client-certificates.ts';

const CLIENT = '11111111-1111-4111-8111-11111111111a';
const TENANT = '22222222-2222-4222-8222-22222222222b';

const read = (texts: Record<string, string>) => readApplicationSecret(new Map(Object.entries(texts)));
const problemOf = (texts: Record<string, string>): string => {
  const found = read(texts);
  return found.ok ? 'none' : found.problem;
};

describe('the Secret of a service principal', () => {
  it('is read under the names that different tools give to its keys', () => {
    const expected = {
      ok: true,
      clientId: CLIENT,
      tenantId: TENANT,
      credential: { kind: 'secret', secret: 's3cret~' },
    };
    for (const [client, tenant, secret] of [
      ['clientId', 'tenantId', 'clientSecret'],
      ['AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'AZURE_CLIENT_SECRET'],
      ['azure_client_id', 'azure_tenant_id', 'azure_client_secret'],
      ['client-id', 'tenant-id', 'client-secret'],
    ] as const)
      expect(
        read({ [client]: CLIENT.toUpperCase(), [tenant]: TENANT, [secret]: 's3cret~' }),
        client,
      ).to.deep.equal(expected);
  });

  it('may leave the ids to the binding, and has other keys of its own', () => {
    expect(read({ clientSecret: 's3cret', note: 'mine' })).to.deep.equal({
      ok: true,
      credential: { kind: 'secret', secret: 's3cret' },
    });
  });

  it('is read without white space around its values, which `echo` and editors add', () => {
    const found = read({ clientId: `${CLIENT}\n`, clientSecret: ' s3cret\r\n' });
    expect(found).to.deep.include({ clientId: CLIENT, credential: { kind: 'secret', secret: 's3cret' } });
  });

  it('names the key that is missing or wrong, and what belongs there', () => {
    expect(problemOf({ clientId: CLIENT })).to.match(
      /^it holds no clientSecret and no clientCertificate: add the value/,
    );
    expect(problemOf({ clientSecret: '  \n' })).to.match(/^it holds no clientSecret/);
    expect(problemOf({ AZURE_CLIENT_ID: 'mine', clientSecret: 'x' })).to.equal(
      'its key AZURE_CLIENT_ID holds no GUID: correct it',
    );
    expect(problemOf({ tenantId: 'contoso.example', clientSecret: 'x' })).to.match(/^its key tenantId/);
  });

  it('may hold a certificate with its key instead, in one text or as cert-manager writes them', async () => {
    const { certificate, privateKey } = await issueClientCertificate();
    for (const texts of [
      { clientCertificate: certificate + privateKey },
      { AZURE_CLIENT_CERTIFICATE: privateKey + certificate },
      { 'tls.crt': certificate, 'tls.key': privateKey, 'ca.crt': certificate },
    ]) {
      const found = read(texts as Record<string, string>);
      expect(found.ok && found.credential.kind, Object.keys(texts).join()).to.equal('certificate');
    }
    expect(problemOf({ 'tls.crt': certificate })).to.match(/^its key tls\.crt holds no private key/);
    expect(problemOf({ clientSecret: 'x', clientCertificate: certificate })).to.equal(
      'its keys clientSecret and clientCertificate are two credentials: keep one',
    );
  });

  it('may not say two things under names that mean the same', () => {
    expect(problemOf({ clientSecret: 'one', AZURE_CLIENT_SECRET: 'two' })).to.equal(
      'its keys clientSecret and AZURE_CLIENT_SECRET mean the same and hold different values: keep one',
    );
    expect(read({ clientSecret: 'one', AZURE_CLIENT_SECRET: 'one' }).ok).to.equal(true);
  });

  it('never gets into a problem with a value', () => {
    const values = fc.string({ minLength: 8, maxLength: 40 }).filter((value) => value.trim().length >= 8);
    const names = fc.constantFrom('clientId', 'tenantId', 'clientSecret', 'AZURE_CLIENT_SECRET', 'other');
    fc.assert(
      fc.property(fc.dictionary(names, values), (texts) => {
        const problem = problemOf(texts);
        for (const value of Object.values(texts)) expect(problem).not.to.include(value.trim());
      }),
    );
  });
});
