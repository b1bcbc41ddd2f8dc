import type { AppConfigBinding } from '../../../src/api/schema.ts';
import { BINDINGS, type MemoryCluster } from '../memory-cluster/index.ts';
import { troublesOf } from './audit.ts';

/** What was found since the last test. */
const troubles = new Set<string>();

/** From now on every status of a binding that is ever written to `cluster` is judged. */
export function auditStatuses(cluster: MemoryCluster): void {
  cluster.database.history.observe(({ type, object }) => {
    if (type.plural !== BINDINGS.plural || object === undefined) return;
    const binding = object as unknown as AppConfigBinding;
    for (const trouble of troublesOf(binding)) note(`${trouble}:\n${JSON.stringify(binding.status)}`);
  });
}

/** An event of a simulation is judged, too. */
export function note(trouble: string): void {
  troubles.add(trouble);
}

// At the top level of a module that test files import, this is a hook of the root suite.
afterEach(() => {
  const found = [...troubles];
  troubles.clear();
  if (found.length > 0)
    throw new Error(`rules of test/support/status are broken: ${found.slice(0, 3).join('\n')}`);
});
