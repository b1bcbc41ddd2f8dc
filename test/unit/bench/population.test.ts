import { expect } from 'chai';
import { fillIn } from '../../../bench/stage/fill-in.ts';
import { azureSeed, population, subscribers } from '../../../bench/stage/population.ts';
import { seed } from '../../../dev/azure/control/seed-schema.ts';

const issuer = { issuer: 'https://127.0.0.1:1', caPem: 'pem' };
const tenant = { id: '7d1a3f0e-52c4-4b0e-9a6d-3c5e8f2b9d41', name: 'contoso.example' };

describe('the population of a bench', () => {
  it('deals bindings to identities and stores in turn, each with targets of its own', () => {
    const all = subscribers(population({ bindings: 100, stores: 10 }));
    expect(new Set(all.map(({ namespace }) => namespace)).size).to.equal(50);
    expect(new Set(all.map(({ store }) => store)).size).to.equal(10);
    expect(new Set(all.map(({ configMap }) => configMap)).size).to.equal(100);
  });

  it('has no more identities than bindings', () => {
    expect(population({ bindings: 3 }).identities).to.equal(3);
  });

  it('is a document that the pretend Azure takes, with 20 keys, 5 of them references', () => {
    const document = seed.parse(azureSeed(population({ bindings: 4, stores: 2 }), issuer, tenant));
    const [store] = document.stores;
    expect(store?.settings).to.have.length(20);
    const references = store?.settings.filter(({ contentType }) => contentType?.includes('keyvaultref'));
    expect(references).to.have.length(5);
    expect(document.roles).to.have.length(8);
  });

  it('fills placeholders in and leaves other braces alone', () => {
    const template = '{"name": "{name}", "spec": {"a": {unknown}}}';
    expect(fillIn(template, { name: 'x' })).to.equal('{"name": "x", "spec": {"a": {unknown}}}');
  });
});
