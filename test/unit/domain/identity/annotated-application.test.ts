import { expect } from 'chai';
import { annotatedApplication } from '../../../../src/domain/identity/annotated-application.ts';

const CLIENT = 'azure.workload.identity/client-id';
const TENANT = 'azure.workload.identity/tenant-id';
const ID = 'abcdef00-0000-4000-8000-00000000000a';
const OTHER = '11111111-2222-4333-8444-55555555555b';

const of = (
  annotations: Record<string, string>,
  spec: { clientId?: string; tenantId?: string } = {},
  fallbackTenant = '',
) =>
  annotatedApplication(
    {
      kind: 'WorkloadIdentity',
      field: 'spec.identity.workloadIdentity',
      serviceAccount: 'orders',
      azureProxy: false,
      ...spec,
    },
    { called: 'ServiceAccount shop/orders', annotations, fallbackTenant },
  );

const failure = (...parts: Parameters<typeof of>) => {
  const found = of(...parts);
  if (found.ok || found.failure.kind !== 'blocked') throw new Error('no failure');
  return found.failure;
};

describe('the application of a ServiceAccount', () => {
  it('has its ids in lower case and without white space, as Azure writes them', () => {
    const annotations = { [CLIENT]: ID.toUpperCase(), [TENANT]: `${OTHER.toUpperCase()}\n` };
    expect(of(annotations)).to.deep.equal({
      ok: true,
      value: { clientId: ID, tenantId: OTHER, origins: {} },
    });
  });

  it('may name its tenant by a domain', () => {
    expect(of({ [CLIENT]: ID, [TENANT]: 'Contoso.onmicrosoft.com' })).to.deep.equal({
      ok: true,
      value: { clientId: ID, tenantId: 'contoso.onmicrosoft.com', origins: {} },
    });
  });

  it('takes the ids of the binding over the annotations, whatever those hold', () => {
    const annotations = { [CLIENT]: 'no id', [TENANT]: 'no id' };
    const spec = { clientId: ID, tenantId: OTHER };
    const field = 'spec.identity.workloadIdentity';
    const origins = { clientId: `${field}.clientId`, tenantId: `${field}.tenantId` };
    expect(of(annotations, spec)).to.deep.equal({ ok: true, value: { ...spec, origins } });
  });

  it('takes the tenant of the settings where the annotation is missing or empty, and not where it is wrong', () => {
    for (const own of [{}, { [TENANT]: '' }, { [TENANT]: ' \n' }])
      expect(of({ [CLIENT]: ID, ...own }, {}, OTHER)).to.deep.equal({
        ok: true,
        value: { clientId: ID, tenantId: OTHER, origins: { tenantId: "the operator's setting tenant-id" } },
      });
    expect(failure({ [CLIENT]: ID, [TENANT]: 'my tenant' }, {}, OTHER).reason).to.equal('TenantIdMissing');
  });

  it('is missed with the annotation to add', () => {
    expect(failure({ [CLIENT]: ' ' })).to.include({
      reason: 'ClientIdMissing',
      message: `ServiceAccount shop/orders names no Entra application: annotate it with ${CLIENT}, or set spec.identity.workloadIdentity.clientId`,
    });
    expect(failure({ [CLIENT]: ID })).to.include({
      reason: 'TenantIdMissing',
      message: `ServiceAccount shop/orders names no Entra tenant: annotate it with ${TENANT}, set spec.identity.workloadIdentity.tenantId, or set the operator's --tenant-id`,
    });
  });

  it('is missed with the annotation to correct, and what it holds', () => {
    for (const wrong of ['<my-app>', 'orders', `{${ID}}`, `${ID}0`])
      expect(failure({ [CLIENT]: wrong, [TENANT]: OTHER })).to.include({
        reason: 'ClientIdMissing',
        message: `ServiceAccount shop/orders names no Entra application: its annotation ${CLIENT} holds ${JSON.stringify(wrong)}, expected a GUID: correct it, or set spec.identity.workloadIdentity.clientId`,
      });
    for (const wrong of ['<my-tenant>', 'my tenant', 'abc/def', 'organizations', '-a.example', 'a..b'])
      expect(failure({ [CLIENT]: ID, [TENANT]: wrong })).to.include({
        reason: 'TenantIdMissing',
        message: `ServiceAccount shop/orders names no Entra tenant: its annotation ${TENANT} holds ${JSON.stringify(wrong)}, expected a GUID or a domain name such as contoso.onmicrosoft.com: correct it, or set spec.identity.workloadIdentity.tenantId`,
      });
  });

  it('is missed with the beginning of a long annotation only', () => {
    const long = { [CLIENT]: ID, [TENANT]: `${'y'.repeat(100_000)}.example` };
    expect(failure(long).message).to.have.length.below(400);
  });
});
