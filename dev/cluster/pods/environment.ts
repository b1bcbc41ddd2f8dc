import type { ApiClient } from '../api.ts';
import { expandVariables } from './expand.ts';
import { type Place, podField } from './fields.ts';
import { requireContent } from './sources.ts';
import type { Container, EnvFrom, EnvVar, Pod } from './types.ts';

/** What the environment of a container depends on. */
export interface EnvironmentContext {
  readonly api: ApiClient;
  readonly pod: Pod;
  readonly place: Place;
  /** Set before the pod's own variables, which win: as the kubelet does with service variables. */
  readonly base: Readonly<Record<string, string>>;
}

/**
 * The environment that a container's spec asks for: `envFrom`, then `env` in order, with `$(NAME)`
 * expanded. Throws when something it refers to is missing and not optional.
 */
export async function containerEnvironment(
  container: Container,
  context: EnvironmentContext,
): Promise<Record<string, string>> {
  const environment: Record<string, string> = { ...context.base };
  for (const source of container.envFrom ?? [])
    Object.assign(environment, await wholeSource(source, context));
  for (const variable of container.env ?? []) {
    const value = await variableValue(variable, environment, context);
    if (value !== undefined) environment[variable.name] = value;
  }
  return environment;
}

async function wholeSource(
  source: EnvFrom,
  { api, pod }: EnvironmentContext,
): Promise<Record<string, string>> {
  const kind = source.secretRef === undefined ? 'configmaps' : 'secrets';
  const reference = source.secretRef ?? source.configMapRef;
  if (reference === undefined) return {};
  const content = await requireContent(api, kind, pod.metadata.namespace, reference);
  const prefix = source.prefix ?? '';
  return Object.fromEntries(
    Object.entries(content).map(([key, value]) => [prefix + key, value.toString('utf8')]),
  );
}

async function variableValue(
  { value, valueFrom }: EnvVar,
  environment: Readonly<Record<string, string>>,
  context: EnvironmentContext,
): Promise<string | undefined> {
  if (valueFrom?.fieldRef !== undefined)
    return podField(context.pod, context.place, valueFrom.fieldRef.fieldPath);
  if (valueFrom?.configMapKeyRef !== undefined)
    return keyValue('configmaps', valueFrom.configMapKeyRef, context);
  if (valueFrom?.secretKeyRef !== undefined) return keyValue('secrets', valueFrom.secretKeyRef, context);
  if (valueFrom !== undefined)
    throw new Error(`the pod runner knows no env source ${Object.keys(valueFrom).join()}`);
  return expandVariables(value ?? '', environment);
}

async function keyValue(
  kind: 'configmaps' | 'secrets',
  reference: { readonly name: string; readonly key: string; readonly optional?: boolean },
  { api, pod }: EnvironmentContext,
): Promise<string | undefined> {
  const content = await requireContent(api, kind, pod.metadata.namespace, reference);
  const value = content[reference.key];
  if (value === undefined && reference.optional !== true) {
    throw new Error(`couldn't find key ${reference.key} in ${kind} ${reference.name}`);
  }
  return value?.toString('utf8');
}
