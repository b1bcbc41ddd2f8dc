import {
  type Installation,
  install,
  type OperatorOptions,
  type OperatorProcess,
  startOperator,
} from './operator.ts';
import { type Arrangement, newTeam, syncedTeam, type Team } from './team.ts';
import { STARTUP_MS, useWorld, type World } from './world.ts';

/** One running operator for the tests of a `describe`, and teams for it to serve. */
export interface Running {
  readonly world: World;
  readonly place: Installation;
  readonly operator: OperatorProcess;
  team(arrangement?: Arrangement): Promise<Team>;
  syncedTeam(arrangement?: Arrangement): Promise<Team>;
}

/** Starts an operator before the tests of the enclosing `describe`; afterwards its bindings and it go away. */
export function useOperator(options: OperatorOptions = {}): () => Running {
  const world = useWorld();
  let running: Running | undefined;
  before(async function () {
    this.timeout(STARTUP_MS);
    const place = await install(world(), options.values);
    const operator = await startOperator(place, options);
    const known = { operator: () => operator };
    running = {
      world: world(),
      place,
      operator,
      team: (arrangement = {}) => newTeam(world(), { ...arrangement, ...known }),
      syncedTeam: (arrangement = {}) => syncedTeam(world(), { ...arrangement, ...known }),
    };
    await operator.untilReady();
  });
  after(async function () {
    this.timeout(60_000);
    await running?.operator.terminate();
    await forgetBindings(world());
  });
  return () => {
    if (running === undefined) throw new Error('no operator runs before the first test');
    return running;
  };
}

/** The next operator is not to serve the bindings of earlier tests. */
export async function forgetBindings({ cluster }: World): Promise<void> {
  await cluster.kubectlOrThrow(['delete', 'appconfigbindings', '--all', '--all-namespaces']);
}
