import type { Reason } from '../api/reasons.ts';
import {
  blocked,
  cancelled,
  conflict,
  type Failure,
  type Result,
  throttled,
  unavailable,
} from '../domain/failure.ts';
import type { KubernetesError, KubernetesResult, Obstacle } from '../ports/kubernetes.ts';

/** When the API server is overloaded and names no time. */
const DEFAULT_PAUSE_MS = 5_000;

/** What a call was for: goes into messages ("writing ConfigMap shop/orders-config"). */
export function fromKubernetes<T>(result: KubernetesResult<T>, doing: string): Result<T> {
  return result.ok
    ? { ok: true, value: result.value }
    : { ok: false, failure: kubernetesFailure(result.error, doing) };
}

/** The API server's refusals in the operator's own terms. Server messages are never quoted: they may hold data. */
export function kubernetesFailure(error: KubernetesError, doing: string): Failure {
  switch (error.kind) {
    case 'cancelled':
      return cancelled;
    case 'timeout':
      return unavailable('KubernetesUnavailable', `${doing}: the API server did not answer in time`);
    case 'transport':
      return unavailable(
        'KubernetesUnavailable',
        `${doing}: no connection to the API server (${error.code})`,
      );
    case 'status':
      return statusFailure(error, doing);
  }
}

function statusFailure(error: Extract<KubernetesError, { kind: 'status' }>, doing: string): Failure {
  const { code, reason, causes, retryAfterMs } = error;
  const because = (known: Reason, text: string): Failure => blocked(known, `${doing}: ${text}`);
  if (causes.some((cause) => cause.reason === 'NamespaceTerminating')) {
    return because(
      'NamespaceTerminating',
      'the namespace is being deleted; nothing is written into it any more',
    );
  }
  if (error.obstacle !== undefined) return inTheWay(error.obstacle, doing);
  switch (code) {
    case 409:
      return conflict('Conflict', `${doing}: the object was changed meanwhile`);
    case 429:
      return throttled(
        'KubernetesUnavailable',
        `${doing}: the API server is overloaded`,
        retryAfterMs ?? DEFAULT_PAUSE_MS,
      );
    case 403:
      return because(
        'KubernetesDenied',
        'the API server refused; check the roles of the operator and the policies of the namespace',
      );
    case 413:
      return because('TargetTooLarge', 'the object is larger than the API server takes; select fewer keys');
    case 422:
      // A patch whose metadata.uid names a predecessor of the object is answered 422, not 409.
      if (causes.some(({ field }) => field === 'metadata.uid')) {
        return conflict('Conflict', `${doing}: the object was re-created meanwhile`);
      }
      if (causes.some(isTooLong)) return because('TargetTooLarge', TOO_LARGE_TOGETHER);
      return because('KubernetesRejected', `the API server rejected the object${fields(causes)}`);
    case 404:
      return because('KubernetesRejected', 'the object or its namespace does not exist any more');
    default:
      return code >= 500
        ? unavailable(
            'KubernetesUnavailable',
            `${doing}: the API server answered ${code} ${reason}`.trim(),
            retryAfterMs,
          )
        : because('KubernetesRejected', `the API server answered ${code} ${reason}`.trim());
  }
}

/** All data together: kube-apiserver 1.36 names the field `[]` of a ConfigMap and `data` of a Secret. */
const isTooLong = ({ reason, field }: { readonly reason: string; readonly field: string }): boolean =>
  reason === 'FieldValueTooLong' && (field === '[]' || field === 'data');

/** Our own part is measured before it is written: others have the rest. */
const TOO_LARGE_TOGETHER =
  'with what others keep in it the object would hold more than 1 MiB; select fewer keys, or merge into another object';

/** Whatever the code: each kind of obstacle has several. One that does not answer may do so the next time. */
function inTheWay({ kind, name }: Obstacle, doing: string): Failure {
  switch (kind) {
    case 'quota':
      return blocked(
        'KubernetesRejected',
        `${doing}: ResourceQuota ${name} of the namespace is used up; raise it, or remove what is not needed`,
      );
    case 'policy':
      return blocked(
        'KubernetesRejected',
        `${doing}: ValidatingAdmissionPolicy ${name} refused the object; change the policy, or what is selected`,
      );
    case 'webhook':
      return blocked(
        'KubernetesRejected',
        `${doing}: admission webhook ${name} refused the object; change its rules, or what is selected`,
      );
    case 'unreachable-webhook':
      return unavailable(
        'KubernetesUnavailable',
        `${doing}: admission webhook ${name} did not answer; repair it, or exempt the namespace from it`,
      );
  }
}

/** Field paths are of the object's shape; a path into `data` may hold a key name, never a value. */
const fields = (causes: readonly { readonly field: string }[]): string => {
  const names = causes.map(({ field }) => field).filter((field) => field !== '');
  return names.length === 0 ? '' : ` because of ${names.slice(0, 5).join(', ')}`;
};

/** Whether a read failed only because the object does not exist. */
export const isNotFound = (error: KubernetesError): boolean => error.kind === 'status' && error.code === 404;
