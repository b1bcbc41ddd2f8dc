import { expect } from 'chai';
import { entraFailure } from '../../../../src/adapters/azure/entra-errors.ts';
import { Concealed } from '../../../../src/domain/identity/concealed.ts';
import {
  type Application,
  type IdOrigins,
  servicePrincipal,
  TENANT_SETTING,
  workloadIdentity,
} from '../../../../src/domain/identity/identity.ts';
import { hashKey } from '../../../../src/domain/keyed-hash.ts';
import { callsOf } from '../../../support/shell.ts';

const ids = {
  namespace: 'shop',
  clientId: '5e0c2f2e-9a31-4c8a-8d55-0c7a5b1d2e3f',
  tenantId: '7d1a3f0e-52c4-4b0e-9a6d-3c5e8f2b9d41',
};
const workload = (origins: IdOrigins = {}) =>
  workloadIdentity({ ...ids, serviceAccount: 'orders', serviceAccountUid: 'uid', origins });
const principal = (origins: IdOrigins = {}) =>
  servicePrincipal(
    { ...ids, secretName: 'azure', origins, credential: new Concealed({ kind: 'secret', secret: 'x' }) },
    hashKey(Buffer.alloc(32)),
  );

/** What is told of a refusal, the calls of its commands, and the lines that explain them. */
function told(identity: Application, code: number) {
  const failure = entraFailure({
    ...{ identity, code, authority: 'login.example', audience: 'aud', claims: {}, now: 0, status: 400 },
  });
  if (failure.kind !== 'blocked') throw new Error(`unexpected ${failure.kind}`);
  const commands = failure.remedies?.flatMap((remedy) => remedy.commands) ?? [];
  const calls = callsOf(commands).map((call) => call.slice(0, 3).join(' '));
  return { message: failure.message, calls, comments: commands.filter((line) => line.startsWith('#')) };
}

const UNKNOWN_APPLICATION = 700016;
const UNKNOWN_TENANT = [90002, 900023];

describe('an id that Entra does not know', () => {
  const kinds = [
    {
      kind: 'workload identity',
      of: workload,
      place: 'ServiceAccount shop/orders',
      write: 'kubectl annotate serviceaccount',
      field: 'spec.identity.workloadIdentity',
    },
    {
      kind: 'service principal',
      of: principal,
      place: 'Secret shop/azure',
      write: 'kubectl patch secret',
      field: 'spec.keyVault.vaults[0].identity.servicePrincipal',
    },
  ];
  for (const { kind, of, place, write, field } of kinds) {
    it(`of a ${kind} is corrected in its object, where that holds it`, () => {
      const application = told(of(), UNKNOWN_APPLICATION);
      expect(application.message).to.include(`check the client id (${place}) and the tenant id (${place}).`);
      expect(application.calls).to.include(write);
      for (const code of UNKNOWN_TENANT) {
        expect(told(of(), code).message).to.include(`check the tenant id (${place})`);
        expect(told(of(), code).calls).to.include(write);
      }
    });

    it(`of a ${kind} is corrected in the spec, where that overrides the object`, () => {
      const origins = { clientId: `${field}.clientId`, tenantId: `${field}.tenantId` };
      const application = told(of(origins), UNKNOWN_APPLICATION);
      expect(application.message).to.include(`client id (${field}.clientId)`);
      expect(application.comments.join('\n')).to.include(`into ${field}.clientId of the binding`);
      expect(application.calls).to.not.include(write);
      for (const code of UNKNOWN_TENANT) {
        const tenant = told(of(origins), code);
        expect(tenant.message).to.include(`check the tenant id (${field}.tenantId)`);
        expect(tenant.comments.join('\n')).to.include(`into ${field}.tenantId of the binding`);
        expect(tenant.calls).to.deep.equal(['az account show']);
      }
    });

    it(`of a ${kind} is that of the operator where nothing else names one, and may be overridden`, () => {
      for (const code of UNKNOWN_TENANT) {
        const tenant = told(of({ tenantId: TENANT_SETTING }), code);
        expect(tenant.message).to.include("check the tenant id (the operator's setting tenant-id)");
        expect(tenant.comments.join('\n')).to.include(TENANT_SETTING);
        expect(tenant.calls).to.include(write);
      }
    });

    it(`of a ${kind} may stand anywhere: who reads is the same, and so are its tokens`, () => {
      expect(of({ clientId: 'spec.a', tenantId: TENANT_SETTING }).key).to.equal(of().key);
    });
  }
});
