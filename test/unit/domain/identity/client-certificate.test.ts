import { createPrivateKey } from 'node:crypto';
import { expect } from 'chai';
import { readClientCertificate } from '../../../../src/domain/identity/client-certificate.ts';
import { type CertificatePair, issueClientCertificate } from '../../../support/client-certificates.ts';

describe('the certificate of a service principal', () => {
  let pair: CertificatePair;
  let other: CertificatePair;
  let elliptic: CertificatePair;

  before(async () => {
    [pair, other, elliptic] = await Promise.all([
      issueClientCertificate(),
      issueClientCertificate(),
      issueClientCertificate({ algorithm: 'EC' }),
    ]);
  });

  const problemOf = (text: string): string => {
    const read = readClientCertificate(text);
    return read.ok ? 'none' : read.problem;
  };

  it('is found by its key, in any order, among others and between other text', () => {
    const { certificate, privateKey } = pair;
    const expected = readClientCertificate(certificate + privateKey);
    expect(expected.ok && expected.certificate.thumbprint).to.match(/^[0-9A-F]{40}$/);
    for (const text of [
      privateKey + certificate,
      `Bag Attributes\r\n${certificate.replaceAll('\n', '\r\n')}\r\nother\r\n${privateKey}`,
      other.certificate + certificate + privateKey,
    ])
      expect(readClientCertificate(text)).to.deep.equal(expected);
  });

  it('may have its key in the older form', () => {
    const traditional = createPrivateKey(pair.privateKey).export({ type: 'pkcs1', format: 'pem' });
    expect(readClientCertificate(`${pair.certificate}${traditional}`)).to.deep.equal(
      readClientCertificate(pair.certificate + pair.privateKey),
    );
  });

  it('tells when it ends', async () => {
    const old = await issueClientCertificate({ days: -1 });
    const read = readClientCertificate(old.certificate + old.privateKey);
    expect(read.ok && read.certificate.expiresAt).to.be.within(Date.now() - 90_000_000, Date.now());
  });

  it('that cannot be used says why, and nothing of what it holds', () => {
    const encrypted = createPrivateKey(pair.privateKey).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'x',
    });
    const older = createPrivateKey(pair.privateKey).export({
      type: 'pkcs1',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'x',
    });
    const broken = pair.privateKey.replace(/\n.{64}\n/, '\n');
    for (const [text, problem] of [
      ['', /no certificate/],
      ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', /no certificate/],
      [pair.certificate, /no private key in PEM form/],
      [`${pair.certificate}${encrypted}`, /encrypted private key: store it without a passphrase/],
      [`${pair.certificate}${older}`, /encrypted private key: store it without a passphrase/],
      [pair.certificate + broken, /cannot be read/],
      [elliptic.certificate + elliptic.privateKey, /not RSA/],
      [other.certificate + pair.privateKey, /do not belong together/],
    ] as const)
      expect(problemOf(text), String(problem)).to.match(problem);
  });

  for (const label of ['CERTIFICATE', 'PRIVATE KEY'])
    it(`is looked for in one go, whatever beginnings of a ${label} a Secret holds`, () => {
      const begin = `-----BEGIN ${label}-----`;
      const hostile = begin.repeat(2 ** 20 / begin.length);
      const began = performance.now();
      expect(problemOf(pair.certificate + hostile)).to.match(/no private key/);
      // Quadratic work takes half a minute.
      expect(performance.now() - began).to.be.below(5_000);
    });
});
