import { expect } from 'chai';
import type { AppConfigBinding, BindingStatus } from '../../../src/api/schema.ts';
import { UNSEEN } from '../../../src/api/status.ts';
import { blocked, unavailable } from '../../../src/domain/failure.ts';
import { nextStatus } from '../../../src/domain/status/status.ts';
import { baseSpec } from '../../support/simulation.ts';
import { troublesOf } from '../../support/status/audit.ts';
import { kstatus, type Observable } from '../../support/status/kstatus.ts';

const observed = (conditions: Record<string, string>, observedGeneration = 2, more: object = {}) =>
  kstatus({
    metadata: { generation: 2, ...more },
    status: {
      observedGeneration,
      conditions: Object.entries(conditions).map(([type, status]) => ({ type, status })),
    },
  } satisfies Observable);

describe('kstatus', () => {
  it('is Current when Ready is True and nothing is abnormal, or when nothing is known at all', () => {
    expect(observed({ Ready: 'True' })).to.equal('Current');
    expect(observed({})).to.equal('Current');
    expect(kstatus({ metadata: { generation: 1 } })).to.equal('Current');
  });

  it('is InProgress while the controller has not seen the spec, is reconciling, or is not ready', () => {
    expect(observed({ Ready: 'True' }, 1)).to.equal('InProgress');
    expect(observed({ Ready: 'True', Reconciling: 'True' })).to.equal('InProgress');
    expect(observed({ Ready: 'False' })).to.equal('InProgress');
    expect(observed({ Ready: 'Unknown' })).to.equal('InProgress');
    expect(kstatus({ metadata: { generation: 1 }, status: UNSEEN })).to.equal('InProgress');
  });

  it('is Failed when stalled, and Terminating when being deleted', () => {
    expect(observed({ Ready: 'False', Stalled: 'True' })).to.equal('Failed');
    expect(observed({ Ready: 'True', Stalled: 'False' })).to.equal('Current');
    expect(observed({ Stalled: 'True' }, 2, { deletionTimestamp: '2026-01-01T00:00:00Z' })).to.equal(
      'Terminating',
    );
  });
});

describe('the audit of a status', () => {
  const good = nextStatus({
    previous: {},
    facts: {},
    verdict: { kind: 'synced' },
    origin: { things: 'settings', place: 'https://contoso.azconfig.io' },
    cloud: 'AzurePublic',
    generation: 1,
    now: 0,
  });
  const binding = (status: BindingStatus, generation = 1): AppConfigBinding => ({
    metadata: { name: 'orders', generation },
    spec: baseSpec,
    status,
  });
  const changed = (type: string, change: object) => ({
    ...good,
    conditions: (good.conditions ?? []).map((condition) =>
      condition.type === type ? { ...condition, ...change } : condition,
    ),
  });
  const failed = (failure: Parameters<typeof blocked>[0] | undefined) =>
    nextStatus({
      previous: good,
      facts: {},
      verdict: {
        kind: 'failed',
        phase: 'SettingsFetched',
        failure: failure === undefined ? unavailable('StoreUnreachable', 'x') : blocked(failure, 'x'),
        transientInARow: 1,
        wentOn: false,
      },
      origin: { things: 'settings', place: '' },
      cloud: 'AzurePublic',
      generation: 1,
      now: 0,
    });

  it('finds nothing in what the operator writes', () => {
    for (const status of [good, failed(undefined), failed('StoreForbidden')])
      expect(troublesOf(binding(status))).to.deep.equal([]);
    expect(troublesOf(binding(UNSEEN))).to.deep.equal([]);
  });

  const broken: Readonly<Record<string, readonly [BindingStatus, string]>> = {
    'a reason in a place that the catalogue does not know': [
      changed('SettingsFetched', { reason: 'Synced' }),
      'src/api/catalogue/places.ts',
    ],
    'a reason of no list': [changed('Ready', { reason: 'Nonsense' }), 'is no reason'],
    'a time that is none': [changed('Ready', { lastTransitionTime: 'now' }), 'no whole time'],
    'an empty message': [changed('Ready', { message: '' }), 'has no message'],
    'a generation that never was': [changed('Ready', { observedGeneration: 7 }), 'never was'],
    'a phase that is not True under a Ready that is': [
      changed('SettingsFetched', { status: 'False' }),
      'one of its phases is not',
    ],
    'unready without a word about what goes on': [
      changed('Ready', { status: 'False' }),
      'neither Reconciling nor Stalled',
    ],
    'conditions out of order': [{ ...good, conditions: good.conditions?.toReversed() ?? [] }, 'out of order'],
    'an abnormal condition that is False': [
      {
        ...failed(undefined),
        conditions:
          failed(undefined).conditions?.map((one) =>
            one.type === 'Reconciling' ? { ...one, status: 'False' as const } : one,
          ) ?? [],
      },
      'must be absent',
    ],
    'a stalled binding that is Ready': [
      {
        ...failed('StoreForbidden'),
        conditions:
          failed('StoreForbidden').conditions?.map((one) =>
            one.type === 'Ready' ? { ...one, status: 'True' as const, reason: 'Synced' as const } : one,
          ) ?? [],
      },
      'Stalled and not unready',
    ],
  };
  for (const [what, [status, trouble]] of Object.entries(broken)) {
    it(`finds ${what}`, () => expect(troublesOf(binding(status)).join('; ')).to.include(trouble));
  }

  it('finds a status that lets an unseen spec count as settled', () => {
    const { observedGeneration: _, ...forgotten } = good;
    expect(troublesOf(binding(forgotten, 2)).join()).to.include('nobody has looked at');
    expect(troublesOf(binding({ ...good, observedGeneration: 2 }, 2)).join()).to.include('an older spec');
  });
});
