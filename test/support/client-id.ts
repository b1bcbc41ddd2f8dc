import type { Identity } from '../../src/domain/identity.ts';

/** Of an application; '' of an identity that has none. */
export const clientIdOf = (identity: Identity): string => ('clientId' in identity ? identity.clientId : '');
