import { expect } from 'chai';
import fc from 'fast-check';
import {
  AT_ONCE,
  LONGEST_PAUSE_MS,
  lastWriter,
  leftUntil,
  PEACE,
  putBack,
} from '../../../../src/domain/targets/contest.ts';

const HOUR = 3_600_000;

describe('a contest over a target', () => {
  it('costs nothing the first times, then twice as long each time, up to the longest pause', () => {
    let contest = PEACE;
    const pauses: number[] = [];
    for (let now = HOUR; pauses.length < 12; now = leftUntil(contest)) {
      contest = putBack(contest, now, 'kubectl');
      pauses.push((leftUntil(contest) - now) / 1000);
    }
    expect(pauses).to.deep.equal([0, 0, 0, 0, 30, 60, 120, 240, 300, 300, 300, 300]);
    expect(contest.rival).to.equal('kubectl');
  });

  it('is over after a longer peace', () => {
    let contest = PEACE;
    for (let n = 0; n <= AT_ONCE; n++) contest = putBack(contest, HOUR, undefined);
    expect(putBack(contest, HOUR + 4 * LONGEST_PAUSE_MS, undefined).putBacks).to.equal(1);
    expect(putBack(contest, HOUR + LONGEST_PAUSE_MS, undefined).putBacks).to.equal(AT_ONCE + 2);
  });

  it('never leaves a target alone for longer than the longest pause', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (putBacks, lastAt) => {
        const pause = leftUntil({ putBacks, lastAt }) - lastAt;
        expect(pause).to.be.within(0, LONGEST_PAUSE_MS);
      }),
    );
  });

  it('names who wrote last, apart from the operator', () => {
    const own = (manager: string) => manager.startsWith('appconfig-operator');
    const entries = [
      { manager: 'kustomize-controller', time: '2026-11-22T10:00:01Z' },
      { manager: 'kubectl-edit', time: '2026-11-22T10:00:00Z' },
      { manager: 'appconfig-operator', time: '2026-11-22T10:00:02Z' },
    ];
    expect(lastWriter(entries, own)).to.equal('kustomize-controller');
    expect(lastWriter(entries.slice(2), own)).to.equal(undefined);
    expect(lastWriter(undefined, own)).to.equal(undefined);
  });
});
