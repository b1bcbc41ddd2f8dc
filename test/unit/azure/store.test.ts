import { expect } from 'chai';
import fc from 'fast-check';
import { pageEtag, pageOf, positionOf } from '../../../dev/azure/appconfig/pages.ts';
import { compare, type Position, type Setting } from '../../../dev/azure/appconfig/setting.ts';
import { Store } from '../../../dev/azure/appconfig/store.ts';
import { Clock } from '../../../dev/azure/clock.ts';

const position: fc.Arbitrary<Position> = fc.record({
  key: fc.string({ unit: fc.constantFrom('a', 'B', 'é', ':'), minLength: 1, maxLength: 3 }),
  label: fc.option(fc.constantFrom('dev', 'Prod', 'z')),
});
const write = fc.record({ position, value: fc.option(fc.constantFrom('1', '2')) });

function filled(count: number): Store {
  const store = new Store('contoso', 'tenant', new Clock());
  for (let index = 0; index < count; index += 1) store.put({ key: `k${index}`, label: null }, { value: '' });
  return store;
}

function pagesOf(settings: readonly Setting[]): { keys: string[]; etags: string[] } {
  const etags: string[] = [];
  const keys: string[] = [];
  let token: string | undefined;
  do {
    const page = pageOf(settings, () => true, positionOf(token));
    etags.push(pageEtag(page));
    keys.push(...page.items.map(({ key }) => key));
    token = page.next;
  } while (token !== undefined);
  return { keys, etags };
}

describe('a store', () => {
  it('holds, in order, what the last write to each position left', () => {
    fc.assert(
      fc.property(fc.array(write), (writes) => {
        const store = new Store('contoso', 'tenant', new Clock());
        const model = new Map<string, string>();
        for (const { position: at, value } of writes) {
          const id = JSON.stringify([at.key, at.label]);
          if (value === null) {
            expect(store.delete(at) !== undefined).to.equal(model.delete(id));
          } else {
            store.put(at, { value });
            model.set(id, value);
          }
        }
        const { settings } = store.latest();
        expect([...settings].sort(compare)).to.deep.equal(settings);
        const held = settings.map(({ key, label, value }): [string, string] => [
          JSON.stringify([key, label]),
          value ?? '',
        ]);
        expect(new Map(held)).to.deep.equal(model);
        expect(held).to.have.length(model.size);
      }),
    );
  });

  it('raises the sequence number with every change and only then', () => {
    const store = filled(1);
    const { sn } = store.latest();
    store.put({ key: 'k0', label: null }, { value: '' });
    store.delete({ key: 'none', label: null });
    expect(store.latest().sn).to.equal(sn);
    store.put({ key: 'k0', label: null }, { value: 'x' });
    expect(store.latest().sn).to.equal(sn + 1);
  });

  it('shows on its pages every setting once, and changes some page etag with every change', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 320 }), fc.nat(), (count, seed) => {
        const store = filled(count);
        const before = pagesOf(store.latest().settings);
        expect(before.keys).to.have.length(count);
        expect(new Set(before.keys).size).to.equal(count);
        store.put({ key: `k${seed % count}`, label: null }, { value: 'changed' });
        expect(pagesOf(store.latest().settings).etags).not.to.deep.equal(before.etags);
      }),
      { numRuns: 30 },
    );
  });
});
