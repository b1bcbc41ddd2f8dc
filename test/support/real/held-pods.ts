import type { SeenObject } from './objects.ts';
import type { Team } from './team.ts';
import { BEHAVIOUR, type ReaderOptions, seen } from './workloads.ts';

/** Of a workload whose pods become ready only when they are let: its rollouts last as long as a test wants. */
export const HELD: ReaderOptions = { behaviour: 'never-ready' };
const READY = { metadata: { annotations: { [BEHAVIOUR]: 'ready' } } };

/** Lets the pods that a Deployment has, or is about to get, become ready, until its rollout is complete. */
export const letReady = (team: Team, app: string): Promise<true> =>
  team.until(`the rollout of ${app} to be complete`, async () => {
    const { objects, namespace } = team;
    const pods = await objects.list<SeenObject>('pods', namespace);
    const waiting = pods.filter(
      ({ metadata: { labels, annotations } }) =>
        labels?.['app'] === app && annotations?.[BEHAVIOUR] !== 'ready',
    );
    for (const { metadata } of waiting) await objects.patch('pods', namespace, metadata.name, READY);
    const { metadata, status } = await seen(team, 'Deployment', app);
    const { observedGeneration, replicas, updatedReplicas, availableReplicas } = status ?? {};
    const counts = [replicas, updatedReplicas, availableReplicas];
    return observedGeneration === metadata.generation && counts.every((count) => count === 1);
  });
