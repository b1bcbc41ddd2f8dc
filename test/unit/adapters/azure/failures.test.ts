import { RestError } from '@azure/core-rest-pipeline';
import { expect } from 'chai';
import { ClientCache, IDLE_CLIENT_MS } from '../../../../src/adapters/azure/client-cache.ts';
import { DEFAULT_PAUSE_MS, entraFailure } from '../../../../src/adapters/azure/entra-errors.ts';
import { FailureError, failureIn } from '../../../../src/adapters/azure/failure-error.ts';
import { callSdk, codeOf } from '../../../../src/adapters/azure/sdk-call.ts';
import { storeFailure } from '../../../../src/adapters/azure/store-errors.ts';
import { vaultFailure } from '../../../../src/adapters/azure/vault-errors.ts';
import { blocked } from '../../../../src/domain/failure.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';
import { identityOf, patience, VAULT } from '../../sources/fixtures.ts';

const identity = identityOf('client');

describe('refusals of Entra by number', () => {
  const refusal = (parts: object) =>
    entraFailure({
      identity,
      authority: 'login.example',
      audience: 'aud',
      claims: {},
      now: 0,
      status: 401,
      ...parts,
    });

  const cases: [number, string][] = [
    [70021, 'FederatedCredentialMismatch'],
    [70025, 'FederatedCredentialMissing'],
    [700211, 'FederatedIssuerMismatch'],
    [700212, 'FederatedAudienceMismatch'],
    [700213, 'FederatedSubjectMismatch'],
    [7002138, 'FederatedSubjectMismatch'],
    [700016, 'ApplicationNotFound'],
    [7000112, 'EntraRejected'],
    [90002, 'TenantNotFound'],
    [500011, 'AudienceNotFound'],
    [700024, 'AssertionRejected'],
    [700027, 'AssertionRejected'],
    [90061, 'IssuerUnreachable'],
    [50166, 'IssuerUnreachable'],
    [53003, 'EntraRejected'],
  ];
  for (const [code, reason] of cases) {
    it(`AADSTS${code} is ${reason}, and someone must act`, () => {
      expect(refusal({ code })).to.include({ kind: 'blocked', reason });
    });
  }

  it('are pauses for AADSTS90055 and 429, with or without Retry-After', () => {
    expect(refusal({ code: 90055 })).to.include({ kind: 'throttled', retryAfterMs: DEFAULT_PAUSE_MS });
    expect(refusal({ status: 429, retryAfterMs: 5 })).to.include({ kind: 'throttled', retryAfterMs: 5 });
  });

  it('name no application where they hold for all of them', () => {
    for (const parts of [{ status: 429 }, { status: 503 }, { code: 90033 }]) {
      expect(JSON.stringify(refusal(parts))).not.to.include(identity.clientId);
    }
    const looping = refusal({ code: 50196 });
    expect(looping).to.include({ kind: 'unavailable', reason: 'EntraRejected' });
    expect(JSON.stringify(looping)).to.include(identity.clientId);
  });

  it('are transient for 90033, 5xx, redirects and no answer', () => {
    for (const parts of [{ code: 90033 }, { status: 503 }, { status: 302 }]) {
      expect(refusal(parts)).to.include({ kind: 'unavailable', reason: 'EntraUnavailable' });
    }
    const silent = entraFailure({
      ...{ identity, authority: 'login.example', audience: 'aud', claims: {}, now: 0 },
      networkCode: 'ECONNREFUSED',
    });
    expect(silent).to.include({ kind: 'unavailable' });
    expect('message' in silent && silent.message)
      .to.include('login.example')
      .and.include('ECONNREFUSED');
  });
});

describe('network errors', () => {
  const network = (code: string) => ({ kind: 'network' as const, code });
  const store = (code: string) =>
    storeFailure(
      network(code),
      { endpoint: 'https://s.azconfig.io', filter: { key: '*', label: null }, identity },
      0,
    );

  it('tell a name that does not exist from a host that cannot be reached', () => {
    expect(store('ENOTFOUND')).to.include({ kind: 'unavailable', reason: 'StoreNotFound' });
    for (const code of ['ECONNREFUSED', 'ETIMEDOUT', 'EAI_AGAIN', 'UNKNOWN', 'ERR_PROXY_TUNNEL']) {
      expect(store(code)).to.include({ kind: 'unavailable', reason: 'StoreUnreachable' });
    }
    const vault = (read: object) =>
      vaultFailure(network('ENOTFOUND'), { vault: VAULT, identity, ...read }, 0);
    for (const read of [{ reference: { vault: VAULT, name: 'a' } }, {}])
      expect(vault(read)).to.include({ kind: 'unavailable', reason: 'VaultUnreachable' });
  });

  it('name the remedy for a certificate that is not trusted', () => {
    const failure = store('SELF_SIGNED_CERT_IN_CHAIN');
    expect('message' in failure && failure.message).to.include("the proxy's CA");
  });

  it('have codes that are safe to print, or none', () => {
    expect(codeOf(new RestError('secret', { code: 'ECONNRESET' }))).to.equal('ECONNRESET');
    expect(codeOf(new RestError('secret', { code: 'got <html> secret' }))).to.equal('UNKNOWN');
    expect(codeOf('secret')).to.equal('UNKNOWN');
  });
});

describe('a call of an SDK', () => {
  it('gives back a failure of ours, however often it was wrapped', async () => {
    const failure = blocked('ServiceAccountNotFound', 'gone');
    const wrapped = new Error('outer', { cause: new Error('inner', { cause: new FailureError(failure) }) });
    expect(failureIn(wrapped)).to.equal(failure);
    const outcome = await callSdk(() => Promise.reject(wrapped), patience());
    expect(outcome).to.deep.equal({ kind: 'failure', failure });
  });

  it('is a cancellation once the caller has given up, whatever is thrown', async () => {
    const outcome = await callSdk(() => Promise.reject(new TypeError('x')), AbortSignal.abort());
    expect(outcome).to.deep.equal({ kind: 'cancelled' });
  });

  it('is garbled when the SDK chokes on a 200, or saw no answer at all', async () => {
    const answer = { status: 200, headers: { get: () => undefined } };
    const choked = await callSdk(async (onResponse) => {
      onResponse(answer);
      throw new TypeError('x');
    }, patience());
    expect(choked).to.deep.equal({ kind: 'garbled' });
    expect(await callSdk(() => Promise.resolve(1), patience())).to.deep.equal({ kind: 'garbled' });
  });
});

describe('ClientCache', () => {
  it('keeps clients in use, and drops those that are idle or too many', async () => {
    const clock = new VirtualClock();
    const cache = new ClientCache<{ readonly id: number }>(clock, 3);
    let made = 0;
    const get = (key: string) => cache.get(key, () => ({ id: ++made })).id;
    expect([get('a'), get('b'), get('a')]).to.deep.equal([1, 2, 1]);
    expect([get('c'), get('d'), get('a'), get('b')]).to.deep.equal([3, 4, 1, 5]);
    expect(cache.size).to.equal(3);
    await clock.advance(IDLE_CLIENT_MS + 1);
    get('a');
    expect(cache.size).to.equal(1);
  });
});
