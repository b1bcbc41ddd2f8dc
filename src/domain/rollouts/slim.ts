import { ANNOTATION_RESTART, ROLLOUT_PREFIX } from '../../api/names.ts';
import type { ManagedFields } from '../targets/field-managers.ts';
import type { Container, PodSpec, Volume, Workload, WorkloadSpec } from './workload.ts';

/**
 * What decisions about restarts and the status read of a workload. The rest, often some 10 KB, is let go.
 *
 * Guarantees: `usageUnder`, `usageOf`, `markerOf`, `lastSpecChange` and `rolloutPhase` answer as for the whole object.
 */
export function slimWorkload({ kind, metadata, spec, status }: Workload): Workload {
  const { name, namespace, uid, resourceVersion, generation, labels, annotations, managedFields } = metadata;
  const { conditions, ...counts } = status ?? {};
  const progressing = conditions?.filter(({ type }) => type === 'Progressing');
  return {
    kind,
    metadata: defined({
      name,
      namespace,
      uid,
      resourceVersion,
      generation,
      labels,
      annotations: only(annotations, (key) => key === ANNOTATION_RESTART),
      managedFields: managedFields?.map(slimFields),
    }),
    ...defined({ spec: spec && slimSpec(spec) }),
    status: { ...counts, ...defined({ conditions: progressing }) },
  };
}

function slimSpec({ replicas, paused, updateStrategy, template }: WorkloadSpec): WorkloadSpec {
  const annotations = only(template?.metadata?.annotations, (key) => key.startsWith(ROLLOUT_PREFIX));
  const spec = template?.spec && slimPod(template.spec);
  return defined({
    replicas,
    paused,
    updateStrategy,
    template: template && defined({ metadata: annotations && { annotations }, spec }),
  });
}

/** What of a pod tells which keys it reads. */
export const slimPod = ({ initContainers, containers, volumes }: PodSpec): PodSpec =>
  defined({
    initContainers: initContainers?.map(slimContainer),
    containers: containers?.map(slimContainer),
    volumes: volumes?.map(slimVolume),
  });

const slimContainer = ({ env, envFrom, volumeMounts }: Container): Container =>
  defined({
    env: env?.flatMap(({ valueFrom }) =>
      valueFrom?.configMapKeyRef || valueFrom?.secretKeyRef ? [{ valueFrom }] : [],
    ),
    envFrom,
    volumeMounts: volumeMounts?.map(({ name, subPath, subPathExpr }) =>
      defined({ name, subPath, subPathExpr }),
    ),
  });

const slimVolume = ({ name, configMap, secret, projected }: Volume): Volume =>
  defined({ name, configMap, secret, projected });

/** Of the tree of fields, the template and what stands below its annotations. */
function slimFields({ manager, subresource, time, fieldsV1 }: ManagedFields): ManagedFields {
  const template = branch(branch(fieldsV1, 'f:spec'), 'f:template');
  const annotations = branch(branch(template, 'f:metadata'), 'f:annotations');
  const below = annotations === undefined ? {} : { 'f:metadata': { 'f:annotations': annotations } };
  const fields = template === undefined ? {} : { 'f:spec': { 'f:template': below } };
  return defined({ manager, subresource, time, fieldsV1: fieldsV1 === undefined ? undefined : fields });
}

const branch = (node: unknown, name: string): unknown =>
  typeof node === 'object' && node !== null && Object.hasOwn(node, name)
    ? Reflect.get(node, name)
    : undefined;

function only(
  annotations: Readonly<Record<string, string>> | undefined,
  wanted: (key: string) => boolean,
): Readonly<Record<string, string>> | undefined {
  const found = Object.entries(annotations ?? {}).filter(([key]) => wanted(key));
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Without the members that are undefined. */
function defined<T extends object>(members: T): Defined<T> {
  return Object.fromEntries(
    Object.entries(members).filter(([, member]) => member !== undefined),
  ) as Defined<T>;
}
