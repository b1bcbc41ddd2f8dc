import { expect } from 'chai';
import type { KubernetesObject } from '../../src/ports/kubernetes.ts';
import { CONFIG_MAPS, crashAtWrite, SECRETS } from '../support/memory-cluster/index.ts';
import { baseSpec, ENDPOINT, NAMESPACE, Simulation, VAULT } from '../support/simulation.ts';
import { POLICIES, POLICY_NAMES, type Policy } from '../support/target-matrix/policies.ts';
import { PERMITTED } from '../support/target-matrix/stage.ts';

/**
 * Under every policy the operator is killed before and after each write of a first sync, and of a change of the spec
 * that renames both targets. The end state, and how often each object was changed, must be those of a run without a
 * fault.
 */

type Part = 'sync' | 'rename';
type Arm = (simulation: Simulation, part: Part) => void;

const NAMES = ['before', 'after'] as const;

async function story(policy: Policy, arm: Arm): Promise<Simulation> {
  const simulation = new Simulation();
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  simulation.azure.setSecret(VAULT, 'db', { value: 'one' });
  simulation.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
  if (policy.creationPolicy === 'Merge') for (const name of NAMES) await seed(simulation, name);
  const spec = (name: string) => ({
    ...baseSpec,
    target: { configMap: { name }, secret: { name }, labels: { team: 'orders' }, ...policy },
  });
  await simulation.apply(spec('before'));
  arm(simulation, 'sync');
  await simulation.untilReady();
  await simulation.clock.advance(60_000);
  arm(simulation, 'rename');
  await simulation.apply(spec('after'));
  await simulation.untilReady();
  await simulation.clock.advance(400_000);
  return simulation;
}

/** Objects of someone else, which permit to be merged into. */
async function seed(simulation: Simulation, name: string): Promise<void> {
  for (const type of [CONFIG_MAPS, SECRETS]) {
    const object: KubernetesObject & { data: object } = {
      metadata: { namespace: NAMESPACE, name, labels: PERMITTED },
      data: { theirs: 'MQ==' },
    };
    await simulation.cluster.admin.create(type, object);
  }
}

function outcomeOf(simulation: Simulation) {
  const changes: Record<string, number> = {};
  for (const { resource, name, manager } of simulation.cluster.changes()) {
    if (!manager.startsWith('appconfig-operator') || resource.endsWith('/status')) continue;
    changes[`${resource}/${name}`] = (changes[`${resource}/${name}`] ?? 0) + 1;
  }
  const objects = NAMES.flatMap((name) =>
    [simulation.configMap(name), simulation.secret(name)].map((object) => ({
      data: object?.data,
      labels: object?.metadata.labels,
      annotations: Object.keys(object?.metadata.annotations ?? {}),
      owners: (object?.metadata.ownerReferences ?? []).length,
    })),
  );
  return { objects, changes, targets: simulation.binding()?.status?.targets?.map(({ name }) => name) };
}

/** Starts the operator; in `part` it dies at its n-th write, and another one comes in its place. */
const crashing =
  (part: Part, n: number, when: 'before' | 'after'): Arm =>
  (simulation, now) => {
    if (now !== part) {
      if (now === 'sync') simulation.start();
      return;
    }
    simulation.client?.kill();
    const crash = crashAtWrite(n, when);
    simulation.start((call) => {
      const verdict = crash(call);
      if (verdict !== 'proceed') simulation.clock.setTimer(1_000, () => simulation.start());
      return verdict;
    });
  };

/** How many writes the operator makes in a part when nothing goes wrong. */
async function writesOf(policy: Policy, part: Part): Promise<number> {
  let counted = 0;
  await story(policy, (simulation, now) => {
    if (now !== part && now === 'rename') return;
    simulation.client?.kill();
    simulation.start((call) => {
      if (now === part && call.write !== undefined) counted = call.write + 1;
      return 'proceed';
    });
  });
  return counted;
}

describe('a crash of the operator at any write about targets', function () {
  this.timeout(240_000);

  for (const name of POLICY_NAMES) {
    const policy = POLICIES[name];
    it(`ends in the same state under ${policy.creationPolicy} and ${policy.deletionPolicy}, with no write doubled`, async () => {
      const reference = outcomeOf(
        await story(policy, (simulation, part) => part === 'sync' && simulation.start()),
      );
      let cases = 0;
      for (const part of ['sync', 'rename'] as const) {
        const writes = await writesOf(policy, part);
        for (let n = 0; n < writes; n += 1) {
          for (const when of ['before', 'after'] as const) {
            const title = `${part}, ${when} write ${n}`;
            const simulation = await story(policy, crashing(part, n, when)).catch((error: unknown) => {
              throw new Error(title, { cause: error });
            });
            cases += 1;
            expect(outcomeOf(simulation), title).to.deep.equal(reference);
          }
        }
      }
      expect(cases).to.be.greaterThan(10);
    });
  }
});
