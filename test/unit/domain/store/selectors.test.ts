import { expect } from 'chai';
import fc from 'fast-check';
import { keyFilterProblem, planFlagSources, planSources } from '../../../../src/domain/store/selectors.ts';
import { selectionKey } from '../../../../src/domain/store/settings.ts';
import { keyFilters } from '../../../support/arbitraries/binding.ts';

const ENDPOINT = 'https://contoso.azconfig.io';

/** The store's documented grammar, character by character, as a model. */
function isFilter(text: string): boolean {
  const tokens: string[] = [];
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] !== '\\') tokens.push(text[at] ?? '');
    else if (at + 1 === text.length) return false;
    else tokens.push(`\\${text[++at]}`);
  }
  if (tokens.some((token) => [...token].some((character) => character < ' ' || character === '\u007f')))
    return false;
  if (text === '*') return true;
  const commas = tokens.filter((token) => token === ',').length;
  const stars = tokens.filter((token) => token === '*').length;
  if (commas > 0)
    return (
      stars === 0 &&
      commas < 5 &&
      !tokens.some(
        (token, at) => token === ',' && (at === 0 || at === tokens.length - 1 || tokens[at - 1] === ','),
      )
    );
  return tokens.length > 0 && (stars === 0 || (stars === 1 && tokens.length > 1 && tokens.at(-1) === '*'));
}

describe('key filters', () => {
  it('allow exactly the grammar of the store, apart from filters that select more than they seem to', () => {
    const texts = fc.string({ unit: fc.constantFrom('a', ':', '*', ',', '\\', '\n', '🙂'), maxLength: 10 });
    fc.assert(
      fc.property(texts, (text) => (keyFilterProblem(text) === undefined) === isFilter(text)),
      { numRuns: 3_000 },
    );
  });

  it('allow what is built by the grammar', () => {
    fc.assert(fc.property(keyFilters, (filter) => keyFilterProblem(filter) === undefined));
  });

  it('can name any key a store can hold, once reserved characters are escaped', () => {
    const keys = fc.string({
      unit: fc.constantFrom('a', '*', ',', '\\', '%', '&', '#', '?', '漢'),
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(fc.property(keys, (key) => keyFilterProblem(key.replace(/[*,\\]/g, '\\$&')) === undefined));
  });

  it('are refused with the rule they break and the remedy', () => {
    const known: readonly (readonly [string, RegExp])[] = [
      ['', /write \* for all keys/],
      ['a,b,c,d,e,f', /lists 6 keys.*takes 5; use several selectors/],
      ['a,,b', /empty member.*write \\,/],
      ['a*,b', /\* in a list; use one selector for each/],
      ['*a', /elsewhere than at its end; write \\\*/],
      ['a\\', /single backslash; write \\\\/],
      ['a\nb', /control characters/],
    ];
    for (const [filter, problem] of known) expect(keyFilterProblem(filter), filter).to.match(problem);
  });
});

describe('the selections of a binding', () => {
  const plan = (selectors: Parameters<typeof planSources>[1], environment?: string) =>
    planSources(ENDPOINT, selectors, environment).map(
      ({ selector, overlay, description, selection: { filter } }) => ({
        selector,
        overlay,
        description,
        ...filter,
      }),
    );

  it('are all settings without a label when nothing is asked for', () => {
    expect(plan(undefined)).to.deep.equal([
      { selector: 0, overlay: false, description: 'key "*", no label', key: '*', label: null },
    ]);
  });

  it('carry the tags of their selector, in whatever order they are written', () => {
    const first = plan([{ key: 'a*', tags: { tier: 'gold', team: 'orders' } }], 'prod');
    expect(first).to.deep.equal(plan([{ key: 'a*', tags: { team: 'orders', tier: 'gold' } }], 'prod'));
    const tags = [
      ['team', 'orders'],
      ['tier', 'gold'],
    ];
    const told = ', tag "team" = "orders", tag "tier" = "gold"';
    expect(first).to.deep.equal([
      { selector: 0, overlay: false, description: `key "a*", no label${told}`, key: 'a*', label: null, tags },
      {
        selector: 0,
        overlay: true,
        description: `key "a*", label "prod"${told}`,
        key: 'a*',
        label: 'prod',
        tags,
      },
    ]);
  });

  it('are one for a snapshot, whatever the environment, in its place of the order', () => {
    expect(plan([{ snapshot: 'release-7' }, { key: 'a', noLabel: true }], 'prod')).to.deep.equal([
      { selector: 0, overlay: false, description: 'snapshot "release-7"', snapshot: 'release-7' },
      { selector: 1, overlay: false, description: 'key "a", no label', key: 'a', label: null },
    ]);
  });

  it('are shared by equal tags and no others', () => {
    const keyOf = (tags: Record<string, string>) =>
      planSources(ENDPOINT, [{ key: 'a', tags }], undefined).map(({ selection }) => selectionKey(selection));
    expect(keyOf({ a: '1', b: '2' })).to.deep.equal(keyOf({ b: '2', a: '1' }));
    expect(keyOf({ a: '1' })).not.to.deep.equal(keyOf({ a: '2' }));
    expect(keyOf({ a: '1' })).not.to.deep.equal(keyOf({ b: '1' }));
  });

  it('go selector by selector, base then environment', () => {
    expect(
      plan(
        [
          { key: 'a*' },
          { key: 'b', label: 'x,*' },
          { key: 'c', noLabel: true },
          { key: 'd', noLabel: false },
        ],
        'prod',
      ),
    ).to.deep.equal([
      { selector: 0, overlay: false, description: 'key "a*", no label', key: 'a*', label: null },
      { selector: 0, overlay: true, description: 'key "a*", label "prod"', key: 'a*', label: 'prod' },
      { selector: 1, overlay: false, description: 'key "b", label "x,*"', key: 'b', label: 'x,*' },
      { selector: 2, overlay: false, description: 'key "c", no label', key: 'c', label: null },
      { selector: 3, overlay: false, description: 'key "d", no label', key: 'd', label: null },
      { selector: 3, overlay: true, description: 'key "d", label "prod"', key: 'd', label: 'prod' },
    ]);
  });
});

describe('selections of feature flags', () => {
  const keysOf = (featureFlags: Parameters<typeof planFlagSources>[1], environment?: string) =>
    planFlagSources(ENDPOINT, featureFlags, environment).map(({ selection, overlay }) => [
      selection.filter,
      overlay,
    ]);
  const P = '.appconfig.featureflag/';

  it('are none where none are asked for, and all by default', () => {
    expect(keysOf(undefined)).to.deep.equal([]);
    expect(keysOf({})).to.deep.equal([[{ key: `${P}*`, label: null }, false]]);
  });

  it('have the prefix before each name of a list, and escapes as they are', () => {
    expect(keysOf({ selectors: [{ key: 'a,b\\,c,\\\\' }] })).to.deep.equal([
      [{ key: `${P}a,${P}b\\,c,${P}\\\\`, label: null }, false],
    ]);
  });

  it('follow the environment, unless they name a label, or a snapshot', () => {
    const selectors = [{ key: 'a' }, { key: 'b', label: 'x' }, { snapshot: 's' }];
    expect(keysOf({ selectors }, 'prod')).to.deep.equal([
      [{ key: `${P}a`, label: null }, false],
      [{ key: `${P}a`, label: 'prod' }, true],
      [{ key: `${P}b`, label: 'x' }, false],
      [{ snapshot: 's' }, false],
    ]);
  });

  it('are legal filters for every legal filter of names (property)', () => {
    fc.assert(
      fc.property(keyFilters, (key) => {
        const [source] = planFlagSources(ENDPOINT, { selectors: [{ key }] }, undefined);
        const filter = source?.selection.filter;
        if (filter === undefined || !('key' in filter)) throw new Error('no key');
        expect(keyFilterProblem(filter.key)).to.equal(undefined);
        expect(filter.key.replaceAll(P, '')).to.equal(key);
      }),
    );
  });
});
