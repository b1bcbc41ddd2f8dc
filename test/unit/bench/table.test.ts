import { expect } from 'chai';
import { figure, type Measure, verdictOf } from '../../../bench/report/measure.ts';
import { table } from '../../../bench/report/table.ts';

const measure = (given: Partial<Measure>): Measure => ({
  scenario: 'idle 100',
  name: 'reads',
  value: 1,
  unit: '',
  ...given,
});

describe('the table of a bench', () => {
  it('shows three digits, whole numbers from 100 on, and separators', () => {
    expect([0, 1, 0.12345, 12.345, 123.45, 12_345.6].map(figure)).to.deep.equal([
      '0',
      '1',
      '0.123',
      '12.3',
      '123',
      '12,346',
    ]);
    expect(figure(Number.NaN)).to.equal('–');
  });

  it('says whether a target was met, on both sides of it', () => {
    expect(verdictOf(measure({ value: 7, target: { atMost: 7 } }))).to.equal('met');
    expect(verdictOf(measure({ value: 7.1, target: { atMost: 7 } }))).to.equal('missed');
    expect(verdictOf(measure({ value: 0.5, target: { atLeast: 0.5 } }))).to.equal('met');
    expect(verdictOf(measure({ value: 0.4, target: { atLeast: 0.5 } }))).to.equal('missed');
    expect(verdictOf(measure({}))).to.equal('');
  });

  it('aligns its columns and names a scenario once', () => {
    const text = table([
      measure({ value: 3.5, unit: 'per s', target: { atMost: 7 } }),
      measure({ name: 'writes', value: 2, target: { atMost: 0 } }),
      measure({ scenario: 'restart 100', name: 'page bodies', value: 0 }),
    ]);
    expect(text.split('\n')).to.deep.equal([
      'scenario     measure      value      target',
      'idle 100     reads        3.5 per s  ≤ 7     met',
      '             writes       2          ≤ 0     missed',
      'restart 100  page bodies  0',
    ]);
  });
});
