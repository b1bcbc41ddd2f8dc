import type { Clock } from '../ports/clock.ts';
import type { ObjectReader } from '../ports/kubernetes.ts';
import { LEASES, type Lease } from './lease.ts';

/** Longer than a leader waits between two renewals. */
const RENEWAL_MS = 5_000;

/**
 * Who holds a Lease and renews it, as seen over some seconds; undefined where nobody does, or it cannot be read.
 * Takes no part in the election.
 */
export async function otherLeader(
  api: ObjectReader,
  lease: { readonly namespace: string; readonly name: string },
  clock: Clock,
): Promise<string | undefined> {
  const read = () => api.get<Lease>({ type: LEASES, ...lease });
  const before = await read();
  if (!before.ok || !before.value.spec?.holderIdentity) return undefined;
  await clock.sleep(RENEWAL_MS);
  const after = await read();
  if (!after.ok) return undefined;
  const { spec, metadata } = after.value;
  return metadata.resourceVersion === before.value.metadata.resourceVersion
    ? undefined
    : spec?.holderIdentity || undefined;
}
