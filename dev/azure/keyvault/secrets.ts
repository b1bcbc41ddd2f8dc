import { type Answer, type Call, isRecord, json, jsonBody } from '../http/call.ts';
import { badParameter, deletedButRecoverable, secretDisabled, secretNotFound } from './errors.ts';
import { listPage } from './lists.ts';
import { deletedBundle, listItem, secretBundle } from './representation.ts';
import { newest, type Secret, type SecretContent, type SecretVersion, type Vault } from './vault.ts';

const MAX_VALUE_BYTES = 25 * 1024;
const VERSION = /^[0-9a-f]{32}$/i;

/**
 * `GET /secrets/{name}[/{version}]`.
 *
 * Without a version the newest counts, and a disabled newest fails though an older one is enabled; a secret outside
 * its nbf/exp window is still returned (B.6).
 */
export function getSecret(vault: Vault, name: string, version: string): Answer {
  if (version !== '' && !VERSION.test(version)) return badParameter('The secret version is invalid.');
  const secret = living(vault, name);
  if (!secret) return secretNotFound(version === '' ? name : `${name}/${version}`);
  const found = version === '' ? newest(secret) : findVersion(secret, version);
  if (!found) return secretNotFound(`${name}/${version}`);
  return found.enabled ? json(200, secretBundle(vault, secret, found)) : secretDisabled();
}

/** `PUT /secrets/{name}`: always a new version; 409 while a deleted secret holds the name (B.8). */
export function putSecret(vault: Vault, name: string, call: Call): Answer {
  if (vault.secret(name)?.deletedAt !== undefined) return deletedButRecoverable(name);
  const content = readContent(call);
  if (typeof content === 'string') return badParameter(content);
  const { secret, version } = vault.set(name, content);
  return json(200, secretBundle(vault, secret, version));
}

/** `DELETE /secrets/{name}`: soft-deletes all versions (B.8). */
export function deleteSecret(vault: Vault, name: string): Answer {
  const secret = living(vault, name);
  if (!secret) return secretNotFound(name);
  vault.softDelete(secret);
  return json(200, deletedBundle(vault, secret));
}

/** `GET /secrets`: disabled secrets are listed too (B.6). */
export function listSecrets(vault: Vault, call: Call): Answer {
  const secrets = vault.secrets().filter(({ deletedAt }) => deletedAt === undefined);
  return listPage(
    call,
    secrets.map((secret) => listItem(vault, secret)),
  );
}

/** `GET /secrets/{name}/versions`, ordered by version id: the order tells nothing about age. */
export function listVersions(vault: Vault, name: string, call: Call): Answer {
  const secret = living(vault, name);
  if (!secret) return secretNotFound(name);
  const versions = [...secret.versions].sort((a, b) => (a.version < b.version ? -1 : 1));
  return listPage(
    call,
    versions.map((version) => listItem(vault, secret, version)),
  );
}

function living(vault: Vault, name: string): Secret | undefined {
  const secret = vault.secret(name);
  return secret?.deletedAt === undefined ? secret : undefined;
}

function findVersion(secret: Secret, version: string): SecretVersion | undefined {
  return secret.versions.find((candidate) => candidate.version === version.toLowerCase());
}

/** The content of a PUT, or what is wrong with it. */
function readContent(call: Call): SecretContent | string {
  const body = jsonBody(call);
  if (!body || typeof body.value !== 'string')
    return 'The request body must contain a string property: value.';
  if (Buffer.byteLength(body.value) > MAX_VALUE_BYTES)
    return 'The secret value exceeds the maximum of 25 KB.';
  const attributes = isRecord(body.attributes) ? body.attributes : {};
  return {
    value: body.value,
    contentType: typeof body.contentType === 'string' ? body.contentType : undefined,
    tags: textValues(body.tags),
    enabled: typeof attributes.enabled === 'boolean' ? attributes.enabled : undefined,
    expires: typeof attributes.exp === 'number' ? attributes.exp : undefined,
    notBefore: typeof attributes.nbf === 'number' ? attributes.nbf : undefined,
  };
}

function textValues(tags: unknown): Record<string, string> | undefined {
  if (!isRecord(tags)) return undefined;
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, String(value)]));
}
