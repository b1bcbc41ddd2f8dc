import { expect } from 'chai';
import fc from 'fast-check';
import {
  hostOrder,
  MAX_REPLICAS,
  type Replica,
  trustedReplicas,
} from '../../../../src/domain/store/replicas.ts';

const HOST = 'shop.azconfig.io';
const SUFFIXES = ['azconfig.io', 'appconfig.azure.com', 'internal', 'stores.internal'];
const replica = (host: string, priority = 0, weight = 0): Replica => ({ host, priority, weight });
const names = (replicas: readonly Replica[]) => replicas.map(({ host }) => host);
const hosts = fc
  .uniqueArray(fc.nat(20), { maxLength: 8 })
  .map((ids) => ids.map((id) => `r${id}.azconfig.io`));

describe('trusted replicas', () => {
  const trusted = (...found: string[]) =>
    names(
      trustedReplicas(
        HOST,
        found.map((name) => replica(name)),
        SUFFIXES,
      ),
    );

  it("are hosts under the store's own domain, as hosts are written", () => {
    expect(trusted('Shop-EU.azconfig.io.', 'shop-us.azconfig.io')).to.deep.equal([
      'shop-eu.azconfig.io',
      'shop-us.azconfig.io',
    ]);
  });

  it('are never elsewhere, whatever DNS says', () => {
    const lies = [
      'evil.example',
      'azconfig.io',
      'evilazconfig.io',
      'shop.azconfig.io.evil.example',
      'shop.appconfig.azure.com',
      'a b.azconfig.io',
      'user@x.azconfig.io',
      'x.azconfig.io/path',
      'x.azconfig.io:444',
      '-x.azconfig.io',
      `${'a'.repeat(64)}.azconfig.io`,
      '.azconfig.io',
      '',
    ];
    expect(trusted(...lies)).to.deep.equal([]);
  });

  it('do not include the store itself, nor any twice', () => {
    expect(trusted('SHOP.azconfig.io.', 'a.azconfig.io', 'A.azconfig.io')).to.deep.equal(['a.azconfig.io']);
  });

  it('keep to the narrowest domain that the operator knows', () => {
    const found = [replica('a.stores.internal'), replica('a.internal')];
    expect(names(trustedReplicas('shop.stores.internal', found, SUFFIXES))).to.deep.equal([
      'a.stores.internal',
    ]);
  });

  it('do not exist for a store outside the known domains', () => {
    expect(trustedReplicas('shop.example', [replica('a.example')], SUFFIXES)).to.deep.equal([]);
  });

  it(`are ${MAX_REPLICAS} at most`, () => {
    const many = Array.from({ length: 100 }, (_, index) => `r${index}.azconfig.io`);
    expect(trusted(...many)).to.have.length(MAX_REPLICAS);
  });
});

describe('the order of hosts', () => {
  const order = (replicas: readonly Replica[], seed = 's', balanced = false) =>
    hostOrder(HOST, replicas, { seed, balanced });

  it('has each host once, and the own one first unless the load is balanced', () => {
    fc.assert(
      fc.property(hosts, fc.string(), fc.boolean(), (others, seed, balanced) => {
        const ordered = order(
          others.map((host) => replica(host)),
          seed,
          balanced,
        );
        expect(ordered.toSorted()).to.deep.equal([HOST, ...others].toSorted());
        if (!balanced) expect(ordered[0]).to.equal(HOST);
      }),
    );
  });

  it('does not depend on the order in which DNS names them', () => {
    fc.assert(
      fc.property(hosts, fc.string(), fc.boolean(), (others, seed, balanced) => {
        const replicas = others.map((host) => replica(host));
        expect(order(replicas, seed, balanced)).to.deep.equal(order(replicas.toReversed(), seed, balanced));
      }),
    );
  });

  it('stays as it is for the others when a host goes', () => {
    fc.assert(
      fc.property(hosts, fc.string(), (others, seed) => {
        const replicas = others.map((host) => replica(host));
        const without = order(replicas.slice(1), seed, true);
        expect(order(replicas, seed, true).filter((host) => host !== others[0])).to.deep.equal(without);
      }),
    );
  });

  it('takes lower priorities first', () => {
    const replicas = [
      replica('far.azconfig.io', 2, 100),
      replica('near.azconfig.io', 1),
      replica('mid.azconfig.io', 1),
    ];
    for (let seed = 0; seed < 50; seed += 1)
      expect(order(replicas, `${seed}`).at(-1)).to.equal('far.azconfig.io');
  });

  it('deals selections in proportion to the weights', () => {
    const replicas = [replica('heavy.azconfig.io', 0, 30), replica('light.azconfig.io', 0, 10)];
    const first = Array.from({ length: 1_000 }, (_, seed) => order(replicas, `${seed}`)[1]);
    expect(first.filter((host) => host === 'heavy.azconfig.io').length).to.be.within(680, 820);
  });
});
