import { expect } from 'chai';
import { useOperator } from '../../support/real/running.ts';
import type { Team } from '../../support/real/team.ts';

type Policy = 'Delete' | 'Retain';

const targetsOf = async (team: Team) => [await team.configMap(), await team.secret()];

/** Edits the policy of a suspended binding, and waits for its targets. */
async function follow(team: Team, deletionPolicy: Policy): Promise<void> {
  await team.edit({ suspend: true, target: { deletionPolicy } });
  const owners = deletionPolicy === 'Retain' ? 0 : 1;
  await team.until(`the targets to follow ${deletionPolicy}`, async () =>
    (await targetsOf(team)).every((target) => (target?.metadata.ownerReferences ?? []).length === owners),
  );
}

describe('the deletion policy of a suspended binding', function () {
  this.timeout(180_000);
  const running = useOperator();

  it('counts: targets stay under Retain when the binding goes, and go with it under Delete', async () => {
    const staying = await running().syncedTeam();
    const going = await running().syncedTeam();
    const before = (await targetsOf(staying)).map((target) => target?.data);
    await follow(staying, 'Retain');
    for (const policy of ['Retain', 'Delete'] as const) await follow(going, policy);
    for (const { objects, namespace } of [staying, going])
      await objects.delete('appconfigbindings', namespace, 'orders');
    const gone = async () => (await targetsOf(going)).every((target) => target === undefined);
    // The garbage collector learns of a new kind only half a minute after the cluster has started.
    await going.until('the targets to go', gone, 120_000);
    expect((await targetsOf(staying)).map((target) => target?.data)).to.deep.equal(before);
  });
});
