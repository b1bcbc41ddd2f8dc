import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { App } from './directory.ts';
import { type EntraError, entraErrors } from './errors.ts';

/** Checks a client secret; undefined means accepted. One that has expired is told apart from a wrong one (C.4). */
export function checkClientSecret(given: string, app: App, clock: Clock): EntraError | undefined {
  const known = app.secrets.find(({ value }) => equal(value, given));
  if (known === undefined) return entraErrors.wrongSecret(app.clientId);
  const expired = known.expiresAt !== undefined && known.expiresAt <= clock.seconds();
  return expired ? entraErrors.expiredSecret(app.clientId) : undefined;
}

const equal = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
