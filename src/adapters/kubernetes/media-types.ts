import type { ReadOptions } from '../../ports/kubernetes.ts';

export const MERGE_PATCH = 'application/merge-patch+json';
/** JSON is YAML. */
export const APPLY_PATCH = 'application/apply-patch+yaml';
const JSON_TYPE = 'application/json';

/** With `as=` the server drops everything but metadata before it sends; a watch sends single objects. */
export function acceptHeader({ metadataOnly }: ReadOptions, shape: 'object' | 'list'): string {
  if (metadataOnly !== true) return JSON_TYPE;
  const kind = shape === 'list' ? 'PartialObjectMetadataList' : 'PartialObjectMetadata';
  return `${JSON_TYPE};as=${kind};g=meta.k8s.io;v=v1`;
}

export const jsonBody = (value: object, contentType: string = JSON_TYPE) => ({
  contentType,
  json: JSON.stringify(value),
});
