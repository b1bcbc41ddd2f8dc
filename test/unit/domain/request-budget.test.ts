import { expect } from 'chai';
import fc from 'fast-check';
import type { Condition } from '../../../src/api/conditions.ts';
import {
  budgetWarning,
  estimateRequests,
  type PolledSelection,
  withBudgetWarning,
} from '../../../src/domain/request-budget.ts';
import type { Warning } from '../../../src/domain/status/verdict.ts';

const MINUTE = 60_000;
const PROOF = 10 * MINUTE;

const look = (identity: string, intervalMs = MINUTE) => ({ identity, intervalMs });
const estimate = (...selections: PolledSelection[]) => estimateRequests(selections, PROOF);

describe('the estimate of requests per hour', () => {
  it('is one look at each page per interval, however many bindings look', () => {
    const looks = Array.from({ length: 1_000 }, () => look('a', MINUTE / 2));
    expect(estimate({ pages: 3, looks })).to.deep.equal({ polls: 360, proofs: 0 });
  });

  it('takes the shortest interval of a selection, and adds up selections', () => {
    const mixed = { pages: 1, looks: [look('a', 5 * MINUTE), look('a')] };
    expect(estimate(mixed, { pages: 2, looks: [look('b')] })).to.deep.equal({ polls: 180, proofs: 0 });
  });

  it('adds six proofs per hour, page and identity where several share a selection', () => {
    const looks = Array.from({ length: 50 }, (_, index) => look(`identity-${index}`));
    expect(estimate({ pages: 2, looks })).to.deep.equal({ polls: 120, proofs: 600 });
  });

  it('asks for nothing where nobody looks', () => {
    expect(estimate({ pages: 7, looks: [] })).to.deep.equal({ polls: 0, proofs: 0 });
  });

  const looks = fc.array(
    fc.record({
      identity: fc.constantFrom('a', 'b', 'c'),
      intervalMs: fc.integer({ min: 1_000, max: 864e5 }),
    }),
    { minLength: 1, maxLength: 12 },
  );

  it('never exceeds what everybody alone would ask, nor falls below the most frequent of them', () => {
    fc.assert(
      fc.property(looks, fc.integer({ min: 1, max: 20 }), (all, pages) => {
        const { polls, proofs } = estimate({ pages, looks: all });
        const alone = all.map(({ intervalMs }) => (pages * 3_600_000) / intervalMs);
        expect(polls + proofs).to.be.at.most(alone.reduce((sum, one) => sum + one, 1e-6));
        expect(polls + proofs).to.be.at.least(Math.max(...alone) - 1e-6);
      }),
    );
  });
});

describe('the warning about a budget', () => {
  const told = (polls: number, proofs: number, budget: number): string | undefined =>
    budgetWarning('contoso.azconfig.io', { polls, proofs }, budget)?.message;

  it('is not given when the estimate fits', () => {
    expect(told(20_000, 10_000, 30_000)).to.equal(undefined);
  });

  it('tells budget, estimate, its parts, tiers and remedies', () => {
    const message = told(30_000, 5_500, 30_000);
    for (const part of [
      'store contoso.azconfig.io is 30,000 an hour',
      'about 36,000',
      '30,000 for the pages',
      '5,500 for proofs',
      'spec.refresh.interval',
      'Standard 30,000',
      'store-request-budget',
    ])
      expect(message).to.include(part);
  });

  it('shows more than the budget however little it is exceeded', () => {
    expect(told(30_001, 0, 30_000)).to.include('about 31,000');
  });

  it('stays the same while one binding of a thousand comes or goes', () => {
    expect(told(36_120, 4_210, 30_000)).to.equal(told(36_240, 4_216, 30_000));
  });

  const warning = budgetWarning('contoso.azconfig.io', { polls: 2, proofs: 0 }, 1) as Warning;
  const collision: Warning = { reason: 'KeyCollision', message: 'two keys; one is used' };
  const standing = (...warnings: Warning[]): Condition => ({
    type: 'Warning',
    status: 'True',
    reason: warnings[0]?.reason ?? 'KeyCollision',
    message: warnings.map(({ message }) => message).join('; '),
    lastTransitionTime: '2026-01-01T00:00:00Z',
    observedGeneration: 1,
  });

  it('comes after what a pass learned', () => {
    expect(withBudgetWarning(undefined, [collision], warning)).to.deep.equal([collision, warning]);
    expect(withBudgetWarning(standing(warning), [collision], undefined)).to.deep.equal([collision]);
  });

  it('joins and leaves other warnings that stand', () => {
    expect(withBudgetWarning(standing(collision), undefined, warning)).to.deep.equal([collision, warning]);
    expect(withBudgetWarning(standing(collision, warning), undefined, undefined)).to.deep.equal([collision]);
    expect(withBudgetWarning(standing(warning), undefined, undefined)).to.deep.equal([]);
    expect(withBudgetWarning(undefined, undefined, warning)).to.deep.equal([warning]);
  });

  it('changes nothing when it stands already, or nothing is known', () => {
    expect(withBudgetWarning(standing(collision, warning), undefined, warning)).to.equal(undefined);
    expect(withBudgetWarning(standing(collision), undefined, undefined)).to.equal(undefined);
    expect(withBudgetWarning(standing(warning), undefined, 'unknown')).to.equal(undefined);
    expect(withBudgetWarning(standing(warning), [collision], 'unknown')).to.deep.equal([collision, warning]);
  });

  it('does not keep the warning of a suspension that has ended', () => {
    const suspended: Warning = { reason: 'Suspended', message: 'spec.suspend is true' };
    expect(withBudgetWarning(standing(suspended), undefined, warning)).to.deep.equal([warning]);
  });
});
