import { expect } from 'chai';
import { parseCall, query, UsageError, written } from '../../../dev/azure/cli/arguments.ts';

describe('the stand-in for the Azure CLI', () => {
  it('tells words from options', () => {
    const call = parseCall(['keyvault', 'show', '--name', 'contoso', '--query', 'id']);
    expect([call.words, call.option('name'), call.optional('output')]).to.deep.equal([
      'keyvault show',
      'contoso',
      undefined,
    ]);
    expect(() => call.option('scope')).to.throw(UsageError, '--scope');
    expect(() => parseCall(['account', '--output'])).to.throw(UsageError);
  });

  it('answers the queries of remedies, and no others', () => {
    const stores = [
      { name: 'one', endpoint: 'https://one' },
      { name: 'two', endpoint: 'https://two' },
    ];
    expect(query(stores, "[?endpoint=='https://two'].name")).to.deep.equal(['two']);
    expect(query({ id: '/x' }, 'id')).to.equal('/x');
    expect(query(stores, undefined)).to.equal(stores);
    expect(() => query(stores, '[0].name')).to.throw(UsageError);
  });

  it('writes JSON, or one value to a line', () => {
    expect(written(['a', 'b'], 'tsv')).to.equal('a\nb\n');
    expect(JSON.parse(written({ a: 1 }, 'json'))).to.deep.equal({ a: 1 });
  });
});
