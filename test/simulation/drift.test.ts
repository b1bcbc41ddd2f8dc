import { expect } from 'chai';
import { CONFIG_MAPS } from '../support/memory-cluster/index.ts';
import { synced } from '../support/simulation.ts';

const target = { type: CONFIG_MAPS, namespace: 'shop', name: 'orders-config' };

describe('a ConfigMap that was written a moment ago', () => {
  it('is made again at once when it is deleted', async () => {
    const simulation = await synced();
    await simulation.cluster.admin.delete(target);
    await simulation.until(() => simulation.configMap()?.data?.['color'] === 'blue', 2_000);
  });

  it('gets its label back at once when someone takes it away', async () => {
    const simulation = await synced();
    await simulation.cluster.admin.mergePatch(target, {
      metadata: { labels: { 'appconfig.dev/binding': null } },
    });
    const label = () => simulation.configMap()?.metadata.labels?.['appconfig.dev/binding'];
    await simulation.until(() => label() === 'orders', 2_000);
    expect(simulation.configMap()?.data).to.deep.equal({ color: 'blue' });
  });
});
