import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import {
  type ErrorCase,
  EXAMPLE,
  EXAMPLE_IDENTITY,
  errorCases,
} from '../../../scripts/generate/azure-errors.ts';
import { cell } from '../../../scripts/generate/markdown.ts';
import { COMMON } from '../../../src/adapters/azure/entra-errors.ts';
import { REPAIRED } from '../../../src/adapters/azure/entra-remedies.ts';
import { FEDERATION } from '../../../src/adapters/azure/federation-errors.ts';
import { PRINCIPAL } from '../../../src/adapters/azure/principal-errors.ts';
import { type Bench, failureOf, patience, select, startBench } from './bench.ts';

const PAGE = readFileSync(new URL('../../../docs/reference/azure-errors.md', import.meta.url), 'utf8');

describe('the page of errors', () => {
  let bench: Bench;

  before(async () => {
    bench = await startBench();
    const { control } = bench.pretend;
    const { clientId, tenantId } = EXAMPLE_IDENTITY;
    expect(bench.pretend.tenantId).to.equal(tenantId);
    await control.createApp({ name: 'example', clientId });
    const subject = 'system:serviceaccount:shop:orders';
    await control.addFederatedCredential({ clientId, issuer: bench.cluster.issuer, subject });
    await control.createStore({ name: 'contoso' });
    await control.createVault({ name: 'contoso' });
  });
  after(() => bench.stop());
  afterEach(async () => {
    await bench.pretend.control.clearFaults();
    bench.cluster.tweaks = {};
  });

  /** What the adapters make of this answer. */
  async function played({ service, identity, status, body }: ErrorCase) {
    // Entra must not object to the token of a vault or a store.
    if (service === 'entra') bench.cluster.tweaks = { issuer: EXAMPLE.issuer };
    const headers = { 'content-type': 'application/json' };
    await bench.pretend.control.addFault({ service, status, body, headers });
    const azure = bench.azure();
    return service === 'keyvault'
      ? azure.readSecret({ vault: EXAMPLE.vault, name: EXAMPLE.secret }, identity, patience())
      : azure.headPages(select(EXAMPLE.key, null, EXAMPLE.endpoint), identity, [], patience());
  }

  it('has every number that the operator tells apart', () => {
    const codes = new Set(errorCases().map(({ code }) => code));
    const known = [...FEDERATION.keys(), ...PRINCIPAL.keys(), ...COMMON.keys(), ...REPAIRED];
    for (const code of known) expect(codes, `AADSTS${code}`).to.include(`AADSTS${code}`);
  });

  it('has commands for every number that there are some for', () => {
    const repaired = errorCases().filter(
      ({ failure }) => failure.kind === 'blocked' && failure.remedies !== undefined,
    );
    const codes = new Set(repaired.map(({ code }) => code));
    for (const code of REPAIRED) expect(codes).to.include(`AADSTS${code}`);
  });

  for (const one of errorCases()) {
    it(`tells what becomes of ${one.service} ${one.status} ${one.code}`, async () => {
      const failure = failureOf(await played(one));
      expect(failure.reason).to.equal(one.failure.reason);
      expect(failure.message).to.equal(one.failure.message);
      expect(PAGE).to.include(cell(failure.message));
      const remedies = failure.kind === 'blocked' ? (failure.remedies ?? []) : [];
      for (const { commands } of remedies) expect(PAGE).to.include(commands.join('\n'));
    });
  }
});
