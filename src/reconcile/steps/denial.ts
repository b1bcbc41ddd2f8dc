import { firstNames } from '../../domain/first-few.ts';
import type { KubernetesError, Obstacle } from '../../ports/kubernetes.ts';

/** A workload that should have been restarted, and why the API server does not let it be. */
export interface Denied {
  /** `Kind/name`. */
  readonly id: string;
  /** What is in the way, and what to do. */
  readonly why: string;
}

/** Its answer to the patch. Of it only codes, paths of fields and names of obstacles are told. */
export function denialOf(error: KubernetesError): string {
  if (error.kind !== 'status') return 'the patch could not be made';
  const { obstacle, causes, code, reason } = error;
  if (causes.some((cause) => cause.reason === 'NamespaceTerminating'))
    return 'the namespace is being deleted';
  if (obstacle !== undefined) return inTheWay(obstacle);
  if (code === 403) return NO_RIGHT;
  const fields = causes.map(({ field }) => field).filter((field) => field !== '');
  const places = fields.length === 0 ? '' : ` because of ${fields.slice(0, 5).join(', ')}`;
  return `it rejected the change${places} (${code} ${reason}): correct the workload`;
}

/** Something else than the API server and its roles refused it. */
export const isObstructed = (error: KubernetesError): boolean =>
  error.kind === 'status' && error.obstacle !== undefined;

const NO_RIGHT =
  'give the operator the right to patch them (chart value rollouts.enabled), or change what forbids it in the namespace';

const inTheWay = ({ kind, name }: Obstacle): string =>
  `${KINDS[kind]} ${name} is in the way: ${REMEDIES[kind]}`;

const KINDS: Readonly<Record<Obstacle['kind'], string>> = {
  quota: 'ResourceQuota',
  policy: 'ValidatingAdmissionPolicy',
  webhook: 'admission webhook',
  'unreachable-webhook': 'admission webhook',
};
const ALLOW =
  'let it allow the operator to annotate pod templates, or correct the workload if that is what it refuses';
const REMEDIES: Readonly<Record<Obstacle['kind'], string>> = {
  quota: 'raise it',
  policy: ALLOW,
  webhook: ALLOW,
  'unreachable-webhook': 'repair it, or exempt the namespace from it',
};

/** All of them in one sentence, those with the same cause together. */
export function deniedMessage(denied: readonly Denied[]): string {
  const causes = [...new Set(denied.map(({ why }) => why))];
  const told = causes.map((cause) => {
    const ids = denied.filter(({ why }) => why === cause).map(({ id }) => id);
    return `${firstNames(ids, MOST_NAMED)}: ${cause}`;
  });
  return `the API server refused to restart ${told.join('; ')}. Or set spec.rollout.restart: Never`;
}
const MOST_NAMED = 10;
