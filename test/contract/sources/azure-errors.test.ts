import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { IdentityProxy } from '../../../dev/azure/identitybinding/server.ts';
import { type ErrorCase, errorCases } from '../../../scripts/generate/azure-errors/cases.ts';
import { EXAMPLE, type Reader, readers } from '../../../scripts/generate/azure-errors/examples.ts';
import { cell } from '../../../scripts/generate/markdown.ts';
import { COMMON } from '../../../src/adapters/azure/entra-errors.ts';
import { REPAIRED } from '../../../src/adapters/azure/entra-remedies.ts';
import { FEDERATION } from '../../../src/adapters/azure/federation-errors.ts';
import { PRINCIPAL } from '../../../src/adapters/azure/principal-errors.ts';
import { NOT_BOUND } from '../../../src/adapters/azure/proxy-errors.ts';
import { issueClientCertificate } from '../../support/client-certificates.ts';
import { type Bench, failureOf, patience, select, startBench } from './bench.ts';

const PAGE = readFileSync(new URL('../../../docs/reference/azure-errors.md', import.meta.url), 'utf8');
const CASES = errorCases();

/** Which kind of identity each reader of Entra is. */
const KINDS: Readonly<Partial<Record<Reader, keyof typeof REPAIRED>>> = {
  'workload identity': 'WorkloadIdentity',
  'client secret': 'ServicePrincipal',
  'client certificate': 'ServicePrincipal',
  'expired certificate': 'ServicePrincipal',
};

const pairsOf = (kind: string, codes: Iterable<number>) => [...codes].map((code) => `${kind} AADSTS${code}`);
const entraPairs = (cases: readonly ErrorCase[]) =>
  cases.flatMap(({ service, reader, code }) => (service === 'entra' ? [`${KINDS[reader]} ${code}`] : []));
const remediesIn = ({ failure }: ErrorCase) => (failure.kind === 'blocked' ? (failure.remedies ?? []) : []);

describe('the page of errors', () => {
  let bench: Bench;
  let proxy: IdentityProxy;
  let identities: ReturnType<typeof readers>;

  before(async () => {
    bench = await startBench();
    const { control } = bench.pretend;
    const { clientId, tenantId } = EXAMPLE;
    expect(bench.pretend.tenantId).to.equal(tenantId);
    await control.createApp({ name: 'example', clientId });
    const subject = 'system:serviceaccount:shop:orders';
    await control.addFederatedCredential({ clientId, issuer: bench.cluster.issuer, subject });
    await control.createStore({ name: 'contoso' });
    await control.createVault({ name: 'contoso' });
    await control.setNodeIdentities({ system: null, user: [clientId] });
    proxy = await bench.pretend.startIdentityProxy(async () => true);
    const { certificate, privateKey } = await issueClientCertificate();
    identities = readers(`${certificate}\n${privateKey}`);
  });
  after(async () => {
    await proxy.stop();
    await bench.stop();
  });
  afterEach(async () => {
    await bench.pretend.control.clearFaults();
    bench.cluster.tweaks = {};
  });

  /** What the adapters make of this answer. */
  async function played({ service, reader, list, status, body }: ErrorCase) {
    // Entra must not object to the token of a vault or a store.
    if (service === 'entra') bench.cluster.tweaks = { issuer: EXAMPLE.issuer };
    const headers = { 'content-type': 'application/json' };
    await bench.pretend.control.addFault({ service, status, body, headers });
    const { url, serverName, caFile } = proxy;
    const azure = bench.azure({ azureProxy: { url, serverName, ca: { file: caFile } } });
    const { vault, secret: name } = EXAMPLE;
    const identity = identities[reader];
    if (list) return azure.listSecrets({ vault }, identity, patience());
    return service === 'keyvault'
      ? azure.readSecret({ vault, name }, identity, patience())
      : azure.headPages(select(EXAMPLE.key, null, EXAMPLE.endpoint), identity, [], patience());
  }

  it('has every number that the operator tells apart, for each kind of identity', () => {
    expect(entraPairs(CASES)).to.include.members([
      ...pairsOf('WorkloadIdentity', [...FEDERATION.keys(), ...COMMON.keys()]),
      ...pairsOf('ServicePrincipal', [...PRINCIPAL.keys(), ...COMMON.keys()]),
    ]);
    const bound = CASES.filter(({ service }) => service === 'identitybinding').map(({ code }) => code);
    expect(bound).to.include.members(['', ...[...NOT_BOUND].map((code) => `AADSTS${code}`)]);
  });

  it('has commands for every number that there are some for, for each kind of identity', () => {
    const repaired = entraPairs(CASES.filter((one) => remediesIn(one).length > 0));
    for (const [kind, codes] of Object.entries(REPAIRED))
      expect(repaired).to.include.members(pairsOf(kind, codes));
  });

  for (const one of CASES) {
    const of = one.list ? 'the list' : 'it';
    it(`tells a ${one.reader} what becomes of ${of} on ${one.service} ${one.status} ${one.code}`, async () => {
      const failure = failureOf(await played(one));
      expect(failure.reason).to.equal(one.failure.reason);
      expect(failure.message).to.equal(one.failure.message);
      expect(PAGE).to.include(cell(failure.message));
      for (const { commands } of remediesIn({ ...one, failure }))
        expect(PAGE).to.include(commands.join('\n'));
    });
  }
});
