/** Data of a Secret as text, by key. */
export type SecretTexts = ReadonlyMap<string, string>;

/** One value, and the key that it stands under. */
export interface Member {
  readonly key: string;
  readonly value: string;
}

export type ReadMembers =
  | { readonly ok: true; readonly members: ReadonlyMap<string, Member> }
  | { readonly ok: false; readonly problem: string };

/**
 * The values of a Secret by what they are, whoever wrote it: `clientSecret`, `AZURE_CLIENT_SECRET` (environment
 * variables of the Azure SDKs) and `azure_client_secret` (Azure's own provider) are all `clientsecret`.
 *
 * Guarantees: surrounding white space is not part of a value, and nothing is no value; `problem` names keys only.
 */
export function readMembers(texts: SecretTexts): ReadMembers {
  const members = new Map<string, Member>();
  for (const [key, text] of texts) {
    const [name, value] = [memberOf(key), text.trim()];
    if (value === '') continue;
    const before = members.get(name);
    if (before !== undefined && before.value !== value)
      return {
        ok: false,
        problem: `its keys ${before.key} and ${key} mean the same and hold different values: keep one`,
      };
    members.set(name, before ?? { key, value });
  }
  return { ok: true, members };
}

const memberOf = (key: string): string =>
  key
    .toLowerCase()
    .replace(/[-_.]/g, '')
    .replace(/^azure/, '');
