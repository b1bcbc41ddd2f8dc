import { expect } from 'chai';
import type { BindingSpec } from '../../src/api/schema.ts';
import { baseSpec, CLIENT_ID, ENDPOINT, Simulation, STORE_HOST } from '../support/simulation.ts';

const spec = (managedIdentity: { readonly clientId?: string }): BindingSpec => ({
  ...baseSpec,
  identity: { managedIdentity },
});

function arranged(): Simulation {
  const simulation = new Simulation();
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  simulation.azure.grant('node', STORE_HOST);
  return simulation;
}

describe('a binding with a managed identity', () => {
  it('is refused, and asks nobody, unless the settings of the operator allow it', async () => {
    const simulation = arranged();
    await simulation.apply(spec({}));
    simulation.start();
    await simulation.untilReason('ManagedIdentityNotAllowed');
    expect(simulation.condition('Stalled')?.message).to.equal(
      "spec.identity.managedIdentity is not allowed here: use workloadIdentity, or have the operator's setting allow-managed-identities turned on",
    );
    await simulation.clock.advance(600_000);
    expect(simulation.azure.calls).to.deep.equal([]);
    await simulation.stop();
    simulation.start(() => 'proceed', ['--allow-managed-identities=true']);
    await simulation.untilReady();
    expect(simulation.binding()?.status?.identity).to.deep.equal({ kind: 'ManagedIdentity' });
  });

  it('reads as the identity that it names', async () => {
    const simulation = arranged();
    await simulation.apply(spec({ clientId: CLIENT_ID.toUpperCase() }));
    simulation.start(() => 'proceed', ['--allow-managed-identities=true']);
    await simulation.untilReady();
    const expected = { kind: 'ManagedIdentity', clientId: CLIENT_ID };
    expect(simulation.binding()?.status?.identity).to.deep.equal(expected);
  });
});
