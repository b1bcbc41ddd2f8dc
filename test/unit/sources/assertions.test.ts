import { expect } from 'chai';
import { workloadIdentity } from '../../../src/domain/identity/identity.ts';
import type {
  KubernetesError,
  KubernetesResult,
  ServiceAccountToken,
} from '../../../src/ports/kubernetes.ts';
import { Assertions } from '../../../src/sources/assertions.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { failureOf, identityOf, okValue, outcomeOf, RecordingMetrics } from './fixtures.ts';

interface Asked {
  readonly name: string;
  readonly audience: string;
  readonly seconds: number;
}

describe('Assertions', () => {
  function setup(audience?: string) {
    const clock = new VirtualClock();
    const asked: Asked[] = [];
    const state: { error?: KubernetesError } = {};
    const metrics = new RecordingMetrics();
    const assertions = new Assertions({
      clock,
      metrics,
      ...(audience === undefined ? {} : { audience }),
      requester: {
        async requestToken(account, aud, seconds): Promise<KubernetesResult<ServiceAccountToken>> {
          asked.push({ name: `${account.namespace}/${account.name}`, audience: aud, seconds });
          await clock.sleep(0);
          if (state.error) return { ok: false, error: state.error };
          return { ok: true, value: { token: `t${asked.length}`, expiresAt: clock.now() + seconds * 1000 } };
        },
      },
    });
    /** One assertion, with the clock moved for the request. */
    const get = async (clientId = 'a') => {
      const result = assertions.assertion(identityOf(clientId));
      await clock.advance(0);
      return result;
    };
    return { clock, asked, state, metrics, assertions, get };
  }

  it('asks for exactly one audience and an hour, once for all who ask together', async () => {
    const { assertions, asked, clock } = setup();
    const together = [1, 2, 3].map(() => assertions.assertion(identityOf('a')));
    await clock.advance(0);
    expect((await Promise.all(together)).map(okValue)).to.deep.equal(['t1', 't1', 't1']);
    expect(asked).to.deep.equal([{ name: 'shop/a', audience: 'api://AzureADTokenExchange', seconds: 3600 }]);
  });

  it('uses the audience it is given', async () => {
    const { get, asked } = setup('api://other');
    await get();
    expect(asked[0]?.audience).to.equal('api://other');
  });

  it('asks for the audience of the proxy for an identity of an identity binding, whatever it is given', async () => {
    const { assertions, asked, clock } = setup('api://other');
    const identity = identityOf('a');
    const { namespace, serviceAccount, serviceAccountUid, clientId, tenantId } = identity;
    const account = { namespace, serviceAccount, serviceAccountUid, clientId, tenantId };
    const bound = workloadIdentity({ ...account, azureProxy: true });
    const both = [assertions.assertion(bound), assertions.assertion(identity)];
    await clock.advance(0);
    await Promise.all(both);
    expect(asked.map(({ audience }) => audience)).to.deep.equal(['api://AKSIdentityBinding', 'api://other']);
  });

  it('renews at 80 % of the life of a token', async () => {
    const { get, clock } = setup();
    expect(okValue(await get())).to.equal('t1');
    await clock.advance(0.8 * 3_600_000 - 1);
    expect(okValue(await get())).to.equal('t1');
    await clock.advance(1);
    expect(okValue(await get())).to.equal('t2');
  });

  it('asks anew when the clock was set back: how old a token is cannot be told then', async () => {
    const { get, clock } = setup();
    await get();
    clock.setBack(7_200_000);
    expect(okValue(await get())).to.equal('t2');
    expect(okValue(await get())).to.equal('t2');
  });

  it('keeps tokens of different identities apart', async () => {
    const { get, asked } = setup();
    await get('a');
    await get('b');
    expect(asked.map(({ name }) => name)).to.deep.equal(['shop/a', 'shop/b']);
  });

  it('asks once per identity for as long as the token is fresh, whoever needs it and for what', async () => {
    const { assertions, asked, clock, get } = setup();
    for (let minute = 0; minute < 47; minute += 1) {
      await Promise.all([get('a'), get('a')]);
      await clock.advance(60_000);
    }
    expect(asked).to.have.length(1);
    // All who find it stale together share the next one.
    await clock.advance(60_000);
    const together = [1, 2, 3].map(() => assertions.assertion(identityOf('a')));
    await clock.advance(0);
    expect((await Promise.all(together)).map(okValue)).to.deep.equal(['t2', 't2', 't2']);
  });

  it('asks anew for a ServiceAccount that was made anew, or says another application', async () => {
    const { assertions, asked, clock } = setup();
    const { key: _, kind: __, ...parts } = identityOf('a');
    const identities = [
      parts,
      { ...parts, serviceAccountUid: 'another' },
      { ...parts, clientId: 'another' },
      { ...parts, tenantId: 'another' },
    ].map(workloadIdentity);
    const tokens: string[] = [];
    for (const identity of [...identities, ...identities]) {
      const result = assertions.assertion(identity);
      await clock.advance(0);
      tokens.push(okValue(await result));
    }
    expect(tokens).to.deep.equal(['t1', 't2', 't3', 't4', 't1', 't2', 't3', 't4']);
    expect(asked).to.have.length(4);
  });

  it('uses a valid token on while the API server is away, and says so when it has expired', async () => {
    const { get, clock, state } = setup();
    await get();
    state.error = { kind: 'timeout' };
    await clock.advance(3_000_000);
    expect(okValue(await get())).to.equal('t1');
    await clock.advance(600_000);
    expect(failureOf(await get())).to.include({ kind: 'unavailable', reason: 'KubernetesUnavailable' });
  });

  it('asks anew for a token that Entra refused, once a minute at most', async () => {
    const { assertions, asked, get, clock } = setup();
    await get();
    assertions.refused(identityOf('a'));
    await clock.advance(59_999);
    expect(okValue(await get())).to.equal('t1');
    await clock.advance(1);
    for (let second = 0; second < 60; second += 1) {
      expect(okValue(await get())).to.equal('t2');
      assertions.refused(identityOf('a'));
      await clock.advance(1_000);
    }
    expect(okValue(await get())).to.equal('t3');
    // Nothing is said against this one.
    await clock.advance(2_000_000);
    expect(okValue(await get())).to.equal('t3');
    expect(asked).to.have.length(3);
  });

  it('asks at once for a token that Entra refused when it was older than a minute', async () => {
    const { assertions, get, clock } = setup();
    await get('a');
    await get('b');
    await clock.advance(60_000);
    assertions.refused(identityOf('a'));
    expect(okValue(await get('a'))).to.equal('t3');
    expect(okValue(await get('b'))).to.equal('t2');
  });

  it('shows a token that Entra refused again while the API server is away', async () => {
    const { assertions, get, clock, state } = setup();
    await get();
    assertions.refused(identityOf('a'));
    state.error = { kind: 'timeout' };
    await clock.advance(60_000);
    expect(okValue(await get())).to.equal('t1');
  });

  it('gives nothing for a ServiceAccount that is gone, though a token is still valid', async () => {
    const { get, clock, state } = setup();
    await get();
    state.error = { kind: 'status', code: 404, reason: 'NotFound', causes: [] };
    await clock.advance(3_000_000);
    const failure = failureOf(await get());
    expect(failure).to.include({ kind: 'blocked', reason: 'ServiceAccountNotFound' });
    expect('message' in failure && failure.message).to.include('shop/a');
  });

  const status = (code: number): KubernetesError => ({ kind: 'status', code, reason: '', causes: [] });
  const cases: [KubernetesError, string, string][] = [
    [status(403), 'blocked', 'TokenRequestDenied'],
    [status(422), 'blocked', 'KubernetesRejected'],
    [status(429), 'unavailable', 'KubernetesUnavailable'],
    [status(500), 'unavailable', 'KubernetesUnavailable'],
    [{ kind: 'transport', code: 'ECONNREFUSED' }, 'unavailable', 'KubernetesUnavailable'],
    [{ kind: 'cancelled' }, 'cancelled', 'cancelled'],
  ];
  for (const [error, kind, outcome] of cases) {
    it(`tells ${JSON.stringify(error)} as ${outcome}`, async () => {
      const { get, state } = setup();
      state.error = error;
      const result = await get();
      expect([failureOf(result).kind, outcomeOf(result)]).to.deep.equal([kind, outcome]);
    });
  }

  it('counts requests, not questions', async () => {
    const { get, metrics } = setup();
    await get();
    await get();
    expect(metrics.counters).to.deep.equal([
      { name: 'token_requests_total', labels: { kind: 'serviceaccount', outcome: 'ok' } },
    ]);
  });

  it('lets a caller leave at once', async () => {
    const { assertions } = setup();
    expect(outcomeOf(await assertions.assertion(identityOf('a'), AbortSignal.abort()))).to.equal('cancelled');
    const leave = new AbortController();
    const waiting = assertions.assertion(identityOf('a'), leave.signal);
    leave.abort();
    expect(outcomeOf(await waiting)).to.equal('cancelled');
  });
});
