import type { Replica } from '../domain/store/replicas.ts';

export interface FoundReplicas {
  /** As DNS has them: of any case and domain, with or without a final dot, in any number. */
  readonly replicas: readonly Replica[];
  /** False when a question had no answer: there may be more. */
  readonly complete: boolean;
}

/** Where else a store is served. */
export interface ReplicaFinder {
  /** Never rejects; what was found until `signal` aborted counts. */
  findReplicas(host: string, signal: AbortSignal): Promise<FoundReplicas>;
}
