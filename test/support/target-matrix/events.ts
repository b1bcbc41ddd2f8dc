import { BOTH, OURS, type Outcome, THEIRS } from './outcomes.ts';
import type { Policy, PolicyName } from './policies.ts';
import { PERMITTED, type Stage, type TargetKind } from './stage.ts';

/**
 * The rows of the matrix: what happens, and how it ends under each policy. The reference is generated from this table,
 * and tests execute it on the memory cluster and on a real API server.
 */
export interface Event {
  readonly title: string;
  /** Default: both. */
  readonly kinds?: readonly TargetKind[];
  /** `running`: the binding is Ready before the event. Default: there is no binding yet. */
  readonly from?: 'running';
  readonly happen: (stage: Stage, policy: Policy) => Promise<void>;
  readonly ends: Readonly<Record<PolicyName, Outcome>>;
}

/** The binding is Ready, with the target as it should be. */
export async function begin(stage: Stage, policy: Policy): Promise<void> {
  if (policy.creationPolicy === 'Merge') await stage.make('target', PERMITTED);
  await stage.bind({ ...policy, role: 'target' });
  await stage.until('the binding to be Ready', async () => (await stage.reason()) === 'Synced');
}

/** The same whatever becomes of targets later. */
const alike = (owner: Outcome, merge: Outcome): Event['ends'] => ({
  ownerDelete: owner,
  ownerRetain: owner,
  mergeDelete: merge,
  mergeRetain: merge,
});

const synced = (text: string, target: Outcome['objects']['target']): Outcome => ({
  text,
  reason: 'Synced',
  objects: { target },
});

const refused = (reason: NonNullable<Outcome['reason']>, target: Outcome['objects']['target']): Outcome => ({
  text: `left as it is: \`${reason}\``,
  reason,
  objects: { target },
});

const waits: Outcome = {
  text: 'nothing is created: `MergeTargetMissing`',
  reason: 'MergeTargetMissing',
  objects: { target: undefined },
};

const GREEN = { color: 'green' };

export const EVENTS: readonly Event[] = [
  {
    title: 'no object of that name exists',
    happen: (stage, policy) => stage.bind({ ...policy, role: 'target' }),
    ends: alike(synced('created', OURS), waits),
  },
  {
    title: 'an object of someone else exists, without the label that permits to merge',
    happen: async (stage, policy) => {
      await stage.make('target', {});
      await stage.bind({ ...policy, role: 'target' });
    },
    ends: alike(refused('TargetNotOwned', THEIRS), refused('MergeNotPermitted', THEIRS)),
  },
  {
    title: 'an object of someone else exists, with that label',
    happen: async (stage, policy) => {
      await stage.make('target', PERMITTED);
      await stage.bind({ ...policy, role: 'target' });
    },
    ends: alike(refused('TargetNotOwned', THEIRS), synced('gets the keys of the binding', BOTH)),
  },
  {
    title: 'a key changes in the store',
    from: 'running',
    happen: (stage) => stage.set('color', 'green'),
    ends: alike(synced('written', GREEN), synced('written', { ...THEIRS, ...GREEN })),
  },
  {
    title: 'a key is new in the store, and then gone',
    from: 'running',
    happen: async (stage) => {
      await stage.set('size', 'xl');
      await stage.until('the key', async () => (await stage.look('target'))?.data['size'] === 'xl');
      await stage.set('size', undefined);
    },
    ends: alike(synced('written, and taken out', OURS), synced('written, and taken out', BOTH)),
  },
  {
    title: 'someone changes a key of the binding',
    from: 'running',
    happen: (stage) => stage.edit({ data: { color: 'pink' } }),
    ends: alike(synced('put back', OURS), refused('MergeConflict', { ...THEIRS, color: 'pink' })),
  },
  {
    title: 'someone removes a key of the binding',
    from: 'running',
    happen: (stage) => stage.edit({ data: { color: null } }),
    ends: alike(synced('put back', OURS), synced('put back', BOTH)),
  },
  {
    title: 'someone adds a key',
    from: 'running',
    happen: async (stage) => {
      await stage.edit({ data: { extra: 'x' } });
      // Whatever has become of it by then, this is written over it.
      await stage.set('color', 'green');
    },
    ends: alike(
      synced('the key is taken out', GREEN),
      synced('the key stays', { ...THEIRS, ...GREEN, extra: 'x' }),
    ),
  },
  {
    title: 'someone changes a key of the binding again and again',
    from: 'running',
    happen: fight,
    ends: alike(
      {
        text: 'put back five times at once, then less and less often: `TargetContested`',
        reason: 'TargetContested',
        objects: {},
      },
      refused('MergeConflict', { ...THEIRS, color: 'pink' }),
    ),
  },
  {
    title: 'someone deletes the object',
    from: 'running',
    happen: (stage) => stage.remove(),
    ends: alike(synced('made again', OURS), waits),
  },
  {
    title: 'the permission is taken back, and a key changes in the store',
    from: 'running',
    happen: async (stage) => {
      await stage.edit({ labels: { 'merge.appconfig.dev/orders': null } });
      await stage.set('color', 'green');
    },
    ends: alike(synced('written', GREEN), refused('MergeNotPermitted', BOTH)),
  },
  {
    title: 'another binding names the same object, for other keys',
    from: 'running',
    happen: async (stage, policy) => {
      await stage.setSecond('size', 'xl');
      await stage.bindSecond({ ...policy, role: 'target' });
    },
    ends: alike(
      {
        text: 'the first keeps it; the other says `TargetNotOwned`',
        reason: 'Synced',
        second: 'TargetNotOwned',
        objects: { target: OURS },
      },
      {
        text: 'both merge into it',
        reason: 'Synced',
        second: 'Synced',
        objects: { target: { ...BOTH, size: 'xl' } },
      },
    ),
  },
  {
    title: 'another binding names the same object, and gives a key another value',
    from: 'running',
    happen: async (stage, policy) => {
      await stage.setSecond('color', 'green');
      await stage.bindSecond({ ...policy, role: 'target' });
    },
    ends: alike(
      {
        text: 'the first keeps it; the other says `TargetNotOwned`',
        reason: 'Synced',
        second: 'TargetNotOwned',
        objects: { target: OURS },
      },
      {
        text: 'the first keeps the key; the other says `MergeConflict`',
        reason: 'Synced',
        second: 'MergeConflict',
        objects: { target: BOTH },
      },
    ),
  },
  {
    title: 'the spec names another object',
    from: 'running',
    happen: async (stage, policy) => {
      if (policy.creationPolicy === 'Merge') await stage.make('other', PERMITTED);
      await stage.bind({ ...policy, role: 'other' });
    },
    ends: {
      ownerDelete: {
        text: 'the new one is made, then the old one is deleted',
        reason: 'Synced',
        objects: { other: OURS, target: undefined },
      },
      ownerRetain: {
        text: 'the new one is made; the old one stays',
        reason: 'Synced',
        objects: { other: OURS, target: OURS },
      },
      mergeDelete: {
        text: 'the keys go into the new one, then out of the old one',
        reason: 'Synced',
        objects: { other: BOTH, target: THEIRS },
      },
      mergeRetain: {
        text: 'the keys go into the new one, and stay in the old one',
        reason: 'Synced',
        objects: { other: BOTH, target: BOTH },
      },
    },
  },
  {
    title: 'the part of the spec that names it is removed',
    from: 'running',
    happen: async (stage, policy) => {
      if (policy.creationPolicy === 'Merge') await stage.make('rest', PERMITTED);
      await stage.bind({ ...policy, role: 'rest' });
    },
    ends: {
      ownerDelete: { text: 'deleted', reason: 'Synced', objects: { target: undefined } },
      ownerRetain: { text: 'stays', reason: 'Synced', objects: { target: OURS } },
      mergeDelete: { text: 'the keys are taken out', reason: 'Synced', objects: { target: THEIRS } },
      mergeRetain: { text: 'the keys stay', reason: 'Synced', objects: { target: BOTH } },
    },
  },
  {
    title: 'the type of the Secret changes in the spec',
    kinds: ['Secret'],
    from: 'running',
    happen: (stage, policy) => stage.bind({ ...policy, role: 'target', type: 'example.com/other' }),
    ends: alike(refused('TargetNotOwned', OURS), {
      text: 'the spec is refused: the Secret keeps the type that it has',
      reason: 'InvalidSpec',
      objects: { target: BOTH },
    }),
  },
  {
    title: 'the creation policy changes to the other one',
    from: 'running',
    happen: async (stage, { creationPolicy, deletionPolicy }) => {
      await stage.edit({ labels: PERMITTED });
      const other = creationPolicy === 'Owner' ? 'Merge' : 'Owner';
      await stage.bind({ creationPolicy: other, deletionPolicy, role: 'target' });
    },
    ends: alike(refused('TargetNotOwned', OURS), refused('TargetNotOwned', BOTH)),
  },
  {
    title: 'the binding is deleted',
    from: 'running',
    happen: (stage) => stage.unbind(),
    ends: {
      ownerDelete: { text: 'deleted by the garbage collector', objects: { target: undefined } },
      ownerRetain: { text: 'stays', objects: { target: OURS }, same: true },
      mergeDelete: { text: 'the keys stay', objects: { target: BOTH }, same: true },
      mergeRetain: { text: 'the keys stay', objects: { target: BOTH }, same: true },
    },
  },
  {
    title: 'the binding is deleted and made again, after a change in the store',
    from: 'running',
    happen: async (stage, policy) => {
      await stage.unbind();
      await stage.set('color', 'green');
      await stage.bind({ ...policy, role: 'target' });
    },
    ends: {
      ownerDelete: synced('made anew', GREEN),
      ownerRetain: { ...synced('adopted, and written', GREEN), same: true },
      mergeDelete: { ...synced('the keys are taken over, and written', { ...THEIRS, ...GREEN }), same: true },
      mergeRetain: { ...synced('the keys are taken over, and written', { ...THEIRS, ...GREEN }), same: true },
    },
  },
];

/** Someone wants the key otherwise, whenever it is not so, until the operator says what it makes of that. */
async function fight(stage: Stage): Promise<void> {
  await stage.until('the operator to notice', async () => {
    const reason = await stage.reason();
    if (reason === 'TargetContested' || reason === 'MergeConflict') return true;
    const { data } = (await stage.look('target')) ?? {};
    if (data?.['color'] === 'blue') await stage.edit({ data: { color: 'pink' } });
    return false;
  });
}
