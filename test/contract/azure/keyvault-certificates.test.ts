import { expect } from 'chai';
import { tlsPair } from '../../../src/domain/certificates/tls-pair.ts';
import { bodyOf } from './wire.ts';
import { contosoVault, startWorld, type World } from './world.ts';

const API = 'api-version=2026-04-01';

interface Bundle {
  readonly value: string;
  readonly id: string;
  readonly contentType: string;
  readonly managed?: boolean;
  readonly kid?: string;
  readonly attributes: { readonly exp: number; readonly nbf: number };
}

describe('Key Vault: certificates seen as secrets', () => {
  let world: World;
  let vault: Awaited<ReturnType<typeof contosoVault>>;

  before(async () => {
    world = await startWorld();
  });
  beforeEach(async () => {
    await world.fresh();
    vault = await contosoVault(world);
  });
  after(() => world.stop());

  const issue = (format: 'pkcs12' | 'pem') =>
    world.control.issueCertificate({ vault: 'contoso-kv', name: 'web', format });
  const get = async (): Promise<Bundle> => bodyOf<Bundle>(await vault.call(`/secrets/web?${API}`));

  for (const [format, contentType] of [
    ['pkcs12', 'application/x-pkcs12'],
    ['pem', 'application/x-pem-file'],
  ] as const) {
    it(`come as ${contentType}, managed, with the key of the certificate and its dates`, async () => {
      const { id, version } = await issue(format);
      const secret = await get();
      expect(secret).to.include({ id, contentType, managed: true });
      expect(secret.kid).to.equal(`https://contoso-kv.vault.azure.net/keys/web/${version}`);
      expect(secret.attributes.exp).to.be.greaterThan(secret.attributes.nbf);
      const pair = tlsPair(secret);
      expect(pair.ok).to.equal(true);
    });
  }

  it('get a new version and a new key with each renewal', async () => {
    await issue('pem');
    const first = await get();
    await issue('pem');
    const second = await get();
    expect(second.id).not.to.equal(first.id);
    expect(second.value).not.to.equal(first.value);
  });

  it('are listed as managed, like no other secret', async () => {
    await issue('pkcs12');
    await world.control.setSecret({ vault: 'contoso-kv', name: 'db', value: 'x' });
    const { value } = bodyOf<{ value: { id: string; managed?: boolean }[] }>(
      await vault.call(`/secrets?${API}`),
    );
    expect(value.map(({ id, managed }) => [id.split('/').at(-1), managed])).to.have.deep.members([
      ['web', true],
      ['db', undefined],
    ]);
  });
});
