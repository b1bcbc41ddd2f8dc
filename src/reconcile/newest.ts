import type { AppConfigBinding } from '../api/schema.ts';

/**
 * The newer of what the informer shows and our own last write: the informer may not have caught up with it.
 * Resource versions of one resource are ordered decimal numbers (Kubernetes 1.35, KEP-5504).
 */
export function newest(seen: AppConfigBinding, written: AppConfigBinding | undefined): AppConfigBinding {
  if (written === undefined || written.metadata.uid !== seen.metadata.uid) return seen;
  return versionOf(written) > versionOf(seen) ? written : seen;
}

function versionOf({ metadata }: AppConfigBinding): bigint {
  const version = metadata.resourceVersion ?? '';
  return /^\d+$/.test(version) ? BigInt(version) : 0n;
}

/** A write's answer as it is worth remembering: as objects, managedFields would be most of it. */
export function withoutManagedFields(binding: AppConfigBinding): AppConfigBinding {
  const { managedFields: _, ...metadata } = { managedFields: undefined, ...binding.metadata };
  return { ...binding, metadata };
}
