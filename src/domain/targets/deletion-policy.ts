import { DEFAULTS } from '../../api/defaults.ts';
import type { AppConfigBinding, TargetStatus } from '../../api/schema.ts';
import type { TargetTerms } from './plan-targets.ts';

/** What becomes of targets when their binding goes: what the spec asks for, and what the status records of each. */
export type DeletionPolicy = TargetTerms['deletionPolicy'];

/** Of any spec, one that cannot be planned too. Undefined: it was let in unchecked and names nothing that is known. */
export function askedPolicy({ spec }: Pick<AppConfigBinding, 'spec'>): DeletionPolicy | undefined {
  const target: unknown = spec?.target;
  if (typeof target !== 'object' || target === null) return undefined;
  const asked: unknown = Reflect.get(target, 'deletionPolicy') ?? DEFAULTS.deletionPolicy;
  return asked === 'Retain' || asked === 'Delete' ? asked : undefined;
}

/** What the owner references of a target followed when it was last looked at. */
export const followedPolicy = ({ deletionPolicy }: TargetStatus): DeletionPolicy =>
  deletionPolicy ?? DEFAULTS.deletionPolicy;

/** For a record; nothing for the default. */
export const policyRecord = (policy: DeletionPolicy): Pick<TargetStatus, 'deletionPolicy'> =>
  policy === 'Retain' ? { deletionPolicy: policy } : {};
