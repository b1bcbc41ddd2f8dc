import type { ClientCredential } from './identity.ts';

/**
 * What a Secret says about an Entra application.
 *
 * Names are read as several tools write them: `clientSecret`, `AZURE_CLIENT_SECRET` (environment variables of the
 * Azure SDKs) and `azure_client_secret` (Azure's own provider) are the same.
 *
 * Guarantees: surrounding white space is not part of a value; `problem` names keys and never a value.
 */
export type ApplicationSecret =
  | {
      readonly ok: true;
      readonly clientId?: string;
      readonly tenantId?: string;
      readonly credential: ClientCredential;
    }
  | { readonly ok: false; readonly problem: string };

/** Data of a Secret as text, by key. */
export type SecretTexts = ReadonlyMap<string, string>;

const problem = (text: string): ApplicationSecret => ({ ok: false, problem: text });

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function readApplicationSecret(texts: SecretTexts): ApplicationSecret {
  const members = new Map<string, string>();
  for (const [key, text] of texts) {
    const name = memberOf(key);
    const value = text.trim();
    if (value === '') continue;
    const before = members.get(name);
    if (before !== undefined && before !== value)
      return problem(
        `its keys ${similarKeys(texts, name)} mean the same and hold different values: keep one`,
      );
    members.set(name, value);
  }
  for (const name of ['clientid', 'tenantid'])
    if (!GUID.test(members.get(name) ?? GUID_SHAPED))
      return problem(`its key ${similarKeys(texts, name)} holds no GUID: correct it`);
  const secret = members.get('clientsecret');
  if (secret === undefined)
    return problem('it holds no clientSecret: add the value (not the id) of a client secret under that key');
  const [clientId, tenantId] = [members.get('clientid'), members.get('tenantid')];
  return {
    ok: true,
    ...(clientId === undefined ? {} : { clientId: clientId.toLowerCase() }),
    ...(tenantId === undefined ? {} : { tenantId: tenantId.toLowerCase() }),
    credential: { kind: 'secret', secret },
  };
}

const GUID_SHAPED = '00000000-0000-0000-0000-000000000000';

/** `AZURE_CLIENT_ID`, `azure-client-id` and `clientId` → `clientid`. */
const memberOf = (key: string): string =>
  key
    .toLowerCase()
    .replace(/[-_.]/g, '')
    .replace(/^azure/, '');

const similarKeys = (texts: SecretTexts, name: string): string =>
  [...texts.keys()].filter((key) => memberOf(key) === name).join(' and ');
