import type { ManagedFields } from '../targets/field-managers.ts';

/**
 * The parts of a Deployment, StatefulSet or DaemonSet that decisions about restarts read. Raw JSON as the API
 * server sends it: everything may be absent, unknown members are ignored.
 */
export interface Workload {
  readonly kind: WorkloadKind;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly ManagedFields[];
  };
  readonly spec?: WorkloadSpec;
  readonly status?: WorkloadStatus;
}

export const WORKLOAD_KINDS = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

export interface WorkloadSpec {
  /** Absent means 1; a DaemonSet has none. */
  readonly replicas?: number;
  /** Deployments only. */
  readonly paused?: boolean;
  /** StatefulSets and DaemonSets; absent means RollingUpdate without a partition. */
  readonly updateStrategy?: {
    readonly type?: string;
    readonly rollingUpdate?: { readonly partition?: number };
  };
  readonly template?: {
    readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
    readonly spec?: PodSpec;
  };
}

/** The server leaves out zeros. */
export interface WorkloadStatus {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly currentRevision?: string;
  readonly updateRevision?: string;
  readonly desiredNumberScheduled?: number;
  readonly updatedNumberScheduled?: number;
  readonly numberAvailable?: number;
  readonly conditions?: readonly {
    readonly type: string;
    readonly status?: string;
    readonly reason?: string;
  }[];
}

export interface PodSpec {
  readonly initContainers?: readonly Container[];
  readonly containers?: readonly Container[];
  readonly volumes?: readonly Volume[];
}

export interface Container {
  readonly env?: readonly { readonly valueFrom?: EnvSource }[];
  readonly envFrom?: readonly { readonly configMapRef?: NameRef; readonly secretRef?: NameRef }[];
  readonly volumeMounts?: readonly VolumeMount[];
}

export interface EnvSource {
  readonly configMapKeyRef?: KeyRef;
  readonly secretKeyRef?: KeyRef;
}

export interface NameRef {
  readonly name?: string;
}

export interface KeyRef extends NameRef {
  readonly key: string;
}

export interface VolumeMount {
  readonly name: string;
  readonly subPath?: string;
  readonly subPathExpr?: string;
}

/** `items` maps keys to file paths; without it every key is a file of its own name. */
export interface KeyItems {
  readonly items?: readonly { readonly key: string; readonly path: string }[];
}

export interface Volume {
  readonly name: string;
  readonly configMap?: NameRef & KeyItems;
  readonly secret?: { readonly secretName?: string } & KeyItems;
  readonly projected?: {
    readonly sources?: readonly {
      readonly configMap?: NameRef & KeyItems;
      readonly secret?: NameRef & KeyItems;
    }[];
  };
}
