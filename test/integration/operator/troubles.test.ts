import { expect } from 'chai';
import { useOperator } from '../../support/real/running.ts';
import { identityTroubles } from './troubles/identity.ts';
import { type Ordeal, TOLERANCE_MS, undergo } from './troubles/ordeal.ts';
import { principalTroubles } from './troubles/principals.ts';
import { refusalTroubles } from './troubles/refusals.ts';
import { storeTroubles } from './troubles/store.ts';
import { targetTroubles } from './troubles/targets.ts';
import type { Trouble } from './troubles/trouble.ts';
import { vaultTroubles } from './troubles/vault.ts';

const TABLE: Readonly<Record<string, readonly Trouble[]>> = {
  store: storeTroubles,
  vault: vaultTroubles,
  identity: identityTroubles,
  principal: principalTroubles,
  targets: targetTroubles,
  refusals: refusalTroubles,
};

/** Nearly all troubles happen at the same time, each to a team of its own: one must not touch another. */
describe('a binding in trouble', function () {
  this.timeout(TOLERANCE_MS);
  const running = useOperator();
  const ordeals = new Map<Trouble, Promise<Ordeal>>();

  before(() => {
    const troubles = Object.values(TABLE).flat();
    for (const trouble of troubles) {
      const ordeal = undergo(trouble, running());
      // Reported by the test that waits for it.
      ordeal.catch(() => undefined);
      ordeals.set(trouble, ordeal);
    }
  });

  for (const [area, troubles] of Object.entries(TABLE)) {
    describe(`of the ${area}`, () => {
      for (const trouble of troubles) {
        it(`tells that ${trouble.title} (${trouble.reason}), keeps its targets, and recovers by itself`, async () => {
          const ordeal = await ordeals.get(trouble);
          if (ordeal === undefined) throw new Error('the trouble never came');
          verify(trouble, ordeal);
        });
      }
    });
  }
});

function verify(trouble: Trouble, { bad, before, during, after, team, warnings }: Ordeal): void {
  const ready = bad.find(({ type }) => type === 'Ready');
  for (const part of trouble.says(team)) expect(ready?.message).to.include(part);
  const about = Object.fromEntries(bad.map(({ type, status, reason }) => [type, `${status} ${reason}`]));
  const abnormal = trouble.transient ? 'Reconciling' : 'Stalled';
  expect(about).to.include({
    Ready: `False ${trouble.reason}`,
    [trouble.phase]: `False ${trouble.reason}`,
    [abnormal]: `True ${trouble.reason}`,
  });
  expect(about).not.to.have.property(trouble.transient ? 'Stalled' : 'Reconciling');
  expect(during, 'targets during the trouble').to.deep.equal(before);
  const types = after.map(({ type }) => type);
  expect(types).not.to.include('Stalled').and.not.to.include('Reconciling');
  expect(warnings, 'Warning events').to.deep.equal([`${trouble.reason} x1`]);
}
