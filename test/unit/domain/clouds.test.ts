import { expect } from 'chai';
import {
  CLOUD_NAMES,
  CLOUDS,
  cloudOfHost,
  storeAudience,
  storeSuffixesOf,
  vaultSuffixesFor,
} from '../../../src/domain/clouds.ts';

const VAULT_SUFFIXES = CLOUD_NAMES.flatMap((name) => CLOUDS[name].vaultSuffixes);

describe('the clouds', () => {
  it('are told apart by the hosts of stores and vaults', () => {
    for (const name of CLOUD_NAMES)
      for (const suffix of [...storeSuffixesOf(CLOUDS[name]), ...CLOUDS[name].vaultSuffixes]) {
        expect(cloudOfHost(`a.${suffix}`)).to.equal(name);
        expect(cloudOfHost(suffix), `nothing below ${suffix}`).to.equal(undefined);
      }
    expect(cloudOfHost('a.stores.example')).to.equal(undefined);
  });

  it('have audiences that follow from the host of a store, and else from the cloud of the operator', () => {
    for (const [host, audience] of [
      ['s.azconfig.io', 'https://azconfig.io'],
      ['s.appconfig.azure.com', 'https://appconfig.azure.com'],
      ['s.azconfig.azure.us', 'https://appconfig.azure.us'],
      ['s.appconfig.azure.us', 'https://appconfig.azure.us'],
      ['s.azconfig.azure.cn', 'https://appconfig.azure.cn'],
      ['s.appconfig.azure.cn', 'https://appconfig.azure.cn'],
    ] as const)
      for (const cloud of CLOUD_NAMES) expect(storeAudience(host, cloud), host).to.equal(audience);
    expect(CLOUD_NAMES.map((cloud) => storeAudience('s.stores.example', cloud))).to.deep.equal([
      'https://azconfig.io',
      'https://appconfig.azure.us',
      'https://appconfig.azure.cn',
    ]);
  });
});

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
