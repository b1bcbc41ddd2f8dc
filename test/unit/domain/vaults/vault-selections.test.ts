import { expect } from 'chai';
import fc from 'fast-check';
import type { ReferenceRecord } from '../../../../src/domain/secrets/references.ts';
import type { ListedSecret } from '../../../../src/domain/secrets/secret.ts';
import {
  nothingSelected,
  planVaultSelections,
  sameSelection,
  selectSecrets,
  type VaultSelection,
} from '../../../../src/domain/vaults/vault-selections.ts';

const VAULT = 'contoso.vault.azure.net';
const keys = { trimPrefixes: ['orders-'], replace: [{ from: '--', to: '__' }] };
const rules = {
  environment: 'prod',
  environmentSource: 'namespace' as const,
  suffixes: ['vault.azure.net'],
  cloud: 'AzurePublic' as const,
  keys,
};

const listed = (name: string, more: Partial<ListedSecret> = {}): ListedSecret => ({
  name,
  enabled: true,
  updatedAt: 1_000,
  managed: false,
  tags: {},
  ...more,
});
const select = (
  secrets: readonly ListedSecret[],
  selection: Partial<VaultSelection> = {},
  doubtfulSince = Infinity,
) =>
  selectSecrets([{ vault: VAULT, tags: [], ...selection }], new Map([[VAULT, secrets]]), {
    keys,
    doubtfulSince,
  });
const namesOf = (...given: Parameters<typeof select>) =>
  [...select(...given).entries.values()].map(({ reference }) => reference.name);

describe('the selection of secrets by the list of their vault', () => {
  it('is planned from names, hosts and environments, with tags in one order', () => {
    const planned = planVaultSelections(
      [{ vault: '{environment}-Orders', prefix: 'a', tags: { b: '1', a: '2' } }],
      rules,
    );
    expect(planned).to.deep.equal({
      ok: true,
      value: [
        {
          vault: 'prod-orders.vault.azure.net',
          prefix: 'a',
          tags: [
            ['a', '2'],
            ['b', '1'],
          ],
        },
      ],
    });
    const refused = planVaultSelections([{ vault: 'contoso' }, { vault: 'a.evil.net' }], rules);
    expect(!refused.ok && 'message' in refused.failure && refused.failure.message).to.match(
      /^spec\.keyVault\.all\[1\]\.vault: .* no known domain/,
    );
  });

  it('leaves out what is disabled and what belongs to certificates', () => {
    const secrets = [
      listed('a'),
      listed('off', { enabled: false }),
      listed('web', { managed: true }),
      listed('pfx', { contentType: 'application/x-pkcs12' }),
      listed('pem', { contentType: 'application/X-PEM-file' }),
      listed('text', { contentType: 'text/plain' }),
    ];
    expect(namesOf(secrets)).to.deep.equal(['a', 'text']);
  });

  it('compares prefixes and tags literally, and knows no tags of Object.prototype', () => {
    const secrets = [
      listed('Orders-a'),
      listed('orders-b', { tags: { team: 'x', env: 'p' } }),
      listed('mail'),
    ];
    expect(namesOf(secrets, { prefix: 'orders-' })).to.deep.equal(['orders-b']);
    expect(namesOf(secrets, { tags: [['team', 'x']] })).to.deep.equal(['orders-b']);
    expect(
      namesOf(secrets, {
        tags: [
          ['team', 'x'],
          ['env', 'q'],
        ],
      }),
    ).to.deep.equal([]);
    expect(namesOf(secrets, { tags: [['constructor', String(Object)]] })).to.deep.equal([]);
  });

  it('gives the same, in whatever order the vault lists', () => {
    const names = fc.constantFrom('a', 'a--b', 'a__b', 'orders-a', 'b');
    fc.assert(
      fc.property(fc.uniqueArray(names), fc.uniqueArray(names), (some, order) => {
        const shuffled = some.toSorted((a, b) => order.indexOf(a) - order.indexOf(b));
        const [one, other] = [some, shuffled].map((list) => select(list.map((name) => listed(name))));
        expect([...(one?.entries ?? [])].toSorted()).to.deep.equal([...(other?.entries ?? [])].toSorted());
        expect(one?.collisions.toSorted()).to.deep.equal(other?.collisions.toSorted());
      }),
    );
  });

  it('maps names to keys, and tells which of two is used', () => {
    const { entries, collisions } = select([listed('orders-a--b'), listed('a--b')]);
    expect([...entries.keys()]).to.deep.equal(['a__b']);
    expect(collisions).to.deep.equal([
      { key: 'a__b', storeKeys: ['a--b', 'orders-a--b'], used: 'orders-a--b', in: VAULT },
    ]);
  });

  it('forgets a collision that a later vault makes harmless', () => {
    const other = 'other.vault.azure.net';
    const lists = new Map([
      [VAULT, [listed('orders-a'), listed('a')]],
      [other, [listed('a')]],
    ]);
    const selections = [VAULT, other].map((vault) => ({ vault, tags: [] }));
    const { entries, collisions } = selectSecrets(selections, lists, { keys, doubtfulSince: 0 });
    expect(entries.get('a')?.reference.vault).to.equal(other);
    expect(collisions).to.deep.equal([]);
  });

  it('calls doubtful what changed since a time', () => {
    const doubts = (since: number) => select([listed('a')], {}, since).entries.get('a')?.listed?.doubtful;
    expect([doubts(1_001), doubts(1_000)]).to.deep.equal([false, true]);
  });

  it('is the same only with the same secrets, of the same time, under the same keys', () => {
    const { entries } = select([listed('a'), listed('b')], {}, 0);
    const record = (name: string, updatedAt?: number): ReferenceRecord => ({
      reference: `https://${VAULT}/secrets/${name}`,
      version: 'v',
      digest: 'd',
      ...(updatedAt === undefined ? {} : { updatedAt }),
    });
    const a = ['a', record('a', 1_000)] as const;
    const b = ['b', record('b', 1_000)] as const;
    const same = (...records: (readonly [string, ReferenceRecord])[]) =>
      sameSelection(entries, new Map(records));
    expect(same(a, b)).to.equal(true);
    expect(same(a, b, ['other', record('other')])).to.equal(true);
    expect(same(a)).to.equal(false);
    expect(same(a, b, ['c', record('c', 1_000)])).to.equal(false);
    expect(same(a, ['b', record('b', 2_000)])).to.equal(false);
    expect(same(a, ['b', record('b')])).to.equal(false);
    expect(same(a, ['b', record('c', 1_000)])).to.equal(false);
  });

  it('says what matched nothing, at most ten of them', () => {
    const [one, many] = [1, 12].map((length) => {
      const failure = nothingSelected(
        Array.from({ length }, () => ({ vault: VAULT, prefix: 'x', tags: [['team', 'y']] as const })),
      );
      return 'message' in failure ? failure.message : '';
    });
    expect(one).to.contain(`no secret matches (${VAULT}, prefix "x", tag "team" = "y"); the targets`);
    expect(many).to.contain('; and 2 more)');
  });
});
