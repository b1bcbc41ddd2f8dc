import type { ApiClient } from '../api.ts';
import { timestamp } from './state.ts';

/** Room for everything: a scheduler must never be the reason why a test's pod stays Pending. */
const capacity = { cpu: '1000', memory: '1000Gi', 'ephemeral-storage': '1000Gi', pods: '100000' };

/** What the node tells of itself. */
export interface NodeParts {
  readonly name: string;
  readonly hostIp: string;
  /** Where `kubectl logs` is answered. */
  readonly logPort: number;
}

/**
 * Makes a Node and declares it ready.
 *
 * Admission taints every new Node `not-ready`, and only the node lifecycle controller, which does not run
 * here, would take that away: so the taints are cleared by hand.
 */
export async function registerNode(api: ApiClient, { name, hostIp, logPort }: NodeParts): Promise<void> {
  const path = `/api/v1/nodes/${name}`;
  const labels = { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' };
  const status = {
    capacity,
    allocatable: capacity,
    addresses: [{ type: 'InternalIP', address: hostIp }],
    daemonEndpoints: { kubeletEndpoint: { Port: logPort } },
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        reason: 'PodRunnerReady',
        lastTransitionTime: timestamp(),
        lastHeartbeatTime: timestamp(),
      },
    ],
  };
  await expectStatus(api, 'POST', '/api/v1/nodes', { metadata: { name, labels } }, [201, 409]);
  await expectStatus(api, 'PATCH', `${path}/status`, { status }, [200]);
  await expectStatus(api, 'PATCH', path, { spec: { taints: null } }, [200]);
}

async function expectStatus(
  api: ApiClient,
  method: string,
  path: string,
  body: object,
  expected: readonly number[],
): Promise<void> {
  const { status } = await api.request(method, path, { body });
  if (!expected.includes(status)) throw new Error(`${method} ${path} was answered with ${status}`);
}
