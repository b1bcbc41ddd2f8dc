import type { Reason } from '../../../src/api/reasons.ts';
import type { BindingSpec } from '../../../src/api/schema.ts';
import type { SeenData } from '../real/objects.ts';
import type { Team } from '../real/team.ts';
import type { Role, Stage, TargetKind } from './stage.ts';
import { decoded, encoded, kindOf, NAMES, targetOf } from './wishes.ts';

/** Settings of the second binding carry this label. */
const SECOND = 'second';
/** Shows when the garbage collector has been there. */
const WITNESS = 'witness';
/** It learns of a new kind only half a minute after the cluster has started. */
const GARBAGE_MS = 120_000;

const pluralOf = (kind: TargetKind): string => (kind === 'ConfigMap' ? 'configmaps' : 'secrets');

/** A stage on a real API server, with the real operator. */
export function realStage(kind: TargetKind, team: Team): Stage {
  const { namespace, objects, azure, store } = team;
  const place = (role: Role) => [pluralOf(kindOf(kind, role)), namespace, NAMES[role]] as const;
  const read = (role: Role) => objects.get<SeenData>(...place(role));
  let refused = false;

  /** A spec that admission refuses is no failure of the test. */
  const apply = async (spec: BindingSpec, name?: string): Promise<void> => {
    refused = false;
    await team.apply(spec, name).catch((error: unknown) => {
      if (!String(error).includes('is invalid')) throw error;
      refused = true;
    });
  };
  return {
    kind,
    async set(key, value) {
      if (value === undefined) await azure.deleteSetting({ store, key });
      else await team.set(key, value);
    },
    async setSecond(key, value) {
      await team.set(key, value, SECOND);
    },
    bind: (wish) => apply(team.spec({ target: targetOf(kind, wish) })),
    bindSecond: (wish) =>
      apply(team.spec({ selectors: [{ key: '*', label: SECOND }], target: targetOf(kind, wish) }), SECOND),
    async unbind() {
      const owner = await team.binding();
      const { uid = '', name = '' } = owner?.metadata ?? {};
      const ownerReferences = [{ apiVersion: 'appconfig.dev/v1alpha1', kind: 'AppConfigBinding', name, uid }];
      await objects.create('configmaps', namespace, { metadata: { name: WITNESS, ownerReferences } });
      await objects.delete('appconfigbindings', namespace, name);
      await team.until(
        'the garbage collector',
        async () => (await objects.get('configmaps', namespace, WITNESS)) === undefined,
        GARBAGE_MS,
      );
    },
    async make(role, labels) {
      const [plural, , name] = place(role);
      const data = encoded(kindOf(kind, role), { theirs: '1' });
      await objects.create(plural, namespace, { metadata: { name, labels }, data });
    },
    async edit({ data, labels }) {
      await objects.patch(...place('target'), {
        ...(data === undefined ? {} : { data: encoded(kind, data) }),
        ...(labels === undefined ? {} : { metadata: { labels } }),
      });
    },
    remove: () => objects.delete(...place('target')),
    async look(role) {
      const found = await read(role);
      if (found === undefined) return undefined;
      return { uid: found.metadata.uid, data: decoded(kindOf(kind, role), found.data) };
    },
    async reason(name = 'orders') {
      if (refused) return 'InvalidSpec';
      const binding = await team.binding(name);
      const ready = binding?.status?.conditions?.find(({ type }) => type === 'Ready');
      const current = ready?.observedGeneration === binding?.metadata.generation;
      return current ? (ready?.reason as Reason | undefined) : undefined;
    },
    async until(what, condition) {
      await team.until(what, condition);
    },
  };
}
