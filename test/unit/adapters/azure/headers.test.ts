import { createHttpHeaders, createPipelineRequest, type PipelineResponse } from '@azure/core-rest-pipeline';
import { expect } from 'chai';
import { assertionClaims } from '../../../../src/adapters/azure/assertion-claims.ts';
import { MAX_RETRY_AFTER_MS, retryAfterMs } from '../../../../src/adapters/azure/retry-after.ts';
import { SyncTokens, syncTokenPolicy } from '../../../../src/adapters/azure/sync-tokens.ts';

describe('the pause a server asks for', () => {
  const now = Date.UTC(2026, 0, 1);
  const pause = (headers: Record<string, string>) => retryAfterMs((name) => headers[name], now);

  it('is read from any of the headers, the most precise first', () => {
    expect(pause({ 'retry-after-ms': '1500', 'retry-after': '9' })).to.equal(1_500);
    expect(pause({ 'x-ms-retry-after-ms': '20' })).to.equal(20);
    expect(pause({ 'retry-after': '9' })).to.equal(9_000);
    expect(pause({ 'retry-after': new Date(now + 4_000).toUTCString() })).to.equal(4_000);
  });

  it('is never negative, never long, and absent when it cannot be read', () => {
    expect(pause({ 'retry-after': new Date(now - 4_000).toUTCString() })).to.equal(0);
    expect(pause({ 'retry-after': '86400' })).to.equal(MAX_RETRY_AFTER_MS);
    expect(pause({})).to.equal(undefined);
    expect(pause({ 'retry-after': 'soon', 'retry-after-ms': '-1' })).to.equal(undefined);
  });
});

describe('sync tokens', () => {
  it('keep the newest of each id, by sequence number', () => {
    const tokens = new SyncTokens();
    tokens.learn('a=MQ==;sn=1,b=Mg==;sn=9007199254740993');
    tokens.learn('a=Mw==;sn=10');
    tokens.learn('a=old;sn=2, b=old;sn=9007199254740992');
    expect(tokens.header()).to.equal('b=Mg==,a=Mw==');
  });

  it('ignore what they cannot read', () => {
    const tokens = new SyncTokens();
    for (const header of [undefined, '', 'nonsense', 'a=b', 'a=b;sn=x', '=b;sn=1', 'a=;sn=1', 'a=b c;sn=1']) {
      tokens.learn(header);
    }
    expect(tokens.header()).to.equal(undefined);
    tokens.learn('bad,good=1;sn=1');
    expect(tokens.header()).to.equal('good=1');
  });

  it('stay few, whatever a server invents', () => {
    const tokens = new SyncTokens();
    for (let id = 0; id < 500; id += 1) tokens.learn(`i${id}=v;sn=1`);
    expect(tokens.header()?.split(',')).to.have.length(32);
  });

  it('are hidden from the SDK and shared between its clients', async () => {
    const tokens = new SyncTokens();
    const sent: (string | undefined)[] = [];
    const policies = [syncTokenPolicy(tokens), syncTokenPolicy(tokens)];
    for (const [index, policy] of policies.entries()) {
      const request = createPipelineRequest({ url: 'https://s.azconfig.io/kv' });
      request.headers.set('Sync-Token', 'of-the-sdk');
      const response = await policy.sendRequest(request, async (outgoing): Promise<PipelineResponse> => {
        sent.push(outgoing.headers.get('sync-token'));
        const headers = createHttpHeaders({ 'sync-token': index === 0 ? 'a=1;sn=1' : 'malformed' });
        return { request: outgoing, status: 200, headers };
      });
      expect(response.headers.has('sync-token')).to.equal(false);
    }
    expect(sent).to.deep.equal([undefined, 'a=1']);
  });
});

describe('claims of a ServiceAccount token', () => {
  const jwt = (payload: unknown) => `x.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.y`;

  it('are the issuer and the audience', () => {
    const issuer = 'https://oidc.example/';
    expect(assertionClaims(jwt({ iss: issuer, aud: ['api://x'] }))).to.deep.equal({
      issuer,
      audience: 'api://x',
    });
    expect(assertionClaims(jwt({ iss: issuer, aud: 'api://x' }))).to.deep.equal({
      issuer,
      audience: 'api://x',
    });
  });

  it('are absent rather than wrong', () => {
    for (const token of ['', 'a.b.c', jwt(null), jwt([]), jwt({ iss: 1 }), jwt({ iss: 'a\nb' })]) {
      expect(assertionClaims(token)).to.deep.equal({});
    }
  });
});
