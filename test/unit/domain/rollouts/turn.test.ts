import { expect } from 'chai';
import { type Turn, type TurnInput, turnOf } from '../../../../src/domain/rollouts/turn.ts';

const NOW = Date.parse('2026-11-26T10:00:00Z');
const IDLE: TurnInput = {
  moving: false,
  unresolved: false,
  underway: { binding: 0, namespace: 0, cluster: 0 },
  limits: { minIntervalMs: 60_000, maxConcurrent: 1, perNamespace: 2, perCluster: 3, dryRun: 'off' },
  now: NOW,
};
type Change = Partial<Omit<TurnInput, 'limits' | 'underway'>> & {
  readonly limits?: Partial<TurnInput['limits']>;
  readonly underway?: Partial<TurnInput['underway']>;
};
const turn = ({ limits, underway, ...rest }: Change = {}): Turn =>
  turnOf({
    ...IDLE,
    ...rest,
    limits: { ...IDLE.limits, ...limits },
    underway: { ...IDLE.underway, ...underway },
  });
const messageOf = (answer: Turn): string => ('message' in answer ? answer.message : '');

describe('The turn of a restart that is due', () => {
  it('comes at once when nothing is under way', () => {
    expect(turn()).to.deep.equal({ kind: 'now' });
  });

  it('comes when the minimum interval since the last restart has passed', () => {
    const waiting = turn({ restartedAt: NOW - 59_999 });
    expect(waiting).to.include({ kind: 'time', at: NOW + 1 });
    expect(messageOf(turn({ restartedAt: NOW - 20_000 }))).to.equal(
      'restart at 2026-11-26T10:00:40Z: content changed again within spec.rollout.minInterval (1m)',
    );
    expect(turn({ restartedAt: NOW - 60_000 }).kind).to.equal('now');
  });

  it('comes at once when there is no minimum interval', () => {
    expect(turn({ restartedAt: NOW, limits: { minIntervalMs: 0 } }).kind).to.equal('now');
  });

  it('comes when other bindings had time to see the same change', () => {
    expect(turn({ settlesAt: NOW + 5_000 })).to.include({ kind: 'time', at: NOW + 5_000 });
    expect(turn({ settlesAt: NOW }).kind).to.equal('now');
  });

  it('waits while a reference has no value, and says neither in a dry run nor while it is held back', () => {
    expect(turn({ unresolved: true })).to.include({ kind: 'reference' });
    expect(turn({ unresolved: true, limits: { dryRun: 'binding' } }).kind).to.equal('dry-run');
    expect(turn({ unresolved: true, failed: 'Deployment web' }).kind).to.equal('halted');
  });

  const places: readonly ['binding' | 'namespace' | 'cluster', number, string][] = [
    ['binding', 1, 'spec.rollout.maxConcurrent is 1'],
    ['namespace', 2, 'rollouts-per-namespace'],
    ['cluster', 3, 'rollouts-per-cluster'],
  ];
  for (const [of, limit, named] of places) {
    it(`waits for a place of the ${of}, and names the limit`, () => {
      const full = turn({ underway: { [of]: limit } });
      expect(full).to.include({ kind: 'place', of });
      expect(messageOf(full)).to.include(named);
      expect(turn({ underway: { [of]: limit - 1 } }).kind).to.equal('now');
    });

    it(`needs no place of the ${of} for a workload that is rolling out anyway`, () => {
      expect(turn({ moving: true, underway: { [of]: limit } }).kind).to.equal('now');
    });
  }

  it('says which rollouts of the binding it waits for, the first few by name', () => {
    const holders = ['a', 'b', 'c', 'd', 'e'].map((name) => `Deployment ${name}`);
    const full = turn({ underway: { binding: 5 }, limits: { maxConcurrent: 5 }, holders });
    expect(messageOf(full)).to.equal(
      'waits until other rollouts are complete: spec.rollout.maxConcurrent is 5 (now Deployment a, Deployment b, Deployment c and 2 more)',
    );
  });

  it('knows no limit of 0', () => {
    const limits = { perNamespace: 0, perCluster: 0 };
    expect(turn({ limits, underway: { namespace: 99, cluster: 99 } }).kind).to.equal('now');
  });

  it('does not come while a workload did not become ready', () => {
    const halted = turn({ failed: 'Deployment a' });
    expect(halted.kind).to.equal('halted');
    expect(messageOf(halted)).to.include('Deployment a');
  });

  it('never comes in a dry run, and tells whose it is', () => {
    expect(messageOf(turn({ limits: { dryRun: 'binding' } }))).to.include('spec.rollout.dryRun');
    expect(messageOf(turn({ limits: { dryRun: 'operator' }, failed: 'Deployment a' }))).to.include(
      'rollouts-dry-run',
    );
  });

  it('is told in the same words as long as it waits for the same', () => {
    const texts = [0, 1_000, 59_000].map((ms) => messageOf(turn({ restartedAt: NOW - 500, now: NOW + ms })));
    expect(new Set(texts).size).to.equal(1);
  });
});
