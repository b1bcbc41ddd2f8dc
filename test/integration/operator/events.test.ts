import { expect } from 'chai';
import type { SeenEvent } from '../../support/real/objects.ts';
import { useOperator } from '../../support/real/running.ts';
import type { Team } from '../../support/real/team.ts';

/** Takes the role away until the binding says so, and gives it back. */
async function flap(team: Team): Promise<void> {
  const role = {
    role: 'AppConfigurationDataReader',
    principal: team.app.clientId,
    store: team.store,
  } as const;
  await team.azure.removeRole(role);
  await team.untilCondition('Ready', 'False', 'StoreForbidden');
  await team.azure.assignRole(role);
  await team.untilCondition('Ready', 'True', 'Synced');
}

describe('events about a binding', function () {
  this.timeout(180_000);
  const running = useOperator();

  it('are one for what happens again and again: a series that counts', async () => {
    const team = await running().syncedTeam();
    for (let turn = 0; turn < 3; turn += 1) await flap(team);
    const told = (events: readonly SeenEvent[]): readonly string[] =>
      events.map(({ reason, series }) => `${reason} x${series?.count ?? 1}`).sort();
    await team.until('the last event to be counted', async () =>
      told(await team.events()).includes('Synced x3'),
    );
    expect(told(await team.events())).to.deep.equal(['StoreForbidden x3', 'Synced x3', 'TargetCreated x1']);
  });
});
