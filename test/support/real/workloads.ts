import type { SeenObject } from './objects.ts';
import { CONFIG_MAP, SECRET } from './team.ts';

/** Workloads that use the targets of the usual binding. */

export interface SeenWorkload extends SeenObject {
  readonly spec: {
    readonly template: { readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> } };
  };
}

export interface ReaderOptions {
  readonly annotations?: Readonly<Record<string, string>>;
  /** Deployments only. */
  readonly progressDeadlineSeconds?: number;
}

/** Reads all keys of both targets into its environment. */
export function reader(
  kind: 'Deployment' | 'StatefulSet' | 'DaemonSet',
  name: string,
  options: ReaderOptions = {},
): object {
  const envFrom = [{ configMapRef: { name: CONFIG_MAP } }, { secretRef: { name: SECRET } }];
  return workload(kind, name, { envFrom }, options);
}

/** A Deployment that reads one key of the ConfigMap. */
export function readsKey(name: string, key: string): object {
  const env = [{ name: 'VALUE', valueFrom: { configMapKeyRef: { name: CONFIG_MAP, key } } }];
  return workload('Deployment', name, { env }, {});
}

function workload(kind: string, name: string, container: object, options: ReaderOptions): object {
  const { annotations = {}, progressDeadlineSeconds } = options;
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, annotations },
    spec: {
      ...(progressDeadlineSeconds === undefined ? {} : { progressDeadlineSeconds }),
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'app', image: 'example.test/app', ...container }] },
      },
    },
  };
}
