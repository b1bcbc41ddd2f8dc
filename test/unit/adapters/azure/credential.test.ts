import type { AccessToken } from '@azure/core-auth';
import { expect } from 'chai';
import {
  FAILED_PAUSE_MS,
  IdentityCredential,
  RENEW_BEFORE_MS,
} from '../../../../src/adapters/azure/credential.ts';
import { failureIn } from '../../../../src/adapters/azure/failure-error.ts';
import type { TokenWish } from '../../../../src/adapters/azure/token-exchange.ts';
import { blocked, type Failure, fail, ok, type Result, throttled } from '../../../../src/domain/failure.ts';
import { workloadIdentity } from '../../../../src/domain/identity/identity.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';
import { RecordingMetrics } from '../../sources/fixtures.ts';

const SCOPE = 'https://azconfig.io/.default';
const TENANT = '11111111-1111-4111-8111-111111111111';
const HOUR = 3_600_000;

describe('IdentityCredential', () => {
  function setup() {
    const clock = new VirtualClock();
    const metrics = new RecordingMetrics();
    const wishes: TokenWish[] = [];
    const state: { failure?: Failure; refreshIn?: number } = {};
    const credential = new IdentityCredential({
      clock,
      metrics,
      identity: workloadIdentity({
        namespace: 'shop',
        serviceAccount: 'orders',
        serviceAccountUid: 'uid',
        clientId: 'client',
        tenantId: TENANT,
      }),
      async exchange(_identity, wish): Promise<Result<AccessToken>> {
        wishes.push(wish);
        await clock.sleep(10);
        if (state.failure) return fail(state.failure);
        const refresh =
          state.refreshIn === undefined ? {} : { refreshAfterTimestamp: clock.now() + state.refreshIn };
        return ok({ token: `t${wishes.length}`, expiresOnTimestamp: clock.now() + HOUR, ...refresh });
      },
    });
    /** The token, or the failure that was thrown. */
    const get = async (options = {}, scope = SCOPE): Promise<string | Failure | undefined> => {
      const asked = credential.getToken(scope, options).then(
        ({ token }) => token,
        (error: unknown) => failureIn(error),
      );
      await clock.advance(10);
      return asked;
    };
    return { clock, metrics, wishes, state, credential, get };
  }

  it('exchanges once for all who ask together, and keeps the token', async () => {
    const { credential, clock, get, wishes } = setup();
    const together = [1, 2, 3].map(() => credential.getToken(SCOPE, { enableCae: true }));
    await clock.advance(10);
    expect((await Promise.all(together)).map(({ token }) => token)).to.deep.equal(['t1', 't1', 't1']);
    expect(await get({ enableCae: true })).to.equal('t1');
    expect(wishes).to.deep.equal([{ scopes: [SCOPE], enableCae: true }]);
  });

  it('keeps scopes, and tokens with and without access evaluation, apart', async () => {
    const { get } = setup();
    expect(await get()).to.equal('t1');
    expect(await get({ enableCae: true })).to.equal('t2');
    expect(await get({}, 'https://vault.azure.net/.default')).to.equal('t3');
    expect(await get()).to.equal('t1');
  });

  it('renews in the background before the token expires', async () => {
    const { get, clock, wishes } = setup();
    await get();
    await clock.advance(HOUR - RENEW_BEFORE_MS);
    expect(await get()).to.equal('t1');
    expect(wishes).to.have.length(2);
    expect(await get()).to.equal('t2');
  });

  it('renews when Entra said it should', async () => {
    const { get, clock, state } = setup();
    state.refreshIn = HOUR / 2;
    await get();
    await clock.advance(HOUR / 2);
    expect(await get()).to.equal('t1');
    expect(await get()).to.equal('t2');
  });

  it('uses a valid token on while renewing fails, trying again now and then', async () => {
    const { get, clock, wishes, state } = setup();
    await get();
    state.failure = blocked('FederatedCredentialMissing', 'none');
    await clock.advance(HOUR - RENEW_BEFORE_MS);
    for (let turn = 0; turn < 20; turn += 1) {
      expect(await get()).to.equal('t1');
      await clock.advance(1_000);
    }
    expect(wishes.length - 1).to.be.within(3, 5);
    await clock.advance(RENEW_BEFORE_MS);
    expect(await get()).to.deep.equal(state.failure);
  });

  it('remembers a failure for a moment, and a pause for as long as it was asked', async () => {
    const { get, clock, wishes, state } = setup();
    state.failure = blocked('ApplicationNotFound', 'none');
    await get();
    expect(await get()).to.deep.equal(state.failure);
    expect(wishes).to.have.length(1);
    await clock.advance(FAILED_PAUSE_MS);
    state.failure = throttled('EntraThrottled', 'pause', 60_000);
    await get();
    await clock.advance(59_000);
    await get();
    expect(wishes).to.have.length(2);
    delete state.failure;
    await clock.advance(1_000);
    expect(await get()).to.equal('t3');
  });

  it('does not hold a failure on when the clock was set back', async () => {
    const { get, clock, state } = setup();
    state.failure = blocked('ApplicationNotFound', 'none');
    await get();
    clock.setBack(HOUR);
    delete state.failure;
    expect(await get()).to.equal('t2');
  });

  it('asks anew for a challenge with claims, and keeps the new token', async () => {
    const { get, wishes } = setup();
    await get({ enableCae: true });
    expect(await get({ enableCae: true, claims: '{"access_token":{}}' })).to.equal('t2');
    expect(wishes[1]?.claims).to.equal('{"access_token":{}}');
    expect(await get({ enableCae: true })).to.equal('t2');
  });

  it('asks no other tenant than its own', async () => {
    const { get, wishes } = setup();
    const other = '22222222-2222-4222-8222-222222222222';
    expect(await get({ tenantId: other })).to.include({ kind: 'blocked', reason: 'VaultUnauthorized' });
    expect(wishes).to.have.length(0);
    expect(await get({ tenantId: TENANT.toUpperCase() })).to.equal('t1');
    expect(await get({ tenantId: 'contoso.example' })).to.equal('t1');
  });

  it('counts exchanges by outcome', async () => {
    const { get, clock, state, metrics } = setup();
    state.failure = blocked('ApplicationNotFound', 'none');
    await get();
    delete state.failure;
    await clock.advance(FAILED_PAUSE_MS);
    await get();
    expect(metrics.counters.map(({ labels }) => labels)).to.deep.equal([
      { kind: 'entra', outcome: 'blocked' },
      { kind: 'entra', outcome: 'ok' },
    ]);
  });
});
