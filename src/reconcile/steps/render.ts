import { ok, type Result } from '../../domain/failure.ts';
import { configMapInput, inputHash, secretInput } from '../../domain/hash.ts';
import { previousValue } from '../../domain/previous-value.ts';
import { encodeReferences } from '../../domain/references.ts';
import { checkSize, type PlainValue, renderConfigMap, renderSecret } from '../../domain/render.ts';
import { type DesiredTarget, desiredTarget, type TargetObject } from '../../domain/targets.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';
import type { Fetched } from './fetch.ts';
import type { Resolved } from './resolve.ts';

/** The targets as they should be, Secret first. Pure apart from its inputs. */
export function renderTargets(
  pass: PlannedPass,
  fetched: Fetched,
  resolved: Resolved,
  existing: TargetObject | undefined,
  { hashKey }: Pick<Dependencies, 'hashKey'>,
): Result<readonly DesiredTarget[]> {
  const { plan, namespace, name: binding, uid } = pass;
  const common = { namespace, binding: { name: binding, uid } };
  const targets: DesiredTarget[] = [];
  if (plan.secret !== undefined) {
    const data = renderSecret(resolved.values);
    if (!data.ok) return data;
    const size = checkSize(data.value, `Secret ${plan.secret.name}`);
    if (!size.ok) return size;
    const hash = inputHash(hashKey, secretInput(plan, fetched.tags, resolved.records));
    const { name } = plan.secret;
    const references = encodeReferences(resolved.records);
    targets.push(
      desiredTarget({ ...common, kind: 'Secret', name, data: data.value, inputHash: hash, references }),
    );
  }
  if (plan.configMap !== undefined) {
    const data = renderConfigMap(plainValues(pass, fetched, resolved, existing), plan.configMap.format);
    if (!data.ok) return data;
    const size = checkSize(data.value, `ConfigMap ${plan.configMap.name}`);
    if (!size.ok) return size;
    const hash = inputHash(hashKey, configMapInput(plan, fetched.tags));
    const { name } = plan.configMap;
    targets.push(desiredTarget({ ...common, kind: 'ConfigMap', name, data: data.value, inputHash: hash }));
  }
  return ok(targets);
}

/**
 * What goes into the ConfigMap: every plain value, and for a key that has just become a reference and could not
 * be resolved yet, the plain value it had until now.
 */
function plainValues(
  { plan }: PlannedPass,
  { merged }: Fetched,
  { unresolved }: Resolved,
  existing: TargetObject | undefined,
): ReadonlyMap<string, PlainValue> {
  const values = new Map<string, PlainValue>();
  for (const [key, entry] of merged.entries) {
    if (entry.kind === 'value') values.set(key, entry);
    else if (unresolved.has(key) && existing?.data !== undefined && plan.configMap !== undefined) {
      const before = previousValue(existing.data, key, plan.configMap.format);
      if (before !== undefined) values.set(key, before);
    }
  }
  return values;
}
