import type { ObjectRef } from './kubernetes.ts';

export interface EventToRecord {
  readonly regarding: ObjectRef & { readonly uid: string; readonly resourceVersion?: string };
  readonly type: 'Normal' | 'Warning';
  /** One of the closed list in `api/reasons.ts`. */
  readonly reason: string;
  /** What the operator was doing, PascalCase. */
  readonly action: string;
  /** At most 1,024 bytes of UTF-8; longer notes are cut. */
  readonly note: string;
}

/** Kubernetes events. Recording never fails a reconcile: a lost event is logged and counted. */
export interface EventRecorder {
  record(event: EventToRecord): void;
}
