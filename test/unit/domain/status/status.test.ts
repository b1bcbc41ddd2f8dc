import { expect } from 'chai';
import { CONDITIONS } from '../../../../src/api/conditions.ts';
import type { BindingStatus } from '../../../../src/api/schema.ts';
import {
  blocked,
  type Failure,
  invalidSpec,
  throttled,
  unavailable,
} from '../../../../src/domain/failure.ts';
import { nextStatus } from '../../../../src/domain/status/status.ts';
import type { Verdict } from '../../../../src/domain/status/verdict.ts';
import { originOf } from '../../../../src/domain/vaults/vault-secrets.ts';

const START = Date.UTC(2026, 0, 1);

const statusAfter = (
  verdict: Verdict,
  previous: BindingStatus = {},
  more: Partial<Parameters<typeof nextStatus>[0]> = {},
) =>
  nextStatus({
    previous,
    facts: {},
    verdict,
    origin: { things: 'settings', place: 'https://contoso.azconfig.io' },
    cloud: 'AzurePublic',
    generation: 1,
    now: START,
    ...more,
  });

const failed = (failure: Failure, transientInARow = 0, wentOn = false): Verdict => ({
  kind: 'failed',
  phase: 'SettingsFetched',
  failure,
  transientInARow,
  wentOn,
});

const find = (status: BindingStatus, type: string) =>
  status.conditions?.find((condition) => condition.type === type);
const synced: Verdict = { kind: 'synced' };

describe('the conditions of a status', () => {
  it('are all good after a pass that succeeded, and none of the abnormal ones is there', () => {
    const types = statusAfter(synced).conditions?.map(({ type, status }) => `${type}=${status}`);
    expect(types).to.deep.equal([
      'Ready=True',
      'SettingsFetched=True',
      'SecretsResolved=True',
      'TargetsApplied=True',
    ]);
  });

  it('have words that do not grow with the number of targets and vaults when they are good', () => {
    const words = (count: number, vaults: number, longest: number) => {
      const targets = Array.from({ length: count }, (_, n) => ({
        kind: n === 0 ? ('ConfigMap' as const) : ('Secret' as const),
        name: `t${n}`.padEnd(longest, 'x'),
      }));
      const vaultSelections = Array.from({ length: vaults }, (_, n) => ({
        vault: `v${n}.vault.azure.net`.padStart(longest === 253 ? 40 : 0, 'v'),
      }));
      const plan = { endpoint: 'https://contoso.azconfig.io', vaultSecrets: new Map(), vaultSelections };
      const status = statusAfter(synced, {}, { facts: { targets }, origin: originOf(plan) });
      return status.conditions?.map(({ message }) => message) ?? [];
    };
    expect(words(2, 2, 0)[0]).to.equal(
      '0 settings of https://contoso.azconfig.io and v0.vault.azure.net and v1.vault.azure.net are in ConfigMap t0 and Secret t1',
    );
    expect(words(300, 128, 0)[0]).to.equal(
      '0 settings of https://contoso.azconfig.io and v0.vault.azure.net and v1.vault.azure.net and v2.vault.azure.net and 125 more are in ConfigMap t0 and Secret t1 and Secret t2 and Secret t3 and 296 more',
    );
    for (const message of words(300, 128, 253)) expect(message).to.have.length.below(2_000);
  });

  it('come in one fixed order', () => {
    const status = statusAfter(failed(blocked('StoreForbidden', 'no role')), statusAfter(synced), {
      warnings: [{ reason: 'KeyCollision', message: 'x' }],
    });
    const order = status.conditions?.map(({ type }) => CONDITIONS.indexOf(type)) ?? [];
    expect(order).to.deep.equal(order.toSorted((a, b) => a - b));
  });

  for (const failure of [invalidSpec('InvalidSpec', 'bad'), blocked('StoreForbidden', 'no role')]) {
    it(`turn Ready False and Stalled True at once when a pass is ${failure.kind}`, () => {
      const status = statusAfter(failed(failure), statusAfter(synced));
      expect(find(status, 'Ready')?.status).to.equal('False');
      expect(find(status, 'Stalled')?.status).to.equal('True');
      expect(find(status, 'TargetsApplied')?.status).to.equal('True');
    });
  }

  for (const failure of [
    throttled('StoreThrottled', 'slow down', 1_000),
    unavailable('StoreUnreachable', 'no answer'),
  ]) {
    it(`keep Ready as it was through two failures of kind ${failure.kind}, Reconciling meanwhile`, () => {
      for (const count of [1, 2]) {
        const status = statusAfter(failed(failure, count), statusAfter(synced));
        expect(find(status, 'Ready')?.status).to.equal('True');
        expect(find(status, 'Reconciling')?.status).to.equal('True');
        expect(find(status, 'Stalled')).to.equal(undefined);
      }
      expect(find(statusAfter(failed(failure, 3), statusAfter(synced)), 'Ready')?.status).to.equal('False');
    });
  }

  it('say Progressing of a binding that was never Ready and fails transiently', () => {
    const ready = find(statusAfter(failed(unavailable('StoreUnreachable', 'no answer'), 1)), 'Ready');
    expect([ready?.status, ready?.reason]).to.deep.equal(['False', 'Progressing']);
  });

  it('stay as they are on a conflict', () => {
    const before = statusAfter(synced);
    expect(
      statusAfter(failed({ kind: 'conflict', reason: 'Conflict', message: 'x' }), before).conditions,
    ).to.deep.equal(before.conditions);
  });

  it('move their time only when their status changes', () => {
    const before = statusAfter(synced);
    const later = statusAfter(failed(blocked('StoreForbidden', 'no role')), before, { now: START + 60_000 });
    expect(find(later, 'Ready')?.lastTransitionTime).to.equal('2026-01-01T00:01:00Z');
    expect(find(later, 'SecretsResolved')?.lastTransitionTime).to.equal('2026-01-01T00:00:00Z');
    const again = statusAfter(failed(blocked('StoreFirewall', 'closed')), later, { now: START + 120_000 });
    expect(find(again, 'Ready')?.lastTransitionTime).to.equal('2026-01-01T00:01:00Z');
  });

  it('let a rollout that is not complete stand apart from Ready', () => {
    const rollouts = [{ kind: 'Deployment', name: 'web', phase: 'Failed', message: 'deadline' }];
    const status = statusAfter(synced, {}, { facts: { rollouts } });
    expect(find(status, 'Ready')?.status).to.equal('True');
    expect(find(status, 'RolloutsComplete')?.reason).to.equal('RolloutFailed');
    expect(status.rollout).to.equal('0/1');
  });

  it('keep a warning until a pass has learned that it is gone', () => {
    const warned = statusAfter(synced, {}, { warnings: [{ reason: 'KeyCollision', message: 'x' }] });
    expect(find(statusAfter(synced, warned), 'Warning')?.reason).to.equal('KeyCollision');
    expect(find(statusAfter(synced, warned, { warnings: [] }), 'Warning')).to.equal(undefined);
  });
});

describe('the lists of a status', () => {
  it('hold twenty entries, unfinished rollouts first, and tell the total', () => {
    const rollouts = Array.from({ length: 30 }, (_, n) => ({
      kind: 'Deployment',
      name: `w${n}`,
      phase: n < 25 ? 'Complete' : 'Progressing',
    }));
    const status = statusAfter(synced, {}, { facts: { rollouts } });
    expect(status.rollouts).to.have.length(20);
    expect(status.rollouts?.slice(0, 5).every(({ phase }) => phase === 'Progressing')).to.equal(true);
    expect([status.rollout, status.rolloutsTotal]).to.deep.equal(['25/30', 30]);
  });

  it('tell jobs behind all rollouts and count them as none', () => {
    const job = { kind: 'CronJob', name: 'report', phase: 'NoRestartNeeded', message: 'm' };
    const web = { kind: 'Deployment', name: 'web', phase: 'Complete' };
    const status = statusAfter(synced, {}, { facts: { rollouts: [job, web] } });
    expect(status.rollouts?.map(({ name }) => name)).to.deep.equal(['web', 'report']);
    expect([status.rollout, status.rolloutsTotal]).to.deep.equal(['1/1', 2]);
    expect(find(status, 'RolloutsComplete')?.message).to.include('1 of 1 workloads');
    const alone = statusAfter(synced, {}, { facts: { rollouts: [job] } });
    expect(alone.rollout).to.equal('0/0');
    expect(find(alone, 'RolloutsComplete')).to.include({ status: 'True', reason: 'NoRestartNeeded' });
  });
});
