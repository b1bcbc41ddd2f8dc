/** Deployments of an ordeal and what their pods read when they start, told without the operator's own code. */
import type { Workload } from '../../../src/domain/rollouts/workload.ts';
import type { Uses } from './steps.ts';

type Data = Readonly<Record<string, string>> | undefined;

export function podSpec(uses: Uses): object {
  const config = { name: 'orders-config' };
  const secret = { name: 'orders-secrets' };
  switch (uses) {
    case 'all':
      return {
        containers: [
          {
            name: 'app',
            env: null,
            volumeMounts: null,
            envFrom: [{ configMapRef: config }, { secretRef: secret }],
          },
        ],
        volumes: null,
      };
    case 'keys':
      return {
        containers: [
          {
            name: 'app',
            envFrom: null,
            env: [
              { name: 'A', valueFrom: { configMapKeyRef: { ...config, key: 'base', optional: true } } },
              { name: 'B', valueFrom: { secretKeyRef: { ...secret, key: 'password', optional: true } } },
            ],
          },
        ],
        volumes: null,
      };
    case 'live':
      return {
        containers: [{ name: 'app', volumeMounts: [{ name: 'v', mountPath: '/etc/app' }] }],
        volumes: [{ name: 'v', configMap: config }],
      };
    case 'nothing':
      return { containers: [{ name: 'app' }], volumes: null };
  }
}

/** What pods started now would read, as text; undefined: they read nothing at their start, or cannot start. */
export function read(deployment: Workload, configMap: Data, secret: Data): string | undefined {
  const [container] = deployment.spec?.template?.spec?.containers ?? [];
  if (configMap === undefined || secret === undefined) return undefined;
  const sorted = (data: Record<string, string>) => Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1));
  if (container?.envFrom) return JSON.stringify(['all', sorted(configMap), sorted(secret)]);
  if (container?.env) return JSON.stringify(['keys', configMap['base'] ?? null, secret['password'] ?? null]);
  return undefined;
}
