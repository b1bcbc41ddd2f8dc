import { expect } from 'chai';
import type { AppConfigBinding, RolloutStatus } from '../../../src/api/schema.ts';
import { censusOf } from '../../../src/domain/census.ts';
import { rolloutSummary } from '../../../src/domain/status/rollouts.ts';

const rollouts = (kind: string, phase: string, count: number): readonly RolloutStatus[] =>
  Array.from({ length: count }, (_, index) => ({ kind, name: `${phase}-${index}`, phase }));

const phases = (told: readonly RolloutStatus[]) => {
  const binding = { metadata: { name: 'orders' }, status: rolloutSummary(told) } as AppConfigBinding;
  return Object.fromEntries(censusOf([binding]).rolloutsByPhase);
};

describe('the census of rollouts', () => {
  it('counts those that the status no longer lists as complete', () => {
    const told = [...rollouts('Deployment', 'Complete', 30), ...rollouts('Deployment', 'Failed', 2)];
    expect(phases(told)).to.deep.equal({ Complete: 30, Failed: 2 });
  });

  it('counts those that wait and are not listed like the last that is, never as complete', () => {
    const moving = rollouts('Deployment', 'Progressing', 1);
    for (const phase of ['Pending', 'Halted', 'DryRun'])
      expect(
        phases([...rollouts('Deployment', 'Complete', 5), ...rollouts('Deployment', phase, 59), ...moving]),
      ).to.deep.equal({ Progressing: 1, [phase]: 59, Complete: 5 });
    const restartedAt = '2026-11-26T08:00:00Z';
    const restarted = rollouts('Deployment', 'Progressing', 20).map((one) => ({ ...one, restartedAt }));
    expect(phases([...rollouts('Deployment', 'Pending', 40), ...restarted])).to.deep.equal({
      Progressing: 20,
      Pending: 40,
    });
  });

  it('counts those that opted out apart from all others', () => {
    const told = [...rollouts('Deployment', 'OptedOut', 2), ...rollouts('Deployment', 'Complete', 3)];
    expect(phases(told)).to.deep.equal({ Complete: 3, OptedOut: 2 });
  });

  it('leaves out jobs, listed or not', () => {
    const jobs = rollouts('CronJob', 'NoRestartNeeded', 25);
    expect(phases([...rollouts('Deployment', 'Complete', 3), ...jobs])).to.deep.equal({ Complete: 3 });
    expect(phases(jobs)).to.deep.equal({});
  });
});
