import { EVENTS } from '../support/target-matrix/events.ts';
import { POLICIES, POLICY_NAMES } from '../support/target-matrix/policies.ts';
import { runCell } from '../support/target-matrix/run.ts';
import { simulatedStage } from '../support/target-matrix/simulated-stage.ts';

// The same table is executed on a real API server, and written into docs/reference/target-policies.md.
for (const kind of ['ConfigMap', 'Secret'] as const) {
  describe(`a target ${kind}`, () => {
    for (const policyName of POLICY_NAMES) {
      const { creationPolicy, deletionPolicy } = POLICIES[policyName];
      describe(`under ${creationPolicy} and ${deletionPolicy}`, () => {
        for (const event of EVENTS) {
          if (event.kinds !== undefined && !event.kinds.includes(kind)) continue;
          it(`when ${event.title}: ${event.ends[policyName].text}`, () =>
            runCell(simulatedStage(kind), event, policyName));
        }
      });
    }
  });
}
