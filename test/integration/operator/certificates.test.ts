import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { expect } from 'chai';
import { useOperator } from '../../support/real/running.ts';
import type { Team } from '../../support/real/team.ts';

const TLS_TAG = { '.kubernetes.secret.type': 'kubernetes.io/tls' };

describe('a certificate on a real cluster', function () {
  this.timeout(180_000);
  const running = useOperator();

  const refer = (team: Team, key: string, secret: string, tags: Record<string, string> = TLS_TAG) =>
    team.azure.setKeyVaultReference({ store: team.store, key, vault: team.vault, secret, tags });

  /** The leaf in the Secret `name`, proven to belong to the key beside it, and taken by a TLS server. */
  async function leafOf(team: Team, name = 'web-tls'): Promise<string | undefined> {
    const { 'tls.crt': cert, 'tls.key': key } = await team.secretData(name);
    if (cert === undefined || key === undefined) return undefined;
    createSecureContext({ cert, key });
    const leaf = new X509Certificate(cert);
    expect(leaf.checkPrivateKey(createPrivateKey(key))).to.equal(true);
    return leaf.toString();
  }
  const text = (pem: string): string => new X509Certificate(pem).toString();

  for (const [format, keyType] of [
    ['pkcs12', 'RSA'],
    ['pem', 'EC'],
  ] as const) {
    it(`becomes a kubernetes.io/tls Secret from ${format} with an ${keyType} key, and follows its rotation`, async () => {
      const team = await running().team();
      const issue = () => team.azure.issueCertificate({ vault: team.vault, name: 'web', format, keyType });
      const first = await issue();
      await team.set('color', 'blue');
      await refer(team, 'web-tls', 'web');
      await team.apply();
      await team.untilReady();
      expect((await team.secret('web-tls'))?.type).to.equal('kubernetes.io/tls');
      expect(await leafOf(team)).to.equal(text(first.leaf));
      const chain = (await team.secretData('web-tls'))['tls.crt'] ?? '';
      expect(chain.match(/BEGIN CERTIFICATE/g)).to.have.length(2);
      expect((await team.status()).references).to.deep.equal({ total: 1, resolved: 1 });
      const second = await issue();
      await team.refresh('1');
      await team.until('the rotation', async () => (await leafOf(team)) === text(second.leaf));
    });
  }

  it('keeps its last pair while the secret is none, and goes with its tag', async () => {
    const team = await running().team();
    const { leaf } = await team.azure.issueCertificate({ vault: team.vault, name: 'web' });
    await refer(team, 'web-tls', 'web');
    await team.apply();
    await team.untilReady();
    await team.setSecret('web', 'no certificate');
    await team.refresh('1');
    const ready = await team.untilCondition('Ready', 'False', 'InvalidSecretValue');
    expect(ready.message).to.include('secret web of').and.to.include('is neither PEM nor');
    expect(await leafOf(team)).to.equal(text(leaf));
    await refer(team, 'web-tls', 'web', {});
    await team.until('the Secret to go', async () => (await team.secret('web-tls')) === undefined);
    await team.untilReady();
    expect(await team.secretData()).to.deep.equal({ 'web-tls': 'no certificate' });
  });

  it('is made again when someone deletes it, and is collected with its binding', async () => {
    const team = await running().team();
    await team.azure.issueCertificate({ vault: team.vault, name: 'web' });
    await refer(team, 'web-tls', 'web');
    await team.apply();
    await team.untilReady();
    const owner = (await team.binding())?.metadata.uid;
    const made = await team.secret('web-tls');
    expect(made?.metadata.ownerReferences?.map(({ uid }) => uid)).to.deep.equal([owner]);
    await team.objects.delete('secrets', team.namespace, 'web-tls');
    await team.refresh('1');
    await team.until('the Secret to be back', async () => (await leafOf(team)) !== undefined);
  });
});
