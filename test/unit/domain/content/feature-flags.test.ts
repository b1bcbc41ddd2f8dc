import { expect } from 'chai';
import fc from 'fast-check';
import {
  flagsToWrite,
  invalidFlagMessage,
  selectFlags,
} from '../../../../src/domain/content/feature-flags.ts';
import { flagsNode, readFlags } from '../../../../src/domain/formats/flags-section.ts';
import { layOut } from '../../../../src/domain/formats/json-node.ts';
import { ordinal } from '../../../../src/domain/keys.ts';
import { planFlagSources } from '../../../../src/domain/store/selectors.ts';
import type { Setting } from '../../../../src/domain/store/settings.ts';
import { FLAG_TYPE } from '../../../support/arbitraries/settings.ts';

const ENDPOINT = 'https://contoso.azconfig.io';

const flag = (id: string, rest: object | string = { enabled: true }, label?: string): Setting => ({
  key: `.appconfig.featureflag/${id}`,
  value: typeof rest === 'string' ? rest : JSON.stringify({ id, ...rest }),
  contentType: FLAG_TYPE,
  etag: `etag-${id}`,
  ...(label === undefined ? {} : { label }),
});

/** Each list is what one selection gives; every second one is that of the environment. */
function select(...lists: readonly (readonly Setting[])[]) {
  const selectors = lists.filter((_, index) => index % 2 === 0).map(() => ({ key: '*' }));
  const sources = planFlagSources(ENDPOINT, { selectors }, 'prod');
  const parts = sources.map((source, index) => ({ source, settings: lists[index] ?? [] }));
  return selectFlags(parts, ENDPOINT);
}

const written = (selected: ReturnType<typeof select>) =>
  JSON.parse(layOut(flagsNode(selected.flags))).feature_flags;

describe('selected feature flags', () => {
  it('stand in ordinal order, a later selection wins, and each part counts what it gave', () => {
    const selected = select(
      [flag('b', { enabled: false }), flag('a'), flag('C')],
      [flag('b', { enabled: true }, 'prod')],
    );
    expect(written(selected)).to.deep.equal([
      { id: 'C', enabled: true },
      { id: 'a', enabled: true },
      { id: 'b', enabled: true },
    ]);
    expect(selected.counts).to.deep.equal([3, 1]);
    expect(selected.unmatchedEnvironment).to.equal(false);
    expect(select([flag('a')], []).unmatchedEnvironment).to.equal(true);
  });

  it('are one where two settings give the same id: the later one', () => {
    const renamed = { ...flag('z'), value: '{"id": "a", "enabled": false}' };
    expect(written(select([flag('a'), renamed]))).to.deep.equal([{ id: 'a', enabled: false }]);
  });

  it('are what is stored, with every digit and member, apart from space and comments', () => {
    const text =
      '{"id":"a","enabled":true,"conditions":{"client_filters":[{"name":"P","parameters":{"Value":1.10,"big":12345678901234567890,"u":"\\u00e9"}}]},"later":[null]}';
    const [only] = select([flag('a', `/* why */ ${text}`)]).flags;
    expect(layOut(only?.node ?? { kind: 'scalar', token: '' }).replace(/\s/g, '')).to.equal(text);
  });

  it('are no settings that a snapshot holds beside them', () => {
    const plain = { key: 'color', value: 'blue', etag: 'e' };
    const json = {
      key: '.appconfig.featureflag/x',
      value: '{"id":"x"}',
      contentType: 'application/json',
      etag: 'e',
    };
    const selected = select([plain, json, { ...flag('a'), key: 'moved/a' }]);
    expect(written(selected)).to.deep.equal([{ id: 'a', enabled: true }]);
    expect(selected).to.deep.include({ counts: [1, 0], invalid: [] });
  });

  it('tell where they come from, where they ask for telemetry, and nowhere else', () => {
    const asks = { telemetry: { enabled: true, metadata: { team: 'x', ETag: 'old' } } };
    const selected = select([
      flag('a b', asks, 'Test'),
      flag('c', { telemetry: { enabled: true } }),
      flag('d', { telemetry: { enabled: false } }),
      flag('e', { telemetry: { enabled: 'true' } }),
    ]);
    const reference = `${ENDPOINT}/kv/.appconfig.featureflag`;
    expect(written(selected)).to.deep.equal([
      {
        id: 'a b',
        telemetry: {
          enabled: true,
          metadata: {
            team: 'x',
            ETag: 'etag-a b',
            FeatureFlagReference: `${reference}/a b?label=Test`,
          },
        },
      },
      {
        id: 'c',
        telemetry: {
          enabled: true,
          metadata: { ETag: 'etag-c', FeatureFlagReference: `${reference}/c` },
        },
      },
      { id: 'd', telemetry: { enabled: false } },
      { id: 'e', telemetry: { enabled: 'true' } },
    ]);
  });

  const DEEP = `{"id":"x","d":${'['.repeat(61)}${']'.repeat(61)}}`;
  for (const [value, problem] of [
    ['{', 'holds no JSON object'],
    ['[]', 'holds no JSON object'],
    ['', 'holds no JSON object'],
    ['{"enabled": true}', 'has no id'],
    ['{"id": ""}', 'has no id'],
    ['{"id": 1}', 'has no id'],
    ['{"id": "x", "enabled": "true"}', 'is neither enabled nor disabled'],
    [DEEP, 'is nested too deeply'],
  ] as const) {
    it(`leave out, and name, one whose value is ${value.slice(0, 30)}`, () => {
      const selected = select([flag('x', value), flag('y')]);
      expect(written(selected)).to.deep.equal([{ id: 'y', enabled: true }]);
      expect(selected.invalid).to.deep.equal([{ name: 'x', problem }]);
      expect(selected.invalid.map(invalidFlagMessage)[0]).to.contain(`feature flag "x" ${problem}`);
    });
  }

  it('do not come back in the place of an invalid one that overrides them', () => {
    const selected = select([flag('x')], [flag('x', '{', 'prod')]);
    expect(written(selected)).to.deep.equal([]);
    expect(selected.invalid).to.have.length(1);
    expect(select([flag('x', '{')], [flag('x', {}, 'prod')])).to.deep.include({ invalid: [] });
  });

  it('keep what an invalid one was in the target that stands, unless another has its id by now', () => {
    const format = { kind: 'Json', file: 'f' } as const;
    const before = JSON.stringify({
      feature_management: { feature_flags: [{ id: 'x', enabled: true, n: 1 }] },
    });
    const ids = (selected: ReturnType<typeof select>, text: string) =>
      flagsToWrite(selected, () => readFlags(text, format)).map(({ id, node }) => [
        id,
        layOut(node).replace(/\s/g, ''),
      ]);
    const broken = select([flag('x', '{'), flag('y', {})]);
    expect(ids(broken, before)).to.deep.equal([
      ['y', '{"id":"y"}'],
      ['x', '{"id":"x","enabled":true,"n":1}'],
    ]);
    expect(ids(broken, '')).to.deep.equal([['y', '{"id":"y"}']]);
    expect(ids(broken, 'no file of ours')).to.deep.equal([['y', '{"id":"y"}']]);
    const other = { ...flag('y'), value: '{"id":"x"}' };
    expect(ids(select([flag('x', '{'), other]), before)).to.deep.equal([['x', '{"id":"x"}']]);
  });

  it('do not depend on the order of the answer, and are one for each id (property)', () => {
    const ids = fc.constantFrom('a', 'b', 'B', 'c', '__proto__');
    const setting = fc.tuple(ids, ids, fc.boolean()).map(([name, id, enabled]) => ({
      ...flag(name),
      value: JSON.stringify({ id, enabled }),
    }));
    const lists = fc.array(fc.uniqueArray(setting, { selector: ({ key }) => key }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(lists, (given) => {
        const selected = select(...given);
        expect(select(...given.map((list) => list.toReversed()))).to.deep.equal(selected);
        const found = selected.flags.map(({ id }) => id);
        expect(found).to.deep.equal([...new Set(found)].toSorted(ordinal));
        const last = given
          .findLast((list) => list.length > 0)
          ?.toSorted((a, b) => ordinal(a.key, b.key))
          .at(-1);
        if (last === undefined) return;
        const winner: { id: string } = JSON.parse(last.value);
        expect(written(selected)).to.deep.include(winner);
      }),
    );
  });
});
