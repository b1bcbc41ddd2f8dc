import { pathOf, type SeenObject } from './objects.ts';
import type { Team } from './team.ts';

/** How many versions each of the team's targets went through, by name. */
export type Steps = Readonly<Record<string, number>>;

export interface StepCounter {
  stop(): Promise<Steps>;
}

/** Watches objects of a namespace from now on and counts their versions; those of others are left out. */
export function countSteps({ namespace, world }: Team, plurals: readonly string[]): StepCounter {
  const versions = new Map<string, Set<string>>();
  const ending = new AbortController();
  const note = (line: string): void => {
    const { object } = JSON.parse(line) as { object: SeenObject };
    const { name, resourceVersion, labels } = object.metadata;
    if (labels?.['appconfig.dev/binding'] === undefined) return;
    versions.set(name, (versions.get(name) ?? new Set()).add(resourceVersion));
  };
  const streams = plurals.map((plural) =>
    world.cluster.api
      .stream(`${pathOf(plural, namespace)}?watch=1`, ending.signal, note)
      .catch(() => undefined),
  );
  return {
    stop: async () => {
      ending.abort();
      await Promise.all(streams);
      return Object.fromEntries([...versions].map(([name, seen]) => [name, seen.size]));
    },
  };
}
