/**
 * The Lease object and what its content means to a candidate. Pure: the decisions of leader election.
 *
 * Clocks of different machines are never compared: a lease is expired when its holder has not changed it for its
 * duration *as seen here*, which is how client-go does it too.
 */
import type { KubernetesObject, ResourceType } from '../ports/kubernetes.ts';

export const LEASES: ResourceType = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};

export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

export interface Lease extends KubernetesObject {
  readonly spec?: LeaseSpec;
}

/** A lease as last seen to change, and when that was seen (milliseconds since the epoch). */
export interface Observation {
  readonly lease: Lease;
  readonly at: number;
}

/**
 * Keeps the time of the first sight of each version: only a change proves that its holder lives. A sight of the future
 * is of a clock that was set back since: it counts from now on.
 */
export function observe(last: Observation | undefined, lease: Lease, now: number): Observation {
  const known = last?.lease.metadata;
  const same = known?.uid === lease.metadata.uid && known?.resourceVersion === lease.metadata.resourceVersion;
  return last !== undefined && same ? { lease: last.lease, at: Math.min(last.at, now) } : { lease, at: now };
}

/** Whether `identity` may take or keep the lease. */
export function isFree({ lease, at }: Observation, identity: string, now: number): boolean {
  const { holderIdentity = '', leaseDurationSeconds = 0 } = lease.spec ?? {};
  if (holderIdentity === '' || holderIdentity === identity) return true;
  return now >= at + leaseDurationSeconds * 1000;
}

/** The content with which `identity` takes the lease, or renews it when it holds it already. */
export function heldBy(
  identity: string,
  spec: LeaseSpec | undefined,
  durationMs: number,
  now: number,
): LeaseSpec {
  const renewing = spec?.holderIdentity === identity;
  const time = microTime(now);
  const transitions = spec?.leaseTransitions ?? 0;
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(durationMs / 1000),
    acquireTime: renewing ? (spec.acquireTime ?? time) : time,
    renewTime: time,
    leaseTransitions: renewing || spec === undefined ? transitions : transitions + 1,
  };
}

/** The content that lets the next candidate in at once. One second is the shortest duration the API accepts. */
export function released(spec: LeaseSpec | undefined, now: number): LeaseSpec {
  const time = microTime(now);
  return { ...spec, holderIdentity: '', leaseDurationSeconds: 1, acquireTime: time, renewTime: time };
}

/** `metav1.MicroTime`: the API server refuses any other number of fraction digits than six. */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
