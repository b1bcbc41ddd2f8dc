import { blocked, fail, ok, type Result } from '../failure.ts';
import type { Data } from './render.ts';

/** The type of a Secret with a certificate, and its keys. */
export const TLS = 'kubernetes.io/tls';
export const TLS_CERTIFICATE = 'tls.crt';
export const TLS_KEY = 'tls.key';

/**
 * Keys without which the API server refuses a Secret of a type (Kubernetes 1.36, validation of Secrets). Of
 * basic-auth one of the two is enough.
 */
const NEEDED: ReadonlyMap<string, readonly string[]> = new Map([
  [TLS, [TLS_CERTIFICATE, TLS_KEY]],
  ['kubernetes.io/ssh-auth', ['ssh-privatekey']],
  ['kubernetes.io/dockercfg', ['.dockercfg']],
  ['kubernetes.io/dockerconfigjson', ['.dockerconfigjson']],
]);
const BASIC_AUTH = 'kubernetes.io/basic-auth';
const SSH_KEY = 'ssh-privatekey';
const JSON_TYPES: readonly string[] = ['kubernetes.io/dockercfg', 'kubernetes.io/dockerconfigjson'];

/** Whether `data` (text, not base64) is what a Secret of `type` must hold. Failure: SecretTypeUnfit. */
export function checkType(type: string, data: Data, name: string): Result<Data> {
  const missing = missingKeys(type, data);
  const unfit = missing ?? brokenJson(type, data);
  return unfit === undefined
    ? ok(data)
    : fail(
        blocked(
          'SecretTypeUnfit',
          `Secret ${name} of type ${type} ${unfit}; map settings to that key with spec.keys, or choose another spec.target.secret.type`,
        ),
      );
}

function missingKeys(type: string, data: Data): string | undefined {
  if (type === BASIC_AUTH) {
    const given = Object.hasOwn(data, 'username') || Object.hasOwn(data, 'password');
    return given ? undefined : 'needs the key username or password';
  }
  const isMissing = (key: string) => !Object.hasOwn(data, key) || (key === SSH_KEY && data[key] === '');
  const missing = (NEEDED.get(type) ?? []).filter(isMissing);
  if (missing.length === 0) return undefined;
  return `needs the ${missing.length === 1 ? 'key' : 'keys'} ${missing.join(' and ')}, which the selection does not give`;
}

function brokenJson(type: string, data: Data): string | undefined {
  const [key = ''] = JSON_TYPES.includes(type) ? (NEEDED.get(type) ?? []) : [];
  if (key === '') return undefined;
  return isObject(data[key] ?? '') ? undefined : `needs a JSON object in the key ${key}`;
}

function isObject(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && !Array.isArray(parsed);
  } catch {
    return false;
  }
}
