import { useOperator } from '../../support/real/running.ts';
import { EVENTS, type Event } from '../../support/target-matrix/events.ts';
import { POLICY_NAMES } from '../../support/target-matrix/policies.ts';
import { realStage } from '../../support/target-matrix/real-stage.ts';
import { runCell } from '../../support/target-matrix/run.ts';

// The same table is executed on the memory cluster, and written into docs/reference/target-policies.md.
for (const kind of ['ConfigMap', 'Secret'] as const) {
  describe(`a target ${kind}, under every policy`, function () {
    this.timeout(120_000);
    const running = useOperator({ flags: ['--drift-interval=2s'] });

    /** All policies at once, each in a namespace of its own. */
    const everyCell = (event: Event) =>
      Promise.all(
        POLICY_NAMES.map(async (policyName) =>
          runCell(realStage(kind, await running().team()), event, policyName),
        ),
      );
    for (const event of EVENTS) {
      if (event.kinds !== undefined && !event.kinds.includes(kind)) continue;
      it(`ends as documented when ${event.title}`, async () => {
        await everyCell(event);
      });
    }
  });
}
