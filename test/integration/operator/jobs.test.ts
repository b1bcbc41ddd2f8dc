import { expect } from 'chai';
import type { ManagedFields } from '../../../src/domain/targets/field-managers.ts';
import type { SeenObject } from '../../support/real/objects.ts';
import { useOperator } from '../../support/real/running.ts';
import { furnish } from '../../support/real/team.ts';
import { job, reader, restartComplete } from '../../support/real/workloads.ts';

interface SeenJob extends SeenObject {
  readonly metadata: SeenObject['metadata'] & { readonly managedFields?: readonly ManagedFields[] };
}

describe('Jobs and CronJobs that use a target', function () {
  this.timeout(180_000);
  const running = useOperator({ flags: ['--drift-interval=2s'] });

  it('stand in the status as in need of no restart, and are never written', async () => {
    const team = await running().team();
    await furnish(team);
    for (const manifest of [reader('Deployment', 'web'), job('CronJob', 'report'), job('Job', 'migrate')])
      await team.kubectl(['apply', '-f', '-'], manifest);
    await team.apply(team.spec());
    const told = async () =>
      ((await team.status()).rollouts ?? []).map(({ kind, name, phase }) => `${kind}/${name} ${phase}`);
    const all = ['Deployment/web Complete', 'CronJob/report NoRestartNeeded', 'Job/migrate NoRestartNeeded'];
    await team.until('all to be told', async () => (await told()).join() === all.join());
    await team.set('color', 'green');
    await restartComplete(team, 'web');
    expect(await told()).to.deep.equal(all);
    expect(await team.status()).to.include({ rollout: '1/1', rolloutsTotal: 3 });
    for (const [plural, name] of [
      ['cronjobs', 'report'],
      ['jobs', 'migrate'],
    ] as const) {
      const found = await team.objects.get<SeenJob>(plural, team.namespace, name);
      expect(found?.metadata.generation, plural).to.equal(1);
      const managers = found?.metadata.managedFields?.map(({ manager }) => manager);
      expect(managers, plural).not.to.include('appconfig-operator');
    }
  });
});
