/**
 * What a setting is, by its content type. Read as a media type: case, spaces and parameters do not matter, except
 * for the profile that makes JSON a reference to a snapshot.
 * Clients that compare the whole string take `…keyvaultref+json; charset=utf-8` (a space) for plain JSON and
 * write the link instead of the secret.
 */
export type ContentKind = 'reference' | 'feature-flag' | 'snapshot-reference' | 'json' | 'plain';

const REFERENCE = 'application/vnd.microsoft.appconfig.keyvaultref+json';
const FEATURE_FLAG = 'application/vnd.microsoft.appconfig.ff+json';
const SNAPSHOT_PROFILE = 'https://azconfig.io/mime-profiles/snapshot-ref';
const JSON_TYPE = /^application\/(?:[^\s/;]+\+)?json$/;

export function contentKind(contentType: string | undefined): ContentKind {
  const mediaType = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (mediaType === REFERENCE) return 'reference';
  if (mediaType === FEATURE_FLAG) return 'feature-flag';
  if (!JSON_TYPE.test(mediaType)) return 'plain';
  return profileOf(contentType ?? '') === SNAPSHOT_PROFILE ? 'snapshot-reference' : 'json';
}

/** The parameter `profile`, quoted or not. */
function profileOf(contentType: string): string | undefined {
  const [, quoted, bare] = /;\s*profile\s*=\s*(?:"([^"]*)"|([^\s;"]+))/i.exec(contentType) ?? [];
  return (quoted ?? bare)?.toLowerCase();
}
