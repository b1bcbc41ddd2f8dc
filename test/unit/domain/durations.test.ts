import { expect } from 'chai';
import fc from 'fast-check';
import { formatDuration, parseDuration } from '../../../src/domain/durations.ts';

describe('durations', () => {
  it('reads what Go writes, in milliseconds', () => {
    const known: Record<string, number> = {
      '90s': 90_000,
      '1h30m': 5_400_000,
      '1.5m': 90_000,
      '500ms': 500,
      '0s': 0,
      '1h0m0s': 3_600_000,
    };
    for (const [text, ms] of Object.entries(known)) expect(parseDuration(text), text).to.equal(ms);
  });

  it('refuses everything else', () => {
    for (const text of ['', '5', 's', '-5s', '+5s', '1d', '5 s', '.5s', '5.s', '1us', '1.2345s', '5s\n']) {
      expect(parseDuration(text), JSON.stringify(text)).to.equal(undefined);
    }
  });

  it('writes the shortest form, which reads back the same', () => {
    expect([0, 500, 90_000, 5_400_000, 3_600_001].map(formatDuration)).to.deep.equal([
      '0s',
      '500ms',
      '1m30s',
      '1h30m',
      '1h1ms',
    ]);
    fc.assert(fc.property(fc.nat(), (ms) => parseDuration(formatDuration(ms)) === ms));
  });
});
