import { expect } from 'chai';
import fc from 'fast-check';
import type { RestartRecord } from '../../src/api/schema.ts';
import type { Workload } from '../../src/domain/rollouts/workload.ts';
import type { KubernetesObject } from '../../src/ports/kubernetes.ts';
import { DEPLOYMENTS, SECRETS } from '../support/memory-cluster/index.ts';
import { leakFree } from '../support/ordeal/audit.ts';
import { KEY_SECRET, Ordeal } from '../support/ordeal/ordeal.ts';
import { type Step, steps } from '../support/ordeal/steps.ts';
import { NAMESPACE, Simulation } from '../support/simulation.ts';

/**
 * Whatever happens, in whatever order: once everything that is broken is mended and time has passed, the cluster is
 * as if only its final state had ever been. CONVERGENCE_RUNS and CONVERGENCE_SEED choose how many stories are told
 * and which.
 */

const RUNS = Number(process.env['CONVERGENCE_RUNS'] ?? 100);
// New stories on every run of a developer; the same ones in CI (`support/seed.ts`).
const SEED = Number(process.env['CONVERGENCE_SEED'] ?? fc.readConfigureGlobal().seed ?? Date.now() % 2 ** 31);
const PATH = process.env['CONVERGENCE_PATH'];
const MAX_STEPS = Number(process.env['CONVERGENCE_STEPS'] ?? 24);

/** A new cluster that only ever saw how the ordeal ended. */
async function freshCopy({ simulation }: Ordeal): Promise<Simulation> {
  const copy = new Simulation(simulation.azure);
  const key = simulation.cluster.read<KubernetesObject & { data: object }>(KEY_SECRET);
  if (key)
    copy.cluster.seed(SECRETS, {
      metadata: { namespace: 'appconfig-system', name: KEY_SECRET.name },
      data: key.data,
    } as KubernetesObject);
  await copy.labelNamespace(simulation.namespaceEnvironment);
  for (const name of ['web', 'worker', 'viewer']) {
    const deployment = simulation.deployment(name);
    if (!deployment) continue;
    copy.cluster.seed(DEPLOYMENTS, {
      metadata: { namespace: NAMESPACE, name, annotations: deployment.metadata.annotations ?? {} },
      spec: withoutMarkers(deployment),
    } as KubernetesObject);
  }
  for (const name of ['orders', 'second']) {
    const binding = simulation.binding(name);
    if (binding?.spec) await copy.apply(binding.spec, name, { ...binding.metadata.annotations });
  }
  copy.start();
  for (let minute = 0; minute < 12; minute += 1) {
    for (const name of ['web', 'worker', 'viewer'])
      if (copy.deployment(name)) await copy.completeRollouts(name);
    await copy.clock.advance(60_000);
  }
  return copy;
}

function withoutMarkers({ spec }: Workload): object {
  const { metadata, ...template } = spec?.template ?? {};
  const annotations = Object.fromEntries(
    Object.entries(metadata?.annotations ?? {}).filter(([name]) => !name.startsWith('rollout.')),
  );
  return { ...spec, template: { ...template, metadata: { ...metadata, annotations } } };
}

/** What must not depend on the way there. */
function outcome(simulation: Simulation) {
  const targets = ['orders-config', 'other-config', 'second-config'].map(
    (name) => simulation.configMap(name)?.data ?? null,
  );
  const secrets = ['orders-secrets', 'other-secrets', 'second-secrets'].map((name) => [
    simulation.secret(name) === undefined,
    simulation.secretData(name),
  ]);
  const bindings = ['orders', 'second'].map((name) => {
    const {
      conditions,
      sources,
      flagSources,
      targets: places,
      rollouts,
      restarts,
      lastChangeTime: _,
      ...rest
    } = simulation.binding(name)?.status ?? {};
    return {
      ...rest,
      conditions: conditions?.map(({ type, status, reason, message, observedGeneration }) => [
        type,
        status,
        reason,
        message,
        observedGeneration === simulation.binding(name)?.metadata['generation'],
      ]),
      sources: sources?.map(({ selector, settings }) => [selector, settings]),
      flagSources: flagSources?.map(({ selector, flags }) => [selector, flags]),
      targets: places?.map(({ kind, name: place, keys }) => [kind, place, keys]),
      rollouts: rollouts?.map(({ kind, name: workload, phase }) => [kind, workload, phase]),
      restarts: optedIn(simulation, restarts),
      observedGeneration: rest.observedGeneration === simulation.binding(name)?.metadata['generation'],
    };
  });
  return { targets, secrets, bindings };
}

/** Those that opted out keep what they were recorded with; which marker a template had then is history. */
const optedIn = (simulation: Simulation, restarts: Readonly<Record<string, RestartRecord>> = {}) =>
  Object.fromEntries(
    Object.entries(restarts)
      .filter(([id]) => {
        const annotations = simulation.deployment(id.split('/')[1] ?? '')?.metadata.annotations;
        return annotations?.['appconfig.dev/restart'] !== 'false';
      })
      .map(([id, { keyId, usageHash, contentHash }]) => [id, [keyId, usageHash, contentHash]]),
  );

/** Paths at which two outcomes differ, with both values. */
function differences(a: unknown, b: unknown, path = ''): string[] {
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return [`${path}: ${JSON.stringify(a)} | ${JSON.stringify(b)}`];
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].flatMap((name) =>
    differences(Reflect.get(a, name), Reflect.get(b, name), `${path}.${name}`),
  );
}

const statistics = { stories: 0, steps: 0, restarts: 0, writes: 0 };

async function story(happens: readonly Step[]): Promise<void> {
  const ordeal = new Ordeal();
  const { simulation } = ordeal;
  await ordeal.begin();
  for (const step of happens) await ordeal.run(step);
  await ordeal.heal();
  const written = simulation.cluster.changes().length;
  await simulation.clock.advance(600_000);
  expect(simulation.cluster.changes().slice(written), 'writes at rest').to.deep.equal([]);
  const differs = differences(outcome(simulation), outcome(await freshCopy(ordeal)));
  expect(differs.join('\n'), 'after the story | from its end alone').to.equal('');
  const optedOut = (name: string) =>
    simulation.deployment(name.split('/').at(-1) ?? '')?.metadata.annotations?.['appconfig.dev/restart'] ===
    'false';
  expect(
    ordeal.audit.outdated().filter((name) => !optedOut(name)),
    'pods with old content',
  ).to.deep.equal([]);
  leakFree(simulation.events, 'an event');
  leakFree(simulation.logger.lines, 'the log');
  leakFree([...simulation.metrics.values.keys()], 'a metric');
  statistics.stories += 1;
  statistics.steps += happens.length;
  statistics.restarts += ordeal.audit.restarts;
  statistics.writes += written;
}

describe('after any story', function () {
  this.timeout(0);

  it('the cluster is as if only its end had been', async () => {
    await fc.assert(fc.asyncProperty(steps(MAX_STEPS), story), {
      numRuns: RUNS,
      seed: SEED,
      ...(PATH === undefined ? {} : { path: PATH }),
      endOnFailure: process.env['CONVERGENCE_SHRINK'] !== '1',
    });
    process.stdout.write(`      seed ${SEED}: ${JSON.stringify(statistics)}\n`);
  });
});
