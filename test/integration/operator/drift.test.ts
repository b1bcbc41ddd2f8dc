import { expect } from 'chai';
import { useOperator } from '../../support/real/running.ts';
import { CONFIG_MAP, furnish, SECRET, type Team } from '../../support/real/team.ts';

describe('a target that someone else changes', function () {
  this.timeout(180_000);
  // Long enough for a loaded machine to do what is due at once.
  const DRIFT_MS = 10_000;
  const running = useOperator({ flags: [`--drift-interval=${DRIFT_MS}ms`] });
  const isBlue = async (team: Team) => {
    const { data } = (await team.configMap()) ?? {};
    return data?.['color'] === 'blue' && Object.keys(data).length === 1;
  };
  const isSecret = async (team: Team) => {
    const data = await team.secretData();
    return data['password'] === 's3cret' && Object.keys(data).length === 1;
  };

  it('is put back at once when it is the ConfigMap, edited or deleted', async () => {
    const team = await running().team();
    await furnish(team);
    // Without a Secret, and with an interval that no test waits for, only the watch can tell.
    const target = { configMap: { name: CONFIG_MAP } };
    await team.apply(team.spec({ selectors: [{ key: 'color' }], target, refresh: { interval: '1h' } }));
    await team.untilReady();
    const { namespace, objects } = team;
    await objects.patch('configmaps', namespace, CONFIG_MAP, { data: { color: 'pink', extra: 'x' } });
    await team.until('the edit to be undone', () => isBlue(team));
    await objects.delete('configmaps', namespace, CONFIG_MAP);
    await team.until('the ConfigMap to be made again', () => isBlue(team));
    await team.untilReady();
    expect((await team.untilEvent('TargetRepaired')).note).to.include(CONFIG_MAP);
  });

  it('is put back within the drift interval when it is the Secret, edited or deleted', async () => {
    const team = await running().syncedTeam();
    const { namespace, objects } = team;
    await objects.patch('secrets', namespace, SECRET, { data: { password: 'eA==', extra: 'eA==' } });
    await team.until('the edit to be undone', () => isSecret(team));
    await objects.delete('secrets', namespace, SECRET);
    await team.until('the Secret to be made again', () => isSecret(team));
    expect((await team.untilEvent('TargetRepaired')).note).to.include(SECRET);
    expect(JSON.stringify(await team.events())).not.to.include('s3cret');
  });

  it('is recognised again when its labels were taken away', async () => {
    const team = await running().syncedTeam();
    const labels = { 'appconfig.dev/binding': null };
    await team.objects.patch('configmaps', team.namespace, CONFIG_MAP, { metadata: { labels } });
    await team.until('the label to come back', async () => {
      const { metadata } = (await team.configMap()) ?? {};
      return metadata?.labels?.['appconfig.dev/binding'] === 'orders';
    });
  });
});
