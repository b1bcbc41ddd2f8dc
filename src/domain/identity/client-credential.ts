import { readClientCertificate } from './client-certificate.ts';
import { isGuid } from './entra-ids.ts';
import type { ClientCredential } from './identity.ts';
import { readMembers, type SecretTexts } from './secret-members.ts';

/**
 * What a Secret says about an Entra application: a client secret, or a certificate with its private key in one text or
 * as a Secret of the type kubernetes.io/tls holds them.
 *
 * Guarantees: `problem` names keys and never a value.
 */
export type ApplicationSecret =
  | {
      readonly ok: true;
      readonly clientId?: string;
      readonly tenantId?: string;
      readonly credential: ClientCredential;
    }
  | { readonly ok: false; readonly problem: string };

const problem = (text: string): ApplicationSecret => ({ ok: false, problem: text });

export function readApplicationSecret(texts: SecretTexts): ApplicationSecret {
  const read = readMembers(texts);
  if (!read.ok) return read;
  const { members } = read;
  for (const name of ['clientid', 'tenantid'] as const) {
    const id = members.get(name);
    if (id !== undefined && !isGuid(id.value)) return problem(`its key ${id.key} holds no GUID: correct it`);
  }
  const credential = credentialOf(members);
  if ('problem' in credential) return problem(credential.problem);
  const [clientId, tenantId] = [members.get('clientid')?.value, members.get('tenantid')?.value];
  return {
    ok: true,
    ...(clientId === undefined ? {} : { clientId: clientId.toLowerCase() }),
    ...(tenantId === undefined ? {} : { tenantId: tenantId.toLowerCase() }),
    credential,
  };
}

type Members = Extract<ReturnType<typeof readMembers>, { ok: true }>['members'];

const MISSING =
  'it holds no clientSecret and no clientCertificate: add the value (not the id) of a client secret, or a certificate with its private key in PEM form (tls.crt and tls.key are read as well)';

function credentialOf(members: Members): ClientCredential | { readonly problem: string } {
  const secret = members.get('clientsecret');
  const certificate = certificateText(members);
  if (secret !== undefined && certificate !== undefined)
    return { problem: `its keys ${secret.key} and ${certificate.key} are two credentials: keep one` };
  if (secret !== undefined) return { kind: 'secret', secret: secret.value };
  if (certificate === undefined) return { problem: MISSING };
  const read = readClientCertificate(certificate.value);
  return read.ok ? read.certificate : { problem: `its key ${certificate.key} ${read.problem}` };
}

function certificateText(members: Members): { readonly key: string; readonly value: string } | undefined {
  const whole = members.get('clientcertificate');
  const [certificate, key] = [members.get('tlscrt'), members.get('tlskey')];
  if (whole !== undefined || certificate === undefined) return whole;
  return { key: certificate.key, value: `${certificate.value}\n${key?.value ?? ''}` };
}
