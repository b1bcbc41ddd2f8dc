import { emptyStore, replaceStore } from '../../../support/real/stores.ts';
import { CONFIG_MAP, SECRET, type Team } from '../../../support/real/team.ts';
import type { Trouble } from './trouble.ts';

/** 120 settings of 10,000 characters: more than an object of Kubernetes may hold. */
const large = (value: string) => (team: Team) =>
  team.azure.setSettings({
    store: team.store,
    settings: Array.from({ length: 120 }, (_, index) => ({ key: `large-${index}`, value })),
  });

/** What was selected does not fit, or its place is taken. */
export const targetTroubles: readonly Trouble[] = [
  {
    title: 'a key cannot be a key of a ConfigMap',
    reason: 'InvalidKey',
    phase: 'TargetsApplied',
    says: () => ['"bad:key"', 'spec.keys.trimPrefixes'],
    cause: (team) => team.set('bad:key', 'x'),
    cure: ({ azure, store }) => azure.deleteSetting({ store, key: 'bad:key' }),
    rewritten: true,
  },
  {
    title: 'the content does not fit into one object',
    reason: 'TargetTooLarge',
    phase: 'TargetsApplied',
    says: () => [`ConfigMap ${CONFIG_MAP}`, 'select fewer keys'],
    cause: large('x'.repeat(10_000)),
    cure: large('x'),
    rewritten: true,
  },
  {
    title: 'a key has a value and children, which JSON cannot express',
    reason: 'HierarchyConflict',
    phase: 'TargetsApplied',
    spec: () => ({
      target: {
        configMap: { name: CONFIG_MAP, format: 'Json', separator: ':' },
        secret: { name: SECRET },
      },
    }),
    says: () => ['"color"', '"color:dark"'],
    cause: (team) => team.set('color:dark', 'navy'),
    cure: ({ azure, store }) => azure.deleteSetting({ store, key: 'color:dark' }),
    rewritten: true,
  },
  {
    title: 'a ConfigMap of the name of a target belongs to someone else',
    reason: 'TargetNotOwned',
    phase: 'TargetsApplied',
    fromStart: () => ({}),
    spec: () => ({ selectors: [{ key: 'color' }], target: { configMap: { name: CONFIG_MAP } } }),
    says: ({ namespace }) => [`ConfigMap ${namespace}/${CONFIG_MAP} is left alone`, 'another name'],
    cause: ({ namespace, objects }) =>
      objects.create('configmaps', namespace, { metadata: { name: CONFIG_MAP }, data: { mine: 'yes' } }),
    cure: ({ namespace, objects }) => objects.delete('configmaps', namespace, CONFIG_MAP),
  },
  {
    title: 'a Secret of the name of a target belongs to someone else',
    reason: 'TargetNotOwned',
    phase: 'TargetsApplied',
    fromStart: () => ({}),
    says: ({ namespace }) => [`Secret ${namespace}/${SECRET} is left alone`, 'another name'],
    cause: ({ namespace, objects }) =>
      objects.create('secrets', namespace, { metadata: { name: SECRET }, data: { mine: 'eWVz' } }),
    cure: ({ namespace, objects }) => objects.delete('secrets', namespace, SECRET),
  },
  {
    title: 'a Key Vault reference is selected and there is no Secret for it',
    reason: 'SecretTargetMissing',
    phase: 'SecretsResolved',
    fromStart: () => ({}),
    spec: () => ({ target: { configMap: { name: CONFIG_MAP } } }),
    says: () => ['"password"', 'set spec.target.secret.name'],
    cure: ({ azure, store }) => azure.deleteSetting({ store, key: 'password' }),
  },
  {
    title: 'nothing is selected any more',
    reason: 'EmptySelection',
    phase: 'SettingsFetched',
    says: ({ storeHost }) => [storeHost, 'correct spec.selectors', 'spec.allowEmpty: true'],
    cause: emptyStore,
    cure: replaceStore,
    rewritten: true,
  },
];
