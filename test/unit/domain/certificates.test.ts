import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { issueCertificate } from '../../../dev/azure/keyvault/certificate.ts';
import { PEM, PKCS12, tlsPair } from '../../../src/domain/certificates/tls-pair.ts';
import { issueClientCertificate, newKeys } from '../../support/client-certificates.ts';
import { endlessBag, hungryBags, pfxOf } from '../../support/pfx.ts';

const FOLDER = new URL('../../fixtures/certificates/', import.meta.url);
const read = (file: string): Buffer => readFileSync(new URL(file, FOLDER));
const pfx = (file: string) => ({ value: read(file).toString('base64'), contentType: PKCS12 });
const pem = (value: string) => ({ value, contentType: PEM });

interface Given {
  readonly value: string;
  readonly contentType?: string;
}

/** The pair, taken apart again by Node: its certificates in order, and whether the key is that of the first. */
function pairOf(secret: Given) {
  const parsed = tlsPair(secret);
  if (!parsed.ok) throw new Error(parsed.problem);
  const { certificates, key } = parsed.value;
  const chain = (
    certificates.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g) ?? []
  ).map((text) => new X509Certificate(text));
  expect(chain.map((certificate) => certificate.toString()).join('')).to.equal(certificates);
  expect(key).to.match(/^-----BEGIN PRIVATE KEY-----\n[^-]+-----END PRIVATE KEY-----\n$/);
  const privateKey = createPrivateKey(key);
  expect(chain[0]?.checkPrivateKey(privateKey)).to.equal(true);
  return { subjects: chain.map(({ subject }) => subject), chain, type: privateKey.asymmetricKeyType };
}

const problemOf = (secret: Given): string => {
  const parsed = tlsPair(secret);
  return parsed.ok ? '' : parsed.problem;
};

describe('the secret of a certificate', () => {
  for (const file of ['aes.pfx', 'rc2-40.pfx', 'rc2-128.pfx', 'triple-des.pfx', 'unencrypted.pfx']) {
    it(`becomes certificate and key from ${file}, leaf first, then its issuer`, () => {
      const { subjects, type } = pairOf(pfx(file));
      expect(subjects).to.deep.equal(['CN=leaf', 'CN=ca']);
      expect(type).to.equal('rsa');
    });
  }

  it('becomes them from an EC key, too', () => {
    expect(pairOf(pfx('ec.pfx'))).to.deep.include({ subjects: ['CN=ec'], type: 'ec' });
  });

  it('becomes them from PEM in any order, whatever its key was written as', () => {
    const { subjects, type } = pairOf(pem(read('rsa-pkcs1.pem').toString()));
    expect([subjects, type]).to.deep.equal([['CN=leaf', 'CN=ca'], 'rsa']);
  });

  it('becomes them from PEM with EC PARAMETERS, with and without a content type', () => {
    const value = read('ec-parameters.pem').toString();
    expect(value).to.match(/^-----BEGIN EC PARAMETERS-----/);
    for (const secret of [pem(value), { value }]) expect(pairOf(secret).type).to.equal('ec');
  });

  it('becomes them with lines of Windows, and with words around the blocks', () => {
    const value = `Bag Attributes\n    localKeyID: 01\n${read('rsa-pkcs1.pem')}subject=CN = leaf\n`;
    expect(pairOf(pem(value.replaceAll('\n', '\r\n'))).subjects).to.deep.equal(['CN=leaf', 'CN=ca']);
  });

  it('holds a certificate that issued nothing of the others after the chain, and none twice', () => {
    const value = `${read('ec-parameters.pem')}${read('rsa-pkcs1.pem')}${read('rsa-pkcs1.pem')}`;
    const ofLeaf = value.replace(/-----BEGIN EC PRIVATE KEY-----[^-]+-----END EC PRIVATE KEY-----\n/, '');
    expect(pairOf(pem(ofLeaf)).subjects).to.deep.equal(['CN=leaf', 'CN=ca', 'CN=ec']);
  });

  for (const keyType of ['RSA', 'EC'] as const) {
    for (const format of ['pkcs12', 'pem'] as const) {
      it(`comes from the pretend Azure as ${format} with an ${keyType} key`, async () => {
        const { leaf, ...secret } = await issueCertificate({ subject: 'www.contoso.com', keyType, format });
        const { subjects, chain } = pairOf(secret);
        expect(subjects).to.deep.equal(['CN=www.contoso.com', 'CN=Pretend Issuer']);
        expect(chain[0]?.raw).to.deep.equal(new X509Certificate(leaf).raw);
      });
    }
  }

  const leafOnly = () =>
    /-----BEGIN CERT[^-]+-----[^-]+-----END CERTIFICATE-----\n$/.exec(
      read('rsa-pkcs1.pem').toString(),
    )?.[0] ?? '';
  const problems: readonly [string, () => Given, string][] = [
    ['nothing', () => pem(''), 'is neither PEM nor of the content type application/x-pkcs12'],
    ['a word', () => ({ value: 'hunter2' }), 'is neither PEM nor of the content type application/x-pkcs12'],
    [
      'base64 of something else',
      () => ({ value: 'aHVudGVyMg==', contentType: PKCS12 }),
      'is no PFX without a password',
    ],
    ['a PFX with a password', () => pfx('with-password.pfx'), 'is no PFX without a password'],
    [
      'a key with a password',
      () => pem(read('encrypted.pem').toString()),
      'holds a private key that is encrypted with a password',
    ],
    ['no key', () => pem(leafOnly()), 'holds no private key: the key of the certificate must be exportable'],
    [
      'no certificate',
      () => pem(read('rsa-pkcs1.pem').toString().replaceAll('CERTIFICATE', 'CRL')),
      'holds no certificate',
    ],
    [
      'a key of something else',
      () => pem(`${leafOnly()}${read('ec-parameters.pem').toString().split('-----BEGIN CERT')[0]}`),
      'holds a private key that belongs to none of its certificates',
    ],
    [
      'a broken certificate',
      () => pem(read('rsa-pkcs1.pem').toString().replace(/MII/g, 'AII')),
      'holds a certificate or a key that is broken or of an unknown kind',
    ],
  ];
  for (const [what, secret, problem] of problems) {
    it(`is refused when it is ${what}`, () => expect(problemOf(secret())).to.equal(problem));
  }

  it('is never more than a problem, wherever a PFX is damaged, and asks for no endless work', () => {
    const files = ['aes.pfx', 'rc2-40.pfx', 'unencrypted.pfx'].map(read);
    const damage = fc.tuple(fc.constantFrom(...files), fc.nat(), fc.nat({ max: 255 }), fc.nat());
    fc.assert(
      fc.property(damage, ([file, at, byte, length]) => {
        const damaged = Buffer.from(file);
        damaged[at % damaged.length] = byte;
        const cut = length % 4 === 0 ? damaged.subarray(0, length % damaged.length) : damaged;
        const parsed = tlsPair({ value: cut.toString('base64'), contentType: PKCS12 });
        if (!parsed.ok) expect(parsed.problem).to.match(/^(is|holds) /);
      }),
      { numRuns: 150 },
    );
  }).timeout(60_000);

  it('is refused when its parts ask for more work than all have to wait for', () => {
    const problemWith = (...bags: Buffer[]): string =>
      problemOf({ value: pfxOf(...bags).toString('base64'), contentType: PKCS12 });
    const tooMuch = /^is a PFX that asks for more than 200000 iterations of key derivation: export it anew/;
    expect(problemWith(...hungryBags(2, 51_200))).not.to.match(tooMuch);
    // As many as a secret has room for.
    expect(problemWith(...hungryBags(179, 51_200))).to.match(tooMuch);
    expect(problemWith(endlessBag())).to.match(tooMuch);
  });

  it('is the newer certificate where a renewal kept the key', async () => {
    const keys = newKeys();
    const { certificate, privateKey } = await issueClientCertificate({ days: 1, keys });
    const renewed = await issueClientCertificate({ days: 400, keys });
    for (const text of [certificate + renewed.certificate, renewed.certificate + certificate]) {
      const { chain } = pairOf(pem(text + privateKey));
      expect(chain[0]?.toString()).to.equal(new X509Certificate(renewed.certificate).toString());
    }
  });
});
