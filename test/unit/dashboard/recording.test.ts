import { expect } from 'chai';
import { recordingOf, samplesOf } from '../../../dev/dashboard/recording.ts';
import { ticks, withUnit } from '../../../dev/dashboard/scale.ts';

describe('A recording', () => {
  it('keeps of a scrape what is wanted, with the labels that Prometheus adds', () => {
    const text = ['# HELP a Help.', '# TYPE a gauge', 'a 1', 'b{x="y z"} 2.00049', 'c 3', ''].join('\n');
    expect([...samplesOf(text, new Set(['a', 'b']), { job: 'j' })]).to.deep.equal([
      ['a{job="j"}', 1],
      ['b{x="y z",job="j"}', 2],
    ]);
  });

  it('writes repetitions and gaps in the notation of promtool', () => {
    const scrapes = [1, 1, 1, undefined, undefined, 2, undefined, 3].map((value) =>
      value === undefined ? undefined : new Map([['a{}', value]]),
    );
    expect(recordingOf(scrapes, 100, 5)).to.deep.equal({
      start: 100,
      step: 5,
      scrapes: 8,
      series: ['a{} 1x2 _x2 2 _ 3'],
    });
  });
});

describe('An axis', () => {
  for (const [max, expected] of [
    [0, [0, 1]],
    [1, [0, 0.25, 0.5, 0.75, 1]],
    [6, [0, 2, 4, 6]],
    [0.37, [0, 0.1, 0.2, 0.3, 0.4]],
    [1_234, [0, 500, 1_000, 1_500]],
  ] as const)
    it(`is marked with round numbers up to ${max}`, () => {
      expect(ticks(max)).to.deep.equal(expected);
    });

  it('is marked with round numbers of the unit of its bytes', () => {
    expect(ticks(160 * 2 ** 20, 'bytes').map((mark) => withUnit(mark, 'bytes'))).to.deep.equal([
      '0 B',
      '50 MiB',
      '100 MiB',
      '150 MiB',
      '200 MiB',
    ]);
  });

  it('names its units', () => {
    expect([
      withUnit(0.0123, 's'),
      withUnit(90, 's'),
      withUnit(0.2, 'reqps'),
      withUnit(3, 'short'),
    ]).to.deep.equal(['12.3 ms', '90 s', '0.2/s', '3']);
    expect(withUnit(150 * 2 ** 20, 'bytes')).to.equal('150 MiB');
  });
});
