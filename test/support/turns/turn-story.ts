/** Three Deployments, two bindings, and all that may happen to restarts that wait for their turn. */
import fc from 'fast-check';
import type { BindingSpec } from '../../../src/api/schema.ts';
import type { KubernetesObject } from '../../../src/ports/kubernetes.ts';
import { type ClusterCall, DEPLOYMENTS, type Verdict } from '../memory-cluster/index.ts';
import { baseSpec, ENDPOINT, NAMESPACE, Simulation } from '../simulation.ts';
import { type Data, TurnAudit } from './turn-audit.ts';

export const MIN_INTERVAL_MS = 60_000;
export const WORKLOADS = ['one', 'all', 'both'] as const;
type Name = (typeof WORKLOADS)[number];

export type Step =
  | { readonly do: 'set'; readonly key: 'color' | 'size'; readonly value: string }
  | { readonly do: 'refresh' }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'complete' | 'fail' | 'edit' | 'label' | 'undo' | 'replace'; readonly name: Name }
  | {
      readonly do: 'crash';
      readonly write: number;
      readonly when: 'before' | 'after';
      readonly downMs: number;
    }
  | { readonly do: 'lead'; readonly downMs: number }
  | { readonly do: 'refuse'; readonly write: number; readonly code: 409 | 500; readonly applied: boolean }
  | { readonly do: 'watches'; readonly what: 'close' | 'compact' | 'silence' | 'speak' };

const names = fc.constantFrom(...WORKLOADS);
const writes = fc.nat(6);

/** `returns`: content may come back to what it was. */
export const steps = (length: number): fc.Arbitrary<readonly Step[]> =>
  fc.array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant('set' as const),
          key: fc.constantFrom('color' as const, 'size' as const),
          value: fc.integer({ min: 0, max: 99 }).map((n) => `value ${n}`),
        }),
      },
      {
        weight: 5,
        arbitrary: fc.record({
          do: fc.constant('pass' as const),
          ms: fc.constantFrom(300, 2_000, 31_000, 61_000, 200_000),
        }),
      },
      { weight: 4, arbitrary: fc.record({ do: fc.constant('complete' as const), name: names }) },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constantFrom('fail' as const, 'edit' as const, 'label' as const, 'undo' as const),
          name: names,
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('replace' as const), name: names }) },
      { weight: 1, arbitrary: fc.constant({ do: 'refresh' as const }) },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant('crash' as const),
          write: writes,
          when: fc.constantFrom('before' as const, 'after' as const),
          downMs: fc.constantFrom(1_000, 90_000),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ do: fc.constant('lead' as const), downMs: fc.constantFrom(0, 5_000) }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          do: fc.constant('refuse' as const),
          write: writes,
          code: fc.constantFrom(409 as const, 500 as const),
          applied: fc.boolean(),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          do: fc.constant('watches' as const),
          what: fc.constantFrom('close' as const, 'compact' as const, 'silence' as const, 'speak' as const),
        }),
      },
    ),
    { maxLength: length, size: 'max' },
  );

const rollout = { minInterval: '1m', maxConcurrent: 1 };
const specs: Readonly<Record<'orders' | 'second', BindingSpec>> = {
  orders: { ...baseSpec, target: { configMap: { name: 'orders-config' } }, rollout },
  second: {
    ...baseSpec,
    selectors: [{ key: 'size' }],
    target: { configMap: { name: 'second-config' } },
    rollout,
  },
};

const envFrom = (...maps: readonly string[]) => ({
  containers: [{ name: 'app', image: 'app:1', envFrom: maps.map((name) => ({ configMapRef: { name } })) }],
});
const pods: Readonly<Record<Name, object>> = {
  one: {
    containers: [
      {
        name: 'app',
        image: 'app:1',
        env: [{ name: 'C', valueFrom: { configMapKeyRef: { name: 'orders-config', key: 'color' } } }],
      },
    ],
  },
  all: envFrom('orders-config'),
  both: envFrom('orders-config', 'second-config'),
};

function reads(name: string, configMap: (name: string) => Data): string {
  const text = (data: Data) => JSON.stringify(Object.entries(data).sort());
  if (name === 'one') return String(configMap('orders-config')['color']);
  if (name === 'all') return text(configMap('orders-config'));
  return text(configMap('orders-config')) + text(configMap('second-config'));
}

interface Planned {
  left: number;
  readonly verdict: Exclude<Verdict, 'proceed'>;
  readonly downMs: number;
}

export class TurnStory {
  readonly simulation = new Simulation();
  readonly audit = new TurnAudit(this.simulation.cluster, () => this.simulation.clock.now(), {
    reads,
    minIntervalMs: MIN_INTERVAL_MS,
    maxConcurrent: 1,
  });
  crashes = 0;
  changes = 0;
  readonly #planned: Planned[] = [];
  readonly #templates = new Map<Name, object[]>();
  #edits = 0;

  /** Two bindings and three Deployments at rest, with everything recorded. */
  async begin(): Promise<void> {
    const { simulation } = this;
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    simulation.azure.set(ENDPOINT, { key: 'size', value: 'L' });
    for (const name of WORKLOADS) await simulation.addDeployment(name, pods[name]);
    for (const [name, spec] of Object.entries(specs)) await simulation.apply(spec, name);
    this.#start();
    for (const name of Object.keys(specs)) await simulation.untilReady(name);
    await simulation.clock.advance(120_000);
    this.audit.look();
  }

  async run(step: Step): Promise<void> {
    await this.#apply(step);
    await this.#advance(step.do === 'pass' ? step.ms : 50);
  }

  /** Everything is mended, and rollouts complete. */
  async heal(): Promise<void> {
    const { cluster } = this.simulation;
    this.#planned.length = 0;
    cluster.silenceWatches(false);
    this.simulation.client?.kill();
    this.#start();
    for (let round = 0; round < 40; round += 1) {
      for (const name of WORKLOADS) await this.#complete(name);
      await this.#advance(20_000);
    }
  }

  /** Looks often enough that each restart is judged by the content of its time. */
  async #advance(ms: number): Promise<void> {
    const { clock } = this.simulation;
    const until = clock.now() + ms;
    while (clock.now() < until) {
      await clock.advance(Math.min(500, until - clock.now()));
      this.audit.look();
    }
  }

  #start(): void {
    if (this.simulation.client !== undefined) this.audit.mayDouble.add('both');
    this.simulation.start((call) => this.#verdict(call));
  }

  #verdict({ write }: ClusterCall): Verdict {
    const [next] = this.#planned;
    if (write === undefined || next === undefined) return 'proceed';
    if (next.left > 0) {
      next.left -= 1;
      return 'proceed';
    }
    this.#planned.shift();
    this.audit.mayDouble.add('both');
    if (next.verdict.kind === 'crash') {
      this.crashes += 1;
      const dead = this.simulation.client;
      this.simulation.clock.setTimer(next.downMs, () => {
        if (this.simulation.client === dead) this.#start();
      });
    }
    return next.verdict;
  }

  async #apply(step: Step): Promise<void> {
    const { simulation } = this;
    const { azure, cluster, clock } = simulation;
    switch (step.do) {
      case 'set':
        this.changes += 1;
        return azure.set(ENDPOINT, { key: step.key, value: step.value });
      case 'refresh':
        this.#edits += 1;
        for (const [name, spec] of Object.entries(specs))
          await simulation.apply(spec, name, { 'appconfig.dev/refresh': String(this.#edits) });
        return;
      case 'pass':
        return;
      case 'complete':
        return this.#complete(step.name);
      case 'fail':
        return this.#fail(step.name);
      case 'edit':
      case 'label':
      case 'undo':
      case 'replace':
        return this.#edit(step.name, step.do);
      case 'crash':
        this.#planned.push({
          left: step.write,
          verdict: { kind: 'crash', when: step.when },
          downMs: step.downMs,
        });
        return;
      case 'lead': {
        simulation.client?.kill();
        const dead = simulation.client;
        if (step.downMs === 0) return this.#start();
        clock.setTimer(step.downMs, () => {
          if (simulation.client === dead) this.#start();
        });
        return;
      }
      case 'refuse': {
        const reason = step.code === 409 ? 'Conflict' : 'InternalError';
        const error = { kind: 'status', code: step.code, reason, causes: [] } as const;
        const applied = step.code === 500 && step.applied;
        this.#planned.push({ left: step.write, verdict: { kind: 'fail', error, applied }, downMs: 0 });
        return;
      }
      case 'watches':
        if (step.what === 'compact') cluster.compact();
        if (step.what === 'close' || step.what === 'compact') cluster.closeWatches();
        else cluster.silenceWatches(step.what === 'silence');
    }
  }

  async #complete(name: Name): Promise<void> {
    const ref = { type: DEPLOYMENTS, namespace: NAMESPACE, name };
    const { admin } = this.simulation.cluster;
    if (this.simulation.deployment(name)?.status?.conditions !== undefined)
      await admin.mergePatch(ref, { status: { conditions: null } }, { subresource: 'status' });
    await this.simulation.completeRollouts(name);
  }

  /** Only what rolls out can fail. */
  async #fail(name: Name): Promise<void> {
    const deployment = this.simulation.deployment(name);
    const { generation } = deployment?.metadata ?? {};
    if (deployment?.status?.observedGeneration === generation) return;
    const conditions = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }];
    const status = { observedGeneration: generation, updatedReplicas: 1, availableReplicas: 0, conditions };
    const ref = { type: DEPLOYMENTS, namespace: NAMESPACE, name };
    await this.simulation.cluster.admin.mergePatch(ref, { status }, { subresource: 'status' });
  }

  /** By others, as kubectl and tools that apply from Git do. */
  async #edit(name: Name, how: 'edit' | 'label' | 'undo' | 'replace'): Promise<void> {
    const { admin } = this.simulation.cluster;
    const ref = { type: DEPLOYMENTS, namespace: NAMESPACE, name };
    const object = this.simulation.deployment(name);
    const template = object?.spec?.template;
    if (object === undefined || template === undefined) return;
    const past = this.#templates.get(name) ?? [];
    this.#edits += 1;
    const version = String(this.#edits);
    if (how === 'label') {
      await admin.mergePatch(ref, { metadata: { labels: { version } } });
      return;
    }
    this.#templates.set(name, [...past, template]);
    if (how === 'edit')
      await admin.mergePatch(ref, { spec: { template: { metadata: { labels: { version } } } } });
    else {
      const bare = { metadata: { labels: { app: name } }, spec: pods[name] };
      const other = how === 'undo' ? (past.at(-1) ?? bare) : bare;
      await admin.update(DEPLOYMENTS, {
        ...object,
        spec: { ...object.spec, template: other },
      } as KubernetesObject);
    }
  }
}
