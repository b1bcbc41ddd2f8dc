import type { TargetStatus } from '../../api/schema.ts';
import { conflict, fail, ok, type Result } from '../../domain/failure.ts';
import {
  askedPolicy,
  type DeletionPolicy,
  followedPolicy,
  policyRecord,
} from '../../domain/targets/deletion-policy.ts';
import { type OwnerReference, ownedBy } from '../../domain/targets/ownership.ts';
import { ownerReferences, sameOwners } from '../../domain/targets/target-metadata.ts';
import type { TargetObject } from '../../domain/targets/targets.ts';
import type { Dependencies } from '../dependencies.ts';
import { fromKubernetes, isNotFound } from '../kubernetes-failures.ts';
import type { Memory } from '../memory.ts';
import type { Pass } from '../pass.ts';
import { sameOnServer } from './confirm.ts';
import { putOwners } from './owner-references.ts';
import { readObject } from './read-target.ts';
import { recordTargets } from './record-targets.ts';

/**
 * The targets that there are follow `spec.target.deletionPolicy` before anything is read: what keeps the store from
 * being read, and with it a pass from coming to the targets, must not decide what is deleted with the binding.
 *
 * Guarantees: of what is not ours, and of data, labels and annotations, nothing is touched. The record of what was
 * followed is written last, so that what a crash leaves is done again; without a change of policy nothing is asked.
 * A target that someone else had written counts as written by someone else afterwards, too.
 * Where an older CRD keeps no record, this process remembers what was followed, and the next one follows it once.
 */
export async function followDeletionPolicy<P extends Pass>(
  pass: P,
  deps: Pick<Dependencies, 'kube'>,
): Promise<Result<P>> {
  const { targets = [] } = pass.previous;
  const { memory } = pass;
  const policy = askedPolicy(pass.binding);
  const others = targets.filter((target) => follows(target, memory) !== policy);
  if (policy === undefined || others.length === 0) return ok(pass);
  // What an old copy of the binding asks for may have been taken back.
  const confirmed = await sameOnServer(pass, deps);
  if (!confirmed.ok) return confirmed;
  // Until it is recorded: the spec may go back meanwhile to what is on record.
  memory.policyFollowed = 'unknown';
  const records: TargetStatus[] = [];
  for (const target of targets) {
    const followed = others.includes(target) ? await follow(pass, target, policy, deps) : ok(target);
    if (!followed.ok) return followed;
    records.push(followed.value);
  }
  const recorded = await recordTargets(pass, records, deps);
  if (recorded.ok) noteUnrecorded(recorded.value, policy);
  return recorded;
}

const follows = (target: TargetStatus, { policyFollowed }: Memory): Memory['policyFollowed'] =>
  policyFollowed === 'as recorded' ? followedPolicy(target) : policyFollowed;

/** The API server drops what the CRD does not know: each pass would follow the policy again, for ever. */
function noteUnrecorded({ previous: { targets = [] }, memory, logger }: Pass, policy: DeletionPolicy): void {
  const kept = targets.every((target) => followedPolicy(target) === policy);
  memory.policyFollowed = kept ? 'as recorded' : policy;
  if (kept) return;
  const message =
    'The status did not keep what the targets follow: the CRD is older than the operator. Upgrade the release that owns it.';
  logger.warn(message, { deletionPolicy: policy });
}

/** @returns the record of the target as it then is. */
async function follow(
  pass: Pass,
  record: TargetStatus,
  policy: DeletionPolicy,
  deps: Pick<Dependencies, 'kube'>,
): Promise<Result<TargetStatus>> {
  const { deletionPolicy: _, ...kept } = record;
  const followed: TargetStatus = { ...kept, ...policyRecord(policy) };
  const found = await readObject(pass, record.kind, record.name, deps);
  if (!found.ok) return found;
  if (found.value === undefined || !ownedBy(found.value, pass.uid)) return ok(followed);
  const before = found.value.metadata;
  const wanted = ownerReferences(before.ownerReferences ?? [], {
    binding: pass,
    terms: { deletionPolicy: policy },
  });
  if (sameOwners(before.ownerReferences ?? [], wanted)) return ok(followed);
  const written = await writeOwners(pass, record, found.value, wanted, deps);
  if (!written.ok) return written;
  const asRecorded = before.uid === record.uid && before.resourceVersion === record.resourceVersion;
  const { resourceVersion } = written.value.metadata;
  return ok(asRecorded && resourceVersion !== undefined ? { ...followed, resourceVersion } : followed);
}

async function writeOwners(
  pass: Pass,
  target: TargetStatus,
  found: TargetObject,
  owners: readonly OwnerReference[],
  deps: Pick<Dependencies, 'kube'>,
): Promise<Result<TargetObject>> {
  const { namespace, memory } = pass;
  const { kind, name } = target;
  const put = await putOwners(pass, target, found, owners, deps);
  if (!put.ok && isNotFound(put.error))
    return fail(conflict('Conflict', `${kind} ${namespace}/${name} is gone`));
  // What is remembered of it is of an older version.
  if (kind === 'Secret') memory.secrets.delete(name);
  else if (memory.configMap?.name === name) memory.configMap = undefined;
  return fromKubernetes(put, `changing the owner of ${kind} ${namespace}/${name}`);
}
