import { readMembers, type SecretTexts } from './secret-members.ts';

/** An access key of an App Configuration store. */
export interface AccessKey {
  readonly id: string;
  /** Base64. */
  readonly secret: string;
}

export type ReadConnectionString =
  | {
      readonly ok: true /** Host of its endpoint, lower case. */;
      readonly host: string;
      readonly key: AccessKey;
    }
  | { readonly ok: false; readonly problem: string };

/** Names of several tools, as `readMembers` gives them. */
const NAMES = ['connectionstring', 'appconfigconnectionstring', 'appconfigurationconnectionstring'];

const FORM = 'Endpoint=https://<store>;Id=<id>;Secret=<secret>';

const problem = (text: string): ReadConnectionString => ({ ok: false, problem: text });

/** Reads the connection string in a Secret. `problem` names keys and never a value. */
export function readConnectionString(texts: SecretTexts): ReadConnectionString {
  const read = readMembers(texts);
  if (!read.ok) return read;
  const found = NAMES.map((name) => read.members.get(name)).find((member) => member !== undefined);
  if (found === undefined)
    return problem(`it holds no connectionString: add one of the form ${FORM} under that key`);
  return parse(found.value) ?? problem(`its key ${found.key} is not of the form ${FORM}: correct it`);
}

function parse(text: string): ReadConnectionString | undefined {
  const parts = new Map(
    text.split(';').map((part) => {
      const at = part.indexOf('=');
      return [part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim()] as const;
    }),
  );
  const host = /^https:\/\/([a-z0-9.-]+)\/?$/i.exec(parts.get('endpoint') ?? '')?.[1];
  const [id, secret] = [parts.get('id'), parts.get('secret')];
  // Ids have `-`, `:`, `+` and `/` in them; anything else would break the header that they go into.
  if (host === undefined || !/^[\w:+/=.-]{1,256}$/.test(id ?? '') || !/^[\w+/]+={0,2}$/.test(secret ?? ''))
    return undefined;
  return { ok: true, host: host.toLowerCase(), key: { id: id ?? '', secret: secret ?? '' } };
}
