import { expect } from 'chai';
import { useOperator } from '../../support/real/running.ts';

/** What a user sees without reading logs. */
describe('kubectl', function () {
  this.timeout(180_000);
  const running = useOperator();

  /** The table of `kubectl get acb`, as cells: columns are apart by at least three spaces. */
  const table = (text: string): readonly (readonly string[])[] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.trimEnd().split(/ {3,}/));

  it('get shows readiness, environment, counts and rollouts, and with -o wide the store and the reason', async () => {
    const team = await running().syncedTeam();
    await team.until('the first look at workloads', async () => (await team.status()).rollout !== undefined);
    const [header, row] = table(await team.kubectl(['get', 'acb']));
    expect(header).to.deep.equal(['NAME', 'READY', 'ENVIRONMENT', 'SETTINGS', 'SECRETS', 'ROLLOUT', 'AGE']);
    expect(row?.slice(0, 2)).to.deep.equal(['orders', 'True']);
    expect(row?.slice(-4, -1)).to.deep.equal(['2', '1', '0/0']);
    const [wideHeader, wideRow] = table(await team.kubectl(['get', 'acb', '-o', 'wide']));
    expect(wideHeader).to.include.members(['STORE', 'REASON', 'LAST CHANGE']);
    expect(wideRow).to.include.members([`https://${team.storeHost}`, 'Synced']);
  });

  it('get shows the environment', async () => {
    const team = await running().team();
    await team.set('color', 'red', 'prod');
    await team.apply(team.spec({ environment: 'prod' }));
    await team.untilReady();
    const [, row] = table(await team.kubectl(['get', 'appconfig']));
    expect(row?.slice(0, 4)).to.deep.equal(['orders', 'True', 'prod', '1']);
  });

  it('wait succeeds once the binding is Ready', async () => {
    const team = await running().team();
    await team.set('color', 'blue');
    await team.apply();
    await team.kubectl(['wait', '--for=condition=Ready', 'acb/orders', '--timeout=100s']);
  });

  it('describe tells the story in events and conditions', async () => {
    const team = await running().syncedTeam();
    await team.set('color', 'green');
    await team.untilEvent('TargetUpdated');
    const text = await team.kubectl(['describe', 'acb', 'orders']);
    for (const word of ['TargetCreated', 'Synced', 'TargetUpdated', 'appconfig-operator', 'SettingsFetched'])
      expect(text).to.include(word);
    expect(text).to.match(/Normal +TargetCreated .*created Secret orders-secrets \(1 key\)/);
    expect(text).not.to.include('s3cret');
  });

  it('explain knows every field', async () => {
    const team = await running().syncedTeam();
    const text = await team.kubectl(['explain', 'acb.spec.selectors.key']);
    expect(text).to.include('a prefix ending in *');
  });
});
