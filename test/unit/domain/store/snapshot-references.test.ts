import { expect } from 'chai';
import fc from 'fast-check';
import type { Setting } from '../../../../src/domain/store/settings.ts';
import {
  expandReferences,
  referenceFailure,
  snapshotReferences,
} from '../../../../src/domain/store/snapshot-references.ts';

const TYPE = 'application/json; profile="https://azconfig.io/mime-profiles/snapshot-ref"; charset=utf-8';
const plain = (key: string): Setting => ({ key, value: `of ${key}`, etag: 'e' });
const refer = (key: string, snapshot: string): Setting => ({
  key,
  value: JSON.stringify({ snapshot_name: snapshot }),
  contentType: TYPE,
  etag: 'e',
});
const endpoint = 'https://contoso.azconfig.io';
const byKey = { endpoint, filter: { key: '*', label: null } };
const bySnapshot = { endpoint, filter: { snapshot: 's' } };

describe('references to snapshots', () => {
  it('are found once for each snapshot, with the first key that names it, in order of names', () => {
    const settings = [refer('b', 'two'), plain('c'), refer('d', 'one'), refer('e', 'two')];
    expect(snapshotReferences([{ selection: byKey, settings }])).to.deep.equal({
      ok: true,
      value: [
        { key: 'd', snapshot: 'one' },
        { key: 'b', snapshot: 'two' },
      ],
    });
  });

  it('within a snapshot are not looked for', () => {
    const found = snapshotReferences([{ selection: bySnapshot, settings: [refer('a', 'x')] }]);
    expect(found).to.deep.equal({ ok: true, value: [] });
  });

  for (const value of [
    undefined,
    '',
    'x',
    '{}',
    '{"snapshot_name":""}',
    '{"snapshot_name":1}',
    'null',
    '[]',
  ]) {
    it(`are none with the value ${value}, which is not quoted`, () => {
      const { value: _, ...rest } = refer('broken', 'x');
      const setting: Setting = value === undefined ? rest : { ...rest, value };
      const found = snapshotReferences([{ selection: byKey, settings: [setting] }]);
      if (found.ok || !('message' in found.failure)) throw new Error('accepted');
      expect(found.failure.reason).to.equal('InvalidSnapshotReference');
      expect(found.failure.message).to.contain('"broken"');
    });
  }

  it('are refused beyond 64 snapshots', () => {
    const settings = (count: number) => Array.from({ length: count }, (_, n) => refer(`k${n}`, `s${n}`));
    expect(snapshotReferences([{ selection: byKey, settings: settings(64) }]).ok).to.equal(true);
    expect(snapshotReferences([{ selection: byKey, settings: settings(65) }]).ok).to.equal(false);
  });

  it('are replaced in place by what the snapshot holds, in order of keys, without flags and references', () => {
    const flag = { ...plain('flag'), contentType: 'application/vnd.microsoft.appconfig.ff+json' };
    const snapshots = new Map([['s', [plain('y'), flag, refer('x', 's'), plain('b')]]]);
    const expanded = expandReferences([plain('a'), refer('m', 's'), plain('z')], byKey, snapshots);
    expect(expanded.map(({ key }) => key)).to.deep.equal(['a', 'b', 'y', 'z']);
  });

  it('leave everything else as it was, and themselves out', () => {
    const settings = fc.array(
      fc.oneof(
        fc.string().map(plain),
        fc.string().map((key) => refer(key, 'unknown')),
      ),
    );
    fc.assert(
      fc.property(settings, (list) => {
        const rest = list.filter(({ contentType }) => contentType === undefined);
        expect(expandReferences(list, byKey, new Map())).to.deep.equal(rest);
      }),
    );
  });

  it('pass on trouble that has nothing to do with them as it is', () => {
    const failure = { kind: 'unavailable', reason: 'StoreUnreachable', message: 'm' } as const;
    expect(referenceFailure({ key: 'a', snapshot: 's' }, failure)).to.equal(failure);
  });
});
