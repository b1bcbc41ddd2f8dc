import { ConfigurationObjectFeatureFlagProvider, FeatureManager } from '@microsoft/feature-management';
import { expect } from 'chai';
import { FLAG_TYPE } from '../../support/arbitraries/settings.ts';
import { useOperator } from '../../support/real/running.ts';
import type { Team } from '../../support/real/team.ts';

describe('feature flags on a real cluster', function () {
  this.timeout(180_000);
  const running = useOperator();

  const setFlag = (team: Team, id: string, enabled: boolean) =>
    team.azure.setSetting({
      store: team.store,
      key: `.appconfig.featureflag/${id}`,
      value: JSON.stringify({ id, enabled, conditions: { client_filters: [] } }),
      contentType: FLAG_TYPE,
    });
  const fileOf = async (team: Team): Promise<string> =>
    (await team.configMap())?.data?.['settings.json'] ?? '{}';
  const decides = async (team: Team, flag: string): Promise<boolean> =>
    new FeatureManager(new ConfigurationObjectFeatureFlagProvider(JSON.parse(await fileOf(team)))).isEnabled(
      flag,
    );

  it('are written for the library of Microsoft; a changed one asks for no other content and leaves the Secret alone', async () => {
    const team = await running().team();
    await team.set('app:color', 'blue');
    await team.setSecret('db', 's3cret');
    await team.setReference('app:password', 'db');
    await setFlag(team, 'Beta', true);
    const target = {
      configMap: { name: 'orders-config', format: 'Json' },
      secret: { name: 'orders-secrets', format: 'Json' },
    } as const;
    await team.apply(team.spec({ selectors: [{ key: 'app:*' }], featureFlags: {}, target }));
    await team.untilReady();
    expect(await decides(team, 'Beta')).to.equal(true);
    expect((await team.status()).featureFlags).to.equal(1);

    const secret = await team.secret();
    await team.azure.clearRequests();
    await setFlag(team, 'Beta', false);
    await team.until('the flag to be off', async () => !(await decides(team, 'Beta')));
    const asked = await team.azure.requests({ service: 'appconfig' });
    const bodies = asked.filter(({ method, status }) => method === 'GET' && status === 200);
    const ours = bodies.filter(({ host }) => host === team.storeHost);
    expect(ours).to.have.length(1);
    expect(JSON.parse(await fileOf(team))['app:color']).to.equal('blue');
    expect((await team.secret())?.metadata.resourceVersion).to.equal(secret?.metadata.resourceVersion);
  });
});
