import { expect } from 'chai';
import fc from 'fast-check';
import { isFilterError } from '../../../dev/azure/appconfig/filters.ts';
import { compare, type Setting } from '../../../dev/azure/appconfig/setting.ts';
import { compose } from '../../../dev/azure/appconfig/snapshots/compose.ts';
import {
  archive,
  recover,
  type Snapshot,
  statusAt,
} from '../../../dev/azure/appconfig/snapshots/snapshot.ts';
import { Store } from '../../../dev/azure/appconfig/store.ts';
import { Clock } from '../../../dev/azure/clock.ts';

const positions = fc.uniqueArray(
  fc.record({ key: fc.constantFrom('a', 'ab', 'b', 'c'), label: fc.constantFrom(null, 'dev', 'prod') }),
  { selector: JSON.stringify },
);
const filter = fc.record({
  key: fc.constantFrom('a', 'a*', '*', 'b,c'),
  label: fc.constantFrom(null, 'dev', 'prod'),
});
const filters = fc.array(filter, { minLength: 1, maxLength: 3 });

function settingsAt(given: readonly { key: string; label: string | null }[]): readonly Setting[] {
  const store = new Store('contoso', 'tenant', new Clock());
  for (const position of given) store.put(position, { value: JSON.stringify(position) });
  return store.latest().settings;
}

function composed(...args: Parameters<typeof compose>): readonly Setting[] {
  const settings = compose(...args);
  if (isFilterError(settings)) throw new Error(settings.error);
  return settings;
}

describe('the content of a snapshot', () => {
  it('has each key once under the composition key, from the last filter that selects it', () => {
    fc.assert(
      fc.property(positions, filters, (given, chosen) => {
        const settings = settingsAt(given);
        const all = composed(settings, chosen, 'key');
        expect(new Set(all.map(({ key }) => key)).size).to.equal(all.length);
        const last = composed(settings, chosen.slice(-1), 'key');
        expect(all).to.include.members(last as Setting[]);
      }),
    );
  });

  it('is, under key_label, the union of what its filters select, in list order', () => {
    fc.assert(
      fc.property(positions, filters, (given, chosen) => {
        const settings = settingsAt(given);
        const union = new Set(chosen.flatMap((one) => composed(settings, [one], 'key_label')));
        expect(composed(settings, chosen, 'key_label')).to.deep.equal([...union].sort(compare));
      }),
    );
  });
});

describe('the state of a snapshot', () => {
  const ready: Snapshot = {
    ...{ name: 'rel', filters: [], composition: 'key', retentionSeconds: 3_600, tags: {}, description: null },
    ...{ etag: 'e', settings: [], created: 0, readyAt: 1_000, failure: undefined, expires: undefined },
  };

  it('follows from the clock alone', () => {
    const archived = archive(ready, 2_000);
    expect(statusAt(ready, 999)).to.equal('provisioning');
    expect(statusAt(ready, 1_000)).to.equal('ready');
    expect(statusAt({ ...ready, failure: 'Timeout' }, 1_000)).to.equal('failed');
    expect(archived && statusAt(archived, 3_601_999)).to.equal('archived');
    expect(archived && statusAt(archived, 3_602_000)).to.equal('expired');
  });

  it('changes only from ready to archived and back', () => {
    const archived = archive(ready, 2_000);
    if (!archived) throw new Error('a ready snapshot can be archived');
    expect([archive(ready, 0), recover(ready, 2_000), archive(archived, 3_000)]).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
    expect(recover(archived, 4_000_000)).to.equal(undefined);
    expect(recover(archived, 3_000)).to.include({ expires: undefined });
  });
});
