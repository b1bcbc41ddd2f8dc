import { expect } from 'chai';
import { VAULT_SUFFIXES, vaultSuffixesFor } from '../../../src/domain/clouds.ts';

describe('the cloud of a store', () => {
  it('decides below which domains its references may name vaults', () => {
    for (const [store, vaults] of [
      ['a.azconfig.io', 'vault.azure.net'],
      ['a.appconfig.azure.com', 'vault.azure.net'],
      ['a.azconfig.azure.us', 'vault.usgovcloudapi.net'],
      ['a.appconfig.azure.us', 'vault.usgovcloudapi.net'],
      ['a.azconfig.azure.cn', 'vault.azure.cn'],
      ['a.appconfig.azure.cn', 'vault.azure.cn'],
    ] as const)
      expect(vaultSuffixesFor(store, VAULT_SUFFIXES), store).to.deep.equal([vaults]);
  });

  it('leaves domains that the settings add, and is unknown for stores below such a domain', () => {
    const known = [...VAULT_SUFFIXES, 'vault.example'];
    expect(vaultSuffixesFor('a.azconfig.io', known)).to.deep.equal(['vault.azure.net', 'vault.example']);
    expect(vaultSuffixesFor('a.stores.example', known)).to.deep.equal(known);
  });
});
