import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import { expect } from 'chai';
import { createTokenExchange } from '../../../../src/adapters/azure/token-exchange.ts';
import { ok } from '../../../../src/domain/failure.ts';
import { Concealed } from '../../../../src/domain/identity/concealed.ts';
import {
  type Application,
  servicePrincipal,
  type WorkloadIdentity,
  workloadIdentity,
} from '../../../../src/domain/identity/identity.ts';
import { hashKey } from '../../../../src/domain/keyed-hash.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';
import { outcomeOf } from '../../sources/fixtures.ts';

const ids = {
  clientId: '5e0c2f2e-9a31-4c8a-8d55-0c7a5b1d2e3f',
  tenantId: '7d1a3f0e-52c4-4b0e-9a6d-3c5e8f2b9d41',
};
const account = { ...ids, namespace: 'shop', serviceAccount: 'orders', serviceAccountUid: 'uid' };
const workload = workloadIdentity(account);
const bound = workloadIdentity({ ...account, azureProxy: true });
const principal = servicePrincipal(
  {
    ...ids,
    namespace: 'shop',
    secretName: 'azure',
    credential: new Concealed({ kind: 'secret', secret: 'x' }),
  },
  hashKey(Buffer.alloc(32)),
);
const wish = { scopes: ['https://azconfig.io/.default'], enableCae: true };

describe('an exchange of tokens', () => {
  /** What it comes to when Entra answers `status` and `code`, and whose tokens were told to be refused. */
  async function exchanged(identity: Application, status: number, code?: number) {
    const refused: WorkloadIdentity[] = [];
    const clock = new VirtualClock();
    const token = { token_type: 'Bearer', access_token: 'secret', expires_in: 3_600 };
    const body = code === undefined ? token : { error: 'invalid_client', error_codes: [code] };
    const http: HttpClient = {
      sendRequest: async (request) => ({
        request,
        status,
        headers: createHttpHeaders({ 'content-type': 'application/json' }),
        bodyAsText: JSON.stringify(body),
      }),
    };
    const exchange = createTokenExchange({
      http,
      clock,
      managed: { http, clock, metadataHost: 'http://169.254.169.254' },
      authorityHost: 'https://login.microsoftonline.com',
      proxy: { url: 'https://proxy.example', http },
      assertions: {
        assertion: async () => ok('e30.e30.e30'),
        refused: (whose) => void refused.push(whose),
      },
      gate: { run: (_host, _signal, call) => call() },
      userAgent: 'test',
    });
    return { outcome: outcomeOf(await exchange(identity, wish)), refused };
  }

  it('tells of a refusal that a fresh token may end, and of no other', async () => {
    const ended: [number, number, string][] = [
      [401, 70025, 'FederatedCredentialMissing'],
      [400, 70021, 'FederatedCredentialMismatch'],
      [401, 700211, 'FederatedIssuerMismatch'],
      [401, 700212, 'FederatedAudienceMismatch'],
      [401, 700213, 'FederatedSubjectMismatch'],
      [401, 700024, 'AssertionRejected'],
      [401, 700027, 'AssertionRejected'],
      [400, 90061, 'IssuerUnreachable'],
    ];
    for (const [status, code, outcome] of ended)
      expect(await exchanged(workload, status, code)).to.deep.equal({ outcome, refused: [workload] });
    const others: [number, number | undefined, string][] = [
      [200, undefined, 'ok'],
      [400, 700016, 'ApplicationNotFound'],
      [400, 90002, 'TenantNotFound'],
      [400, 500011, 'AudienceNotFound'],
      [401, 7000112, 'EntraRejected'],
      [429, 0, 'EntraThrottled'],
      [503, 0, 'EntraUnavailable'],
    ];
    for (const [status, code, outcome] of others)
      expect(await exchanged(workload, status, code)).to.deep.equal({ outcome, refused: [] });
  });

  it('tells of what the proxy of identity bindings refuses, too', async () => {
    expect(await exchanged(bound, 401, 700211)).to.deep.equal({
      outcome: 'IdentityBindingRefused',
      refused: [bound],
    });
  });

  it('tells of no refusal of what is not from the cluster', async () => {
    expect(await exchanged(principal, 401, 700024)).to.deep.equal({
      outcome: 'AssertionRejected',
      refused: [],
    });
  });
});
