import { expect } from 'chai';
import type { SettingsPages } from '../../../src/ports/azure.ts';
import { BEHIND_MS, ReplicaVersions } from '../../../src/sources/replica-versions.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { HOST } from './fixtures.ts';
import { EU } from './replicas-setup.ts';

/** What `host` shows of a setting at its `version`. */
const shown = (host: string, version: number): SettingsPages => ({
  host,
  etags: [`${host} ${version}`],
  settings: [{ key: 'color', value: `${version}`, etag: `${version}` }],
  modifiedAt: version * 1_000,
});

describe('what hosts of a store show', () => {
  it('is behind for ten minutes from when it was seen to be, and has not been the same in between', async () => {
    const clock = new VirtualClock();
    const versions = new ReplicaVersions(clock);
    const newest = shown(HOST, 2);
    const [older, equal] = [shown(EU, 1), shown(EU, 2)];
    for (const pages of [newest, older, equal]) versions.record(pages);
    versions.accept(newest);
    expect(versions.relation(older, newest)).to.equal('behind');
    expect(versions.relation(equal, newest)).to.equal('same');
    await clock.advance(BEHIND_MS);
    expect(versions.relation(older, newest)).to.equal('behind');
    await clock.advance(BEHIND_MS - 1);
    expect(versions.relation(older, newest)).to.equal('behind');
    await clock.advance(1);
    expect(versions.relation(older, newest)).to.equal('different');
  });
});
