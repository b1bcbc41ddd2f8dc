/** The write that restarts pods. */
import { rolloutMarker } from '../../api/names.ts';
import { type Marker, markerValue, parseMarker } from './marker.ts';
import type { Workload } from './workload.ts';

export interface RestartPatch {
  readonly metadata: { readonly uid: string; readonly resourceVersion?: string };
  readonly spec: {
    readonly template: { readonly metadata: { readonly annotations: Readonly<Record<string, string>> } };
  };
}

/** Whose marker is set, to what. */
export interface MarkerOf {
  readonly binding: string;
  readonly marker: Marker;
}

/**
 * A JSON merge patch of the markers alone, of one binding or of several whose restarts are made one. The uid is a
 * precondition: a workload deleted and made again under the same name answers 422. Where another binding may restart
 * the workload, too, so is its version: whoever decided without having seen the other's restart answers 409. Always
 * values that the template does not have, or the patch would restart nothing.
 */
export function restartPatch(
  workload: Workload,
  markers: readonly MarkerOf[],
  { shared }: { readonly shared: boolean },
): RestartPatch {
  const { uid, resourceVersion } = workload.metadata;
  if (uid === undefined) throw new Error('a workload read from the server has a uid');
  const annotations = Object.fromEntries(markers.map((marker) => annotation(workload, marker)));
  const version = shared && resourceVersion !== undefined ? { resourceVersion } : {};
  return { metadata: { uid, ...version }, spec: { template: { metadata: { annotations } } } };
}

function annotation(workload: Workload, { binding, marker }: MarkerOf): readonly [string, string] {
  const name = rolloutMarker(binding);
  const present = parseMarker(workload.spec?.template?.metadata?.annotations?.[name]);
  const again = present?.keyId === marker.keyId && present.contentHash === marker.contentHash;
  return [name, markerValue(marker.keyId, marker.contentHash, again ? present.turn + 1 : 1)];
}
