/** The write that restarts pods. */
import { rolloutMarker } from '../../api/names.ts';
import { type Marker, markerValue, parseMarker } from './marker.ts';
import type { Workload } from './workload.ts';

export interface RestartPatch {
  readonly metadata: { readonly uid: string };
  readonly spec: {
    readonly template: { readonly metadata: { readonly annotations: Readonly<Record<string, string>> } };
  };
}

/**
 * A JSON merge patch of the marker alone. The uid is a precondition: a workload deleted and made again under
 * the same name answers 422. Always a value the template does not have, or the patch would restart nothing.
 */
export function restartPatch(workload: Workload, binding: string, marker: Marker): RestartPatch {
  const { uid } = workload.metadata;
  if (uid === undefined) throw new Error('a workload read from the server has a uid');
  const name = rolloutMarker(binding);
  const present = parseMarker(workload.spec?.template?.metadata?.annotations?.[name]);
  const again = present?.keyId === marker.keyId && present.contentHash === marker.contentHash;
  const value = markerValue(marker.keyId, marker.contentHash, again ? present.turn + 1 : 1);
  return { metadata: { uid }, spec: { template: { metadata: { annotations: { [name]: value } } } } };
}
