import { expect } from 'chai';
import { baseSpec, ENDPOINT, Simulation } from '../support/simulation.ts';

const workloadIdentity = { serviceAccountName: 'orders', enableAzureProxy: true };

describe('a binding with an AKS identity binding', () => {
  it('is refused, and asks nobody, where the operator knows no proxy for them', async () => {
    const simulation = new Simulation();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    await simulation.apply({ ...baseSpec, identity: { workloadIdentity } });
    simulation.start();
    await simulation.untilReason('AzureProxyMissing');
    expect(simulation.condition('Stalled')?.message).to.equal(
      'spec.identity.workloadIdentity.enableAzureProxy is set, and the operator knows no proxy for identity bindings: have AZURE_KUBERNETES_TOKEN_PROXY set in its pod, as the webhook of AKS does, or leave enableAzureProxy out',
    );
    await simulation.clock.advance(600_000);
    expect(simulation.azure.calls).to.deep.equal([]);
  });
});
