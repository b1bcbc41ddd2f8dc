import type { TargetObject } from '../../../src/domain/targets/targets.ts';
import type { KubernetesObject, ObjectRef } from '../../../src/ports/kubernetes.ts';
import { CONFIG_MAPS, SECRETS } from '../memory-cluster/index.ts';
import { baseSpec, ENDPOINT, NAMESPACE, Simulation } from '../simulation.ts';
import type { Role, Stage, TargetKind, Wish } from './stage.ts';
import { decoded, encoded, kindOf, NAMES, targetOf } from './wishes.ts';

/** Settings of the second binding carry this label. */
const SECOND = 'second';

/** A stage on the memory cluster. */
export function simulatedStage(kind: TargetKind): Stage {
  const simulation = new Simulation();
  const { azure, cluster } = simulation;
  simulation.start();

  const refOf = (role: Role): ObjectRef => ({
    type: kindOf(kind, role) === 'ConfigMap' ? CONFIG_MAPS : SECRETS,
    namespace: NAMESPACE,
    name: NAMES[role],
  });
  const read = (role: Role) => cluster.read<TargetObject & KubernetesObject>(refOf(role));
  const patchTarget = async (patch: object): Promise<void> => {
    await cluster.admin.mergePatch(refOf('target'), patch);
  };
  return {
    kind,
    async set(key, value) {
      if (value === undefined) azure.delete(ENDPOINT, key);
      else azure.set(ENDPOINT, { key, value });
    },
    async setSecond(key, value) {
      azure.set(ENDPOINT, { key, value, label: SECOND });
    },
    bind: (wish) => simulation.apply({ ...baseSpec, target: targetOf(kind, wish) }),
    bindSecond: (wish: Wish) =>
      simulation.apply(
        { ...baseSpec, selectors: [{ key: '*', label: SECOND }], target: targetOf(kind, wish) },
        SECOND,
      ),
    async unbind() {
      await simulation.deleteBinding();
      await simulation.clock.advance(60_000);
    },
    async make(role, labels) {
      const { type, name, namespace = '' } = refOf(role);
      const data = encoded(kindOf(kind, role), { theirs: '1' });
      const object: KubernetesObject & { data: object } = { metadata: { name, namespace, labels }, data };
      await cluster.admin.create(type, object);
    },
    edit: ({ data, labels }) =>
      patchTarget({
        ...(data === undefined ? {} : { data: encoded(kind, data) }),
        ...(labels === undefined ? {} : { metadata: { labels } }),
      }),
    async remove() {
      await cluster.admin.delete(refOf('target'));
    },
    async look(role) {
      const found = read(role);
      if (found === undefined) return undefined;
      return { uid: found.metadata.uid ?? '', data: decoded(kindOf(kind, role), found.data) };
    },
    async reason(binding = 'orders') {
      const ready = simulation.condition('Ready', binding);
      const current = ready?.observedGeneration === simulation.binding(binding)?.metadata.generation;
      return current ? ready?.reason : undefined;
    },
    async until(what, condition) {
      for (let seconds = 0; seconds < 3_600; seconds += 1) {
        if (await condition()) return;
        await simulation.clock.advance(1_000);
      }
      const status = JSON.stringify(simulation.binding()?.status?.conditions, null, 1);
      const objects = (['target', 'other', 'rest'] as const).map((role) => JSON.stringify(read(role)));
      throw new Error(`waited in vain for ${what}\n${status}\n${objects.join('\n')}`);
    },
  };
}
