import type { KubernetesResult } from '../../ports/kubernetes.ts';
import type { HttpRequest } from './exchange.ts';

/** What a call is, for the metric: never a namespace or a name. */
export interface CallLabel {
  readonly verb: string;
  readonly resource: string;
}

/** Sends one request, counts it and checks that its answer is an object. */
export type Call = <T>(
  label: CallLabel,
  request: HttpRequest,
  signal: AbortSignal | undefined,
) => Promise<KubernetesResult<T>>;
