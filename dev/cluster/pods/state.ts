/** What one container is doing; shapes follow `status.containerStatuses` of a Pod. */
export type ContainerState =
  | { readonly kind: 'waiting'; readonly reason: string; readonly message: string }
  | {
      readonly kind: 'running';
      readonly startedAt: string;
      readonly started: boolean;
      readonly ready: boolean;
    }
  | ({ readonly kind: 'terminated' } & Termination);

/** How a container ended; times as RFC 3339. */
export interface Termination {
  readonly exitCode: number;
  readonly reason: 'Completed' | 'Error';
  readonly startedAt: string;
  readonly finishedAt: string;
}

/** A container with its history. */
export interface ContainerReport {
  readonly name: string;
  readonly image: string;
  readonly restartCount: number;
  readonly state: ContainerState;
  readonly lastTermination?: Termination;
}

/** What the kubelet would report of a pod. */
export interface PodReport {
  readonly podIp: string;
  readonly hostIp: string;
  readonly startTime: string;
  readonly containers: readonly ContainerReport[];
}

/** The time now, as Kubernetes writes it. */
export function timestamp(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}
