import {
  contentOf,
  missingKeys,
  schemaIn,
  separatorOf,
  unchecked,
  unusable,
  violated,
} from '../../domain/content/gate.ts';
import type { PlannedSchema } from '../../domain/content/plan-gate.ts';
import { blocked, conflict, type Failure, fail, ok, type Result } from '../../domain/failure.ts';
import type { TargetObject } from '../../domain/targets/targets.ts';
import type { KubernetesObject } from '../../ports/kubernetes.ts';
import type { Dependencies } from '../dependencies.ts';
import { CONFIG_MAP } from '../kinds.ts';
import { fromKubernetes, isNotFound } from '../kubernetes-failures.ts';
import type { PlannedPass } from '../pass.ts';
import type { Fetched } from './fetch.ts';
import type { Resolved } from './outcome.ts';

/**
 * The gate before the targets: content that does not pass is not written, and everything stays as it was.
 *
 * The version of a schema's ConfigMap is part of what decides the targets: after a change of it they are no longer
 * what they should be, and the content is checked again.
 */
type FromConfigMap = Extract<PlannedSchema, { kind: 'configMap' }>;

/** The plan with the version of the ConfigMap that holds the schema, looked at once per refresh interval. */
export async function withSchemaVersion(
  pass: PlannedPass,
  deps: Pick<Dependencies, 'kube'>,
): Promise<Result<PlannedPass>> {
  const { gate } = pass.plan;
  if (gate?.schema?.kind !== 'configMap') return ok(pass);
  const { schema } = gate;
  const { memory, now } = pass;
  const known = memory.schema;
  const isFresh =
    known?.name === schema.name && now < known.seenAt + pass.plan.refreshIntervalMs && !pass.refreshRequested;
  const version = isFresh ? ok(known.version) : await versionOf(pass, schema, deps);
  if (!version.ok) return version;
  if (!isFresh) memory.schema = { name: schema.name, version: version.value, seenAt: now };
  const seen = { ...schema, version: version.value };
  return ok({ ...pass, plan: { ...pass.plan, gate: { ...gate, schema: seen } } });
}

async function versionOf(
  pass: PlannedPass,
  schema: FromConfigMap,
  deps: Pick<Dependencies, 'kube'>,
): Promise<Result<string>> {
  const found = await read(pass, schema, true, deps);
  return found.ok ? ok(versionIn(found.value)) : found;
}

const versionIn = ({ metadata: { uid = '', resourceVersion = '' } }: KubernetesObject): string =>
  `${uid}/${resourceVersion}`;

async function read(
  { namespace, signal }: PlannedPass,
  { name }: FromConfigMap,
  metadataOnly: boolean,
  { kube }: Pick<Dependencies, 'kube'>,
): Promise<Result<TargetObject & KubernetesObject>> {
  const ref = { type: CONFIG_MAP, namespace, name };
  const found = await kube.get<TargetObject & KubernetesObject>(ref, { metadataOnly, signal });
  if (!found.ok && isNotFound(found.error))
    return fail(
      blocked(
        'SchemaNotFound',
        `ConfigMap ${namespace}/${name} does not exist: create it, or correct spec.validate.schema.configMap`,
      ),
    );
  return fromKubernetes(found, `reading ConfigMap ${namespace}/${name}`);
}

/** Whether what was read may be written. Keys without a value count as given; a schema does not see them. */
export async function passGate(
  pass: PlannedPass,
  { merged: { entries } }: Fetched,
  resolved: Resolved,
  deps: Pick<Dependencies, 'kube' | 'schemas'>,
): Promise<Result<undefined>> {
  const { gate } = pass.plan;
  if (gate === undefined) return ok(undefined);
  const missing = missingKeys(entries, resolved.values, gate.requiredKeys);
  if (missing !== undefined) return fail(missing);
  if (gate.schema === undefined) return ok(undefined);
  const content = contentOf(entries, resolved.values, pass.plan);
  if (!content.ok) return content;
  const schema = await textOf(pass, gate.schema, deps);
  if (!schema.ok) return schema;
  const failure = await checked(pass, schema.value, content.value, deps);
  return failure === undefined ? ok(undefined) : fail(failure);
}

async function textOf(
  pass: PlannedPass,
  schema: PlannedSchema,
  deps: Pick<Dependencies, 'kube'>,
): Promise<Result<string>> {
  if (schema.kind === 'inline') return ok(schema.text);
  const found = await read(pass, schema, false, deps);
  if (!found.ok) return found;
  if (versionIn(found.value) === schema.version) return schemaIn(found.value.data, schema);
  // The hash of the targets would name another version than the one that was asked.
  pass.memory.schema = undefined;
  return fail(conflict('Conflict', `ConfigMap ${pass.namespace}/${schema.name} was changed meanwhile`));
}

/** What costs too much is not tried at every refresh. */
const COSTLY_PAUSE_MS = 300_000;

async function checked(
  { plan, signal }: PlannedPass,
  schema: string,
  content: string,
  { schemas }: Pick<Dependencies, 'schemas'>,
): Promise<Failure | undefined> {
  const outcome = await schemas.validate(schema, content, { signal });
  switch (outcome.kind) {
    case 'fits':
      return undefined;
    case 'breaks':
      return violated(outcome.violations, separatorOf(plan));
    case 'unusable':
      return unusable(outcome.problem);
    case 'too-costly':
      return unusable(outcome.problem, COSTLY_PAUSE_MS);
    case 'unchecked':
      return unchecked(outcome.problem);
  }
}
