import { expect } from 'chai';
import fc from 'fast-check';
import { originOf, planVaultSecrets } from '../../../../src/domain/vaults/vault-secrets.ts';

const keys = { trimPrefixes: ['orders-'], replace: [{ from: '--', to: '__' }] };
const rules = {
  cloud: 'AzurePublic' as const,
  environment: 'prod',
  environmentSource: 'namespace' as const,
  suffixes: ['vault.azure.net', 'vault.example'],
  keys,
};
type Wanted = NonNullable<Parameters<typeof planVaultSecrets>[0]>[number];

const planned = (wanted: Wanted, others: object = {}) => {
  const result = planVaultSecrets([wanted], { ...rules, ...others });
  if (result.ok)
    return [...result.value].map(([key, { reference, use }]) => ({ key, ...reference, use: use?.as }))[0];
  return 'message' in result.failure ? result.failure.message : '';
};
const hostOf = (vault: string, others: object = {}) => {
  const one = planned({ vault, name: 'db' }, others);
  return typeof one === 'string' ? one : one?.vault;
};

describe('secrets that a binding names itself', () => {
  it('lie in a vault that is given by name, by host, or by the environment', () => {
    expect(hostOf('Contoso')).to.equal('contoso.vault.azure.net');
    expect(hostOf('contoso.vault.example')).to.equal('contoso.vault.example');
    expect(hostOf('{environment}-orders')).to.equal('prod-orders.vault.azure.net');
    expect(hostOf('{environment}-orders.vault.example')).to.equal('prod-orders.vault.example');
  });

  it('name what is wrong with a vault, and its field', () => {
    expect(hostOf('contoso.evil.net')).to.match(/^spec\.keyVault\.secrets\[0\]\.vault: .* no known domain/);
    expect(hostOf('a.b.vault.azure.net')).to.contain('no known domain');
    expect(hostOf('1contoso')).to.contain('is no name of a vault');
    expect(hostOf('{environment}-orders', { environment: undefined })).to.contain('set spec.environment');
  });

  it('are a fault of the spec, unless the label of the namespace may mend it', () => {
    const kindOf = (vault: string, others: object) => {
      const result = planVaultSecrets([{ vault, name: 'db' }], { ...rules, ...others });
      return result.ok ? 'ok' : result.failure.kind;
    };
    for (const environment of [undefined, 'x', 'a.b', 'a-name-that-is-far-too-long']) {
      const of = (environmentSource: string) => kindOf('{environment}', { environment, environmentSource });
      expect([of('namespace'), of('spec')]).to.deep.equal(['blocked', 'invalid-spec']);
    }
    expect(kindOf('contoso.evil.net', { environmentSource: 'namespace' })).to.equal('invalid-spec');
  });

  it('go nowhere else, whatever the environment is', () => {
    const template = fc.constantFrom(
      '{environment}',
      '{environment}-orders',
      'x{environment}.vault.azure.net',
    );
    const environments = fc.oneof(
      fc.string(),
      fc.constantFrom('evil.vault.azure.net', 'a.evil.com', 'evil.com/x', 'a@evil', 'x:1', 'prod', 'PROD'),
    );
    fc.assert(
      fc.property(template, environments, (vault, environment) => {
        const host = hostOf(vault, { environment }) ?? '';
        if (!host.startsWith('spec.')) expect(host).to.match(/^[a-z0-9-]{3,24}\.vault\.azure\.net$/);
      }),
    );
    expect(hostOf('{environment}', { environment: 'evil.vault.azure.net' })).to.contain(
      'only letters, digits',
    );
  });

  it('go under their own key as it is, or under their name as spec.keys maps it', () => {
    const of = (key?: string) =>
      planned({ vault: 'contoso', name: 'orders-db--host', ...(key ? { key } : {}) });
    expect(of()).to.include({ key: 'db__host' });
    expect(of('orders-x')).to.include({ key: 'orders-x' });
  });

  it('are certificates or JSON objects where that is asked for', () => {
    const expandJson = { keys: ['db'], separator: '.' };
    const one = { vault: 'contoso', name: 'db' };
    expect(planned(one, { expandJson })).to.include({ use: 'keys' });
    expect(planned({ ...one, type: 'kubernetes.io/tls' }, { expandJson })).to.include({ use: 'certificate' });
    expect(planned({ ...one, type: 'Opaque' })).to.include({ use: undefined });
  });

  it('tell where they come from', () => {
    const result = planVaultSecrets(
      [
        { vault: 'a-1', name: 'x' },
        { vault: 'a-1', name: 'y' },
      ],
      rules,
    );
    const vaultSecrets = result.ok ? result.value : new Map();
    expect(originOf({ vaultSecrets, vaultSelections: [] })).to.deep.equal({
      things: 'secrets',
      place: 'a-1.vault.azure.net',
    });
    const endpoint = 'https://contoso.azconfig.io';
    expect(
      originOf({ endpoint, vaultSecrets, vaultSelections: [{ vault: 'b-1.vault.azure.net' }] }).place,
    ).to.equal(`${endpoint} and b-1.vault.azure.net and a-1.vault.azure.net`);
  });
});
