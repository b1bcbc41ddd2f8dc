import { expect } from 'chai';
import { useOperator } from '../../support/real/running.ts';
import { furnish } from '../../support/real/team.ts';

describe('a store with a replica, on a real cluster', function () {
  this.timeout(180_000);
  const running = useOperator();

  it('is read at its replica while its own host is a black hole, and nothing is written for that', async () => {
    const team = await running().team();
    const { azure, store } = team;
    await azure.createReplica({ store, name: 'eu' });
    await azure.setReplica({ store: `${store}-eu`, ownPageEtags: true });
    await furnish(team);
    await team.apply();
    await team.untilReady();
    const before = (await team.configMap())?.metadata.resourceVersion;
    await azure.setStoreNetwork({ store, access: 'black-hole' });
    const replica = `${store}-eu.azconfig.io`;
    const asked = async () => (await azure.requests({ host: replica, method: 'HEAD' })).length;
    await team.until('the replica to be polled', async () => (await asked()) >= 3, 60_000);
    expect((await team.configMap())?.metadata.resourceVersion).to.equal(before);
    expect(await azure.requests({ host: replica, method: 'GET', service: 'appconfig' })).to.have.length(1);
    await team.set('color', 'green');
    await team.until('the new color', async () => (await team.configMap())?.data?.['color'] === 'green');
    const ready = (await team.status()).conditions?.find(({ type }) => type === 'Ready');
    expect(ready?.status).to.equal('True');
  });

  it('is read at its own host again once that is back', async () => {
    const team = await running().team();
    const { azure, store, storeHost } = team;
    await azure.createReplica({ store, name: 'eu' });
    await furnish(team);
    await team.apply();
    await team.untilReady();
    await azure.addFault({ host: storeHost, status: 503 });
    const replica = `${store}-eu.azconfig.io`;
    await team.until(
      'the replica to be asked',
      async () => (await azure.requests({ host: replica })).length > 0,
    );
    await azure.clearFaults();
    await azure.clearRequests();
    await team.until('the own host to be asked', async () => {
      const log = await azure.requests({ host: storeHost, status: 304 });
      return log.length > 1;
    });
    await team.set('color', 'green');
    await team.until('the new color', async () => (await team.configMap())?.data?.['color'] === 'green');
  });
});
