import type { Entry } from '../../domain/content/entry.ts';
import type { PlannedPass } from '../pass.ts';
import { certificateNames } from './inspect.ts';

/**
 * Whether what stands at `key` goes into a Secret of its own, as a certificate does. Of a reference that is misspelt
 * nobody can tell: while there is such a Secret of its key, it is still the reference of that one.
 */
export function hasSecretOfItsOwn(
  pass: Pick<PlannedPass, 'previous'>,
  key: string,
  entry: Entry | undefined,
): boolean {
  if (entry?.kind === 'invalid-reference') return certificateNames(pass).includes(key);
  return entry?.kind === 'reference' && entry.use?.as === 'certificate';
}
