/**
 * What a setting is, by its content type. Read as a media type: case, spaces and parameters do not matter.
 * Clients that compare the whole string take `…keyvaultref+json; charset=utf-8` (a space) for plain JSON and
 * write the link instead of the secret.
 */
export type ContentKind = 'reference' | 'feature-flag' | 'json' | 'plain';

const REFERENCE = 'application/vnd.microsoft.appconfig.keyvaultref+json';
const FEATURE_FLAG = 'application/vnd.microsoft.appconfig.ff+json';
const JSON_TYPE = /^application\/(?:[^\s/;]+\+)?json$/;

export function contentKind(contentType: string | undefined): ContentKind {
  const mediaType = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (mediaType === REFERENCE) return 'reference';
  if (mediaType === FEATURE_FLAG) return 'feature-flag';
  return JSON_TYPE.test(mediaType) ? 'json' : 'plain';
}
