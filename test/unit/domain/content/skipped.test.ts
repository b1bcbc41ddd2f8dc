import { expect } from 'chai';
import type { Entry } from '../../../../src/domain/content/entry.ts';
import { withoutSkipped } from '../../../../src/domain/content/skipped.ts';
import type { Format } from '../../../../src/domain/formats/format.ts';
import type { PlannedTargets } from '../../../../src/domain/targets/plan-targets.ts';

const KEY_VALUE: Format = { kind: 'KeyValue' };
const JSON_FILE: Format = { kind: 'Json', file: 'f' };
const configMap = { name: 'c', format: KEY_VALUE };
const secret = { name: 's', format: KEY_VALUE, include: 'References', type: 'Opaque' } as const;

const value: Entry = { kind: 'value', value: 'x' };
const reference: Entry = { kind: 'reference', reference: { vault: 'v', name: 'n' } };
const ENTRIES = new Map<string, Entry>([
  ['a', value],
  ['a:b', value],
  ['r', reference],
  ['r:s', reference],
]);

function outcome(targets: PlannedTargets, invalid: 'Fail' | 'Skip' = 'Skip') {
  const plan = { ...targets, keys: { trimPrefixes: [], replace: [], invalid } };
  const { entries, skipped } = withoutSkipped(ENTRIES, plan);
  return { kept: [...entries.keys()], skipped: skipped.map(({ target, keys }) => [target, ...keys]) };
}

describe('skipping keys that a format cannot hold', () => {
  it('leaves them out of the target that cannot hold them, references before they are read', () => {
    expect(outcome({ configMap, secret })).to.deep.equal({
      kept: ['a', 'r'],
      skipped: [
        ['ConfigMap c', 'a:b'],
        ['Secret s', 'r:s'],
      ],
    });
  });

  it('keeps those for which another target has room', () => {
    const all = { ...secret, format: JSON_FILE, include: 'All' } as const;
    expect(outcome({ configMap, secret: all })).to.deep.equal({
      kept: ['a', 'a:b', 'r', 'r:s'],
      skipped: [['ConfigMap c', 'a:b']],
    });
  });

  it('says nothing of plain values that are written nowhere', () => {
    expect(outcome({ secret })).to.deep.equal({ kept: ['a', 'a:b', 'r'], skipped: [['Secret s', 'r:s']] });
  });

  it('happens only when it is asked for', () => {
    expect(outcome({ configMap, secret }, 'Fail')).to.deep.equal({
      kept: ['a', 'a:b', 'r', 'r:s'],
      skipped: [],
    });
  });
});
