import type { Pod } from './types.ts';

/** What plays one pod. It begins when it is made and reports the pod's status by itself. */
export interface PodWorker {
  /** The pod's object changed. */
  readonly update: (pod: Pod) => void;
  /** Ends the pod within the given time; no status is written afterwards. Safe to call again with less time. */
  readonly terminate: (graceMs: number) => Promise<void>;
  /** Process ids of its programs. */
  readonly pids: () => number[];
  /** Signals all its programs. */
  readonly signal: (signal: NodeJS.Signals) => void;
}
