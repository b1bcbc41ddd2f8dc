import { expect } from 'chai';
import fc from 'fast-check';
import { CLOUDS } from '../../../../src/domain/clouds.ts';
import {
  decodeReferences,
  encodeReferences,
  parseReference,
  referenceUri,
} from '../../../../src/domain/secrets/references.ts';

const VERSION = '0123456789abcdef0123456789abcdef';
const VAULT_SUFFIXES = [...CLOUDS.AzurePublic.vaultSuffixes, ...CLOUDS.AzureChina.vaultSuffixes];
const parse = (uri: unknown) => parseReference(JSON.stringify({ uri }), VAULT_SUFFIXES);

describe('Key Vault references', () => {
  it('are read with and without a version, hosts in lower case', () => {
    expect(parse('https://Contoso.Vault.Azure.NET/secrets/Db-1')).to.deep.equal({
      ok: true,
      reference: { vault: 'contoso.vault.azure.net', name: 'Db-1' },
    });
    expect(parse(`https://contoso.vault.azure.cn/secrets/db/${VERSION.toUpperCase()}`)).to.deep.equal({
      ok: true,
      reference: { vault: 'contoso.vault.azure.cn', name: 'db', version: VERSION },
    });
    expect(parse('https://contoso.vault.azure.net/secrets/db/').ok).to.equal(true);
  });

  it('go nowhere but to a secret directly below a known vault domain', () => {
    const uris = [
      'http://contoso.vault.azure.net/secrets/db',
      'https://contoso.vault.azure.net.evil.example/secrets/db',
      'https://evil.example/secrets/db',
      'https://vault.azure.net/secrets/db',
      'https://a.contoso.vault.azure.net/secrets/db',
      'https://contosovault.azure.net/secrets/db',
      'https://user@contoso.vault.azure.net/secrets/db',
      'https://contoso.vault.azure.net:8443/secrets/db',
      'https://contoso.vault.azure.net/secrets/db?x=1',
      'https://contoso.vault.azure.net/secrets/db#x',
      'https://contoso.vault.azure.net/keys/db',
      'https://contoso.vault.azure.net/secrets/',
      'https://contoso.vault.azure.net/secrets/a_b',
      `https://contoso.vault.azure.net/secrets/${'a'.repeat(128)}`,
      'https://contoso.vault.azure.net/secrets/db/123',
      `https://contoso.vault.azure.net/secrets/db/${VERSION}/x`,
      'https://contoso.vault.azure.net/secrets/../secrets/db',
      'https://contoso.vault.azure.net\\@evil.example/secrets/db',
      'https://contoso.vault.azure.net/secrets/db\n',
      'https://-contoso.vault.azure.net/secrets/db',
      1,
      null,
      undefined,
    ];
    for (const uri of uris) expect(parse(uri).ok, String(uri)).to.equal(false);
  });

  it('never quote the value in a problem', () => {
    const values = fc.oneof(
      fc.string({ minLength: 6 }),
      fc.string({ minLength: 6 }).map((uri) => JSON.stringify({ uri })),
      fc.constantFrom('hunter2', '{"uri":"https://hunter2.example/secrets/x"}', '["hunter2"]', '"hunter2"'),
    );
    fc.assert(
      fc.property(values, (value) => {
        const parsed = parseReference(value, VAULT_SUFFIXES);
        const problems = [
          'its value is not JSON of the form {"uri": "https://…"}',
          'its uri is not of the form https://<vault>/secrets/<name> or https://<vault>/secrets/<name>/<version>',
          `its vault lies under no domain of Key Vault in the store's cloud (${VAULT_SUFFIXES.join(', ')})`,
          'its uri has no valid vault name',
        ];
        if (!parsed.ok) expect(parsed.problem).to.be.oneOf(problems);
      }),
    );
  });

  it('have one text each', () => {
    expect(referenceUri({ vault: 'v.vault.azure.net', name: 'a' })).to.equal(
      'https://v.vault.azure.net/secrets/a',
    );
    const parsed = parse(referenceUri({ vault: 'abc.vault.azure.net', name: 'a', version: VERSION }));
    expect(parsed).to.deep.equal({
      ok: true,
      reference: { vault: 'abc.vault.azure.net', name: 'a', version: VERSION },
    });
  });
});

describe('the annotation of references', () => {
  const record = fc.record(
    {
      reference: fc.string(),
      version: fc.string(),
      digest: fc.string(),
      notBefore: fc.nat(),
      expiresAt: fc.nat(),
      updatedAt: fc.nat().map((seconds) => seconds * 1000),
      made: fc.record({ by: fc.string(), keys: fc.array(fc.string()) }, { noNullPrototype: true }),
    },
    { requiredKeys: ['reference', 'version', 'digest'], noNullPrototype: true },
  );

  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), record)), (entries) => {
        const records = new Map(entries);
        const decoded = decodeReferences(encodeReferences(records)) ?? new Map();
        expect(Object.fromEntries(decoded)).to.deep.equal(Object.fromEntries(records));
      }),
    );
  });

  it('has one text, whatever the order', () => {
    const [a, b] = [
      { reference: 'r', version: 'v', digest: 'd' },
      { reference: 's', version: 'v', digest: 'd' },
    ];
    expect(
      encodeReferences(
        new Map([
          ['a', a],
          ['b', b],
        ]),
      ),
    ).to.equal(
      encodeReferences(
        new Map([
          ['b', b],
          ['a', a],
        ]),
      ),
    );
    expect(encodeReferences(new Map([['a', a]]))).to.equal('{"a":["r","v","d"]}');
  });

  it('is left out above 128 KiB', () => {
    const of = (length: number) =>
      encodeReferences(new Map([['k', { reference: 'é'.repeat(length), version: '', digest: '' }]]));
    expect(of(65_000)).to.be.a('string');
    expect(of(65_536)).to.equal(undefined);
  });

  it('is unknown when it is missing or not ours', () => {
    for (const text of [
      undefined,
      '',
      'x',
      '[]',
      'null',
      '1',
      '{"a":1}',
      '{"a":["x"]}',
      '{"a":[1,2,3]}',
      '{"a":null}',
    ]) {
      expect(decodeReferences(text), String(text)).to.equal(undefined);
    }
    expect(decodeReferences('{}')).to.deep.equal(new Map());
  });
});
