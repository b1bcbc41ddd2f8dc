import { readFileSync } from 'node:fs';
import type { SecretReference } from '../../src/domain/secrets/secret.ts';
import { ENDPOINT, type Simulation } from './simulation.ts';

const read = (file: string): string =>
  readFileSync(new URL(`../fixtures/certificates/${file}`, import.meta.url), 'utf8');

const type = { contentType: 'application/x-pem-file' } as const;

/** Two certificates with their keys, as secrets of a vault. */
export const RSA = { value: read('rsa-pkcs1.pem'), ...type };
export const EC = { value: read('ec-parameters.pem'), ...type };

/** The tag that makes a reference a certificate. */
export const TLS_TAG = { '.kubernetes.secret.type': 'kubernetes.io/tls' };

/** A reference that is a certificate. */
export const setCertificate = ({ azure }: Simulation, key: string, reference: SecretReference): void =>
  azure.setReference(ENDPOINT, key, reference, undefined, TLS_TAG);
