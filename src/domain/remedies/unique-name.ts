import { createHash } from 'node:crypto';

/** For names of federated credentials: 3 to 120 letters, digits, hyphens and underscores. Kubernetes allows more. */
const MAX_LENGTH = 120;
const HASH_DIGITS = 8;

/**
 * A name to recognise by `readable` that no two `wholes` share: what is created under it replaces whatever is of the
 * same name, and a cut or joined text alone is the same for several.
 */
export function uniqueName(readable: readonly string[], whole: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(whole)).digest('hex').slice(0, HASH_DIGITS);
  const words = readable.join('-').replaceAll(/[^A-Za-z0-9-]/g, '-');
  return `${words.slice(0, MAX_LENGTH - HASH_DIGITS - 1)}-${hash}`;
}
