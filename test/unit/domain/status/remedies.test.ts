import { expect } from 'chai';
import { BOUNDS } from '../../../../src/api/defaults.ts';
import type { BindingStatus } from '../../../../src/api/schema.ts';
import type { CloudName } from '../../../../src/domain/clouds.ts';
import type { Remedy } from '../../../../src/domain/failure.ts';
import { blocked, type Failure, unavailable } from '../../../../src/domain/failure.ts';
import { remediesOf, withRemedy } from '../../../../src/domain/remedies/remedy.ts';
import { mergePatch } from '../../../../src/domain/status/merge-patch.ts';
import { nextStatus } from '../../../../src/domain/status/status.ts';
import type { Verdict } from '../../../../src/domain/status/verdict.ts';

const refusal = withRemedy(blocked('StoreForbidden', 'No role.'), ['# why', 'az role assignment create']);
const failed = (failure: Failure): Verdict => ({
  kind: 'failed',
  phase: 'SettingsFetched',
  failure,
  transientInARow: 1,
  wentOn: false,
});
const statusAfter = (
  verdict: Verdict,
  previous: BindingStatus = {},
  now = Date.UTC(2026, 0, 1),
  cloud: CloudName = 'AzurePublic',
): BindingStatus =>
  nextStatus({
    previous,
    facts: {},
    verdict,
    origin: { things: 'settings', place: 'https://contoso.azconfig.io' },
    cloud,
    generation: 1,
    now,
  });

describe('the remedies of a status', () => {
  it('hold the commands, and the condition says where they are', () => {
    const status = statusAfter(failed(refusal));
    expect(status.remedies).to.deep.equal([
      { reason: 'StoreForbidden', commands: ['# why', 'az role assignment create'] },
    ]);
    const ready = status.conditions?.find(({ type }) => type === 'Ready');
    expect(ready?.message).to.equal('No role. The commands for it are in status.remedies.');
  });

  it('bring the Azure CLI into the cloud of the operator first, where that is not the public one', () => {
    const inChina = statusAfter(failed(refusal), {}, 0, 'AzureChina').remedies?.[0]?.commands ?? [];
    expect(inChina.slice(1)).to.deep.equal([
      'az cloud set --name AzureChinaCloud',
      '# why',
      'az role assignment create',
    ]);
    const nested = withRemedy(blocked('TenantNotFound', 'No.'), ['kubectl annotate x="$(az account show)"']);
    expect(statusAfter(failed(nested), {}, 0, 'AzureUSGovernment').remedies?.[0]?.commands[1]).to.equal(
      'az cloud set --name AzureUSGovernment',
    );
    const without = withRemedy(blocked('IssuerUnreachable', 'No.'), ['curl https://issuer.example']);
    expect(statusAfter(failed(without), {}, 0, 'AzureChina').remedies?.[0]?.commands).to.deep.equal([
      'curl https://issuer.example',
    ]);
  });

  it('are no reason to write when nothing changed', () => {
    const status = statusAfter(failed(refusal));
    expect(mergePatch(status, statusAfter(failed(refusal), status, Date.UTC(2026, 0, 2)))).to.equal(
      undefined,
    );
  });

  it('stand as long as Stalled does', () => {
    const refused = statusAfter(failed(refusal));
    const ends: readonly Verdict[] = [
      { kind: 'synced' },
      { kind: 'suspended' },
      { kind: 'bug' },
      failed(unavailable('StoreUnreachable', 'No answer.')),
      failed(blocked('StoreRejected', 'Something else.')),
    ];
    for (const end of ends) {
      const status = statusAfter(end, refused);
      expect(status, JSON.stringify(end)).to.not.have.property('remedies');
      expect(mergePatch(refused, status)).to.have.property('remedies', null);
    }
  });

  it('are cut where there are too many', () => {
    const remedies: readonly Remedy[] = Array.from({ length: BOUNDS.statusList + 5 }, (_, at) => ({
      reason: 'VaultForbidden',
      commands: [`az ${at}`],
    }));
    const failure: Failure = { kind: 'blocked', reason: 'VaultForbidden', message: 'No role.', remedies };
    expect(statusAfter(failed(failure)).remedies).to.have.length(BOUNDS.statusList);
  });
});

describe('remedies of several failures', () => {
  it('are told once each, in their order', () => {
    const other = withRemedy(blocked('VaultForbidden', 'x'), ['az other']);
    const [first, second, ...rest] = remediesOf([
      refusal,
      unavailable('StoreUnreachable', 'x'),
      other,
      refusal,
    ]);
    expect([first?.reason, second?.reason]).to.deep.equal(['StoreForbidden', 'VaultForbidden']);
    expect(rest).to.deep.equal([]);
  });

  it('are only of failures that someone must act on, and that have some', () => {
    expect(withRemedy(unavailable('StoreUnreachable', 'x'), ['az x'])).to.not.have.property('remedies');
    expect(withRemedy(blocked('StoreForbidden', 'x'), undefined)).to.deep.equal(
      blocked('StoreForbidden', 'x'),
    );
  });
});
