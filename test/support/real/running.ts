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
  /** The one that was started last. */
  readonly operator: OperatorProcess;
  team(arrangement?: Arrangement): Promise<Team>;
  syncedTeam(arrangement?: Arrangement): Promise<Team>;
  /** Ends the operator and starts it again, as it was started before; `meanwhile` is done while none runs. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
}

/**
 * Starts an operator before the tests of the enclosing `describe`; afterwards its bindings and it go away.
 *
 * @param options a function is asked once all that was registered before is there
 */
export function useOperator(options: OperatorOptions | (() => OperatorOptions) = {}): () => Running {
  const world = useWorld();
  let running: Running | undefined;
  before(async function () {
    this.timeout(STARTUP_MS);
    running = await startRunning(world(), typeof options === 'function' ? options() : options);
    await running.operator.untilReady();
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

async function startRunning(world: World, options: OperatorOptions): Promise<Running> {
  const place = await install(world, options.values);
  let operator = await startOperator(place, options);
  const known = { operator: () => operator };
  return {
    world,
    place,
    get operator() {
      return operator;
    },
    team: (arrangement = {}) => newTeam(world, { ...arrangement, ...known }),
    syncedTeam: (arrangement = {}) => syncedTeam(world, { ...arrangement, ...known }),
    async restart(meanwhile) {
      await operator.terminate();
      await meanwhile?.();
      operator = await startOperator(place, options);
    },
  };
}

/** The next operator is not to serve the bindings of earlier tests. */
export async function forgetBindings({ cluster }: World): Promise<void> {
  await cluster.kubectlOrThrow(['delete', 'appconfigbindings', '--all', '--all-namespaces']);
}
