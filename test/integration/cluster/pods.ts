import type { Cluster } from '../../../dev/cluster/cluster.ts';
import { until } from '../../../dev/cluster/wait.ts';

/** The parts of a Pod that the tests look at. */
export interface SeenPod {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly status: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly startTime?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly lastTransitionTime?: string;
    }[];
    readonly containerStatuses?: readonly {
      readonly ready: boolean;
      readonly restartCount: number;
      readonly state: {
        readonly waiting?: { readonly reason: string; readonly message: string };
        readonly running?: object;
      };
      readonly lastState: { readonly terminated?: { readonly exitCode: number } };
    }[];
  };
}

/** Pods of an app, by its label. */
export async function podsOf(cluster: Cluster, app: string): Promise<readonly SeenPod[]> {
  const path = `/api/v1/namespaces/default/pods?labelSelector=app%3D${app}`;
  const { body } = await cluster.api.request<{ items: readonly SeenPod[] }>('GET', path);
  return body.items;
}

/** Waits until the only pod of an app satisfies a condition, and returns it. */
export function podWhere(
  cluster: Cluster,
  app: string,
  what: string,
  holds: (pod: SeenPod) => boolean,
): Promise<SeenPod> {
  return until(async () => (await podsOf(cluster, app)).find(holds), {
    what: `pod of ${app}: ${what}`,
    deadlineMs: 60_000,
  });
}

/** Whether the pod's Ready condition is True. */
export function isReady({ status }: SeenPod): boolean {
  return status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
}

/** Since when the pod's Ready condition stands as it does; milliseconds since 1970, of whole seconds. */
export function readySince({ status }: SeenPod): number {
  return Date.parse(status.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? '');
}

/** When the pod started, as `readySince`. */
export function startOf({ status }: SeenPod): number {
  return Date.parse(status.startTime ?? '');
}

/** Why the pod's first container waits. */
export function waitingReason({ status }: SeenPod): string | undefined {
  return status.containerStatuses?.[0]?.state.waiting?.reason;
}

/** How often the pod's first container was restarted. */
export function restarts({ status }: SeenPod): number {
  return status.containerStatuses?.[0]?.restartCount ?? 0;
}
