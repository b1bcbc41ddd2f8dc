import { expect } from 'chai';
import { isVaultPattern, matchesVault, vaultRefusal } from '../../../../src/domain/vaults/plan-vaults.ts';

const HOST = 'shop-orders.vault.azure.net';

const reasonFor = (allowed: readonly string[] | undefined, operatorWide: readonly string[]): string => {
  const failure = vaultRefusal(HOST, allowed === undefined ? {} : { allowed }, operatorWide);
  return failure === undefined ? 'allowed' : 'message' in failure ? failure.message : failure.kind;
};

describe('a list of allowed vaults', () => {
  it('names hosts as they are, or with * for any characters of the first label', () => {
    for (const pattern of [HOST, '*.vault.azure.net', 'shop-*.vault.azure.net', 's*-orders.vault.azure.net'])
      expect(matchesVault(pattern, HOST), pattern).to.equal(true);
    for (const pattern of [
      'orders.vault.azure.net',
      'shop-order.vault.azure.net',
      '*.vault.azure.cn',
      'shop-*.vault',
      '*-orders.vaultXazure.net',
    ])
      expect(matchesVault(pattern, HOST), pattern).to.equal(false);
    expect(matchesVault('*.vault.azure.net', 'a.evil.vault.azure.net')).to.equal(false);
    expect(matchesVault('shop.vault.azure.net', 'shopXvault.azure.net')).to.equal(false);
  });

  it('is written with * nowhere else', () => {
    for (const text of [HOST, '*.vault.azure.net', 'a*b*.vault.azure.net'])
      expect(isVaultPattern(text), text).to.equal(true);
    for (const text of [
      '',
      '*',
      'a.*.net',
      'Shop.vault.azure.net',
      'https://a.vault.azure.net',
      'a.vault.azure.net/',
    ])
      expect(isVaultPattern(text), text).to.equal(false);
  });

  it('allows everything where there is none, and what both lists allow where there are two', () => {
    expect(reasonFor(undefined, [])).to.equal('allowed');
    expect(reasonFor([HOST], ['shop-*.vault.azure.net'])).to.equal('allowed');
    expect(reasonFor(['other.vault.azure.net'], [HOST])).to.equal(
      `${HOST} is not among spec.keyVault.allowedVaults: add it there, or correct the reference`,
    );
    expect(reasonFor([HOST], ['other.vault.azure.net'])).to.match(/operator's setting allowed-vaults/);
  });

  it('that is empty allows nothing', () => {
    expect(reasonFor([], [])).to.match(/not among spec\.keyVault\.allowedVaults/);
  });
});
