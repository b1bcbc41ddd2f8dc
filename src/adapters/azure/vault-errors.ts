/**
 * Refusals of Key Vault as failures. Facts: 403 has an inner code (SecretDisabled, AccessDenied, ForbiddenByRbac,
 * ForbiddenByFirewall, ForbiddenByConnection); 429 carries no Retry-After; an expired or not yet valid secret is
 * given, only a disabled one is refused. Nothing of an answer but its status and code is printed.
 */
import { blocked, cancelled, type Failure, throttled, unavailable } from '../../domain/failure.ts';
import { callerAtStart, callerOf, type TokenIdentity, tenantOf } from '../../domain/identity/identity.ts';
import {
  assigneeOf,
  enableSecret,
  grantVault,
  openVault,
  type PermissionModel,
} from '../../domain/remedies/access.ts';
import { withRemedy } from '../../domain/remedies/remedy.ts';
import type { SecretReference } from '../../domain/secrets/secret.ts';
import { describeNetwork } from './network-errors.ts';
import { retryAfterMs } from './retry-after.ts';
import { type Answer, objectMember, type SdkOutcome, stringMember } from './sdk-call.ts';

/** Pause after a 429 that names none; the vault's limits are counted per 10 s. */
export const DEFAULT_VAULT_PAUSE_MS = 10_000;

/** Which read failed. */
export interface VaultRead {
  readonly vault: string;
  /** Absent: the list of the vault. */
  readonly reference?: SecretReference;
  readonly identity: TokenIdentity;
}

type SecretRead = VaultRead & Required<Pick<VaultRead, 'reference'>>;

const isOfSecret = (read: VaultRead): read is SecretRead => read.reference !== undefined;

export type SecretRefusal = Exclude<SdkOutcome<never>, { kind: 'done' }>;

/** The failure that an SDK outcome other than success means. */
export function vaultFailure(outcome: SecretRefusal, read: VaultRead, now: number): Failure {
  switch (outcome.kind) {
    case 'failure':
      return outcome.failure;
    case 'cancelled':
      return cancelled;
    case 'garbled':
      return unavailable(
        'VaultUnreachable',
        `What answers at ${read.vault} does not speak Key Vault; a proxy in between may answer in its place.`,
      );
    case 'network':
      return networkFailure(outcome.code, read);
    case 'answered':
      return answeredFailure(outcome.answer, read, now);
  }
}

function networkFailure(code: string, { vault, reference }: VaultRead): Failure {
  const where =
    reference === undefined
      ? 'spec.keyVault.all'
      : 'the name of the vault in the reference or in spec.keyVault.secrets';
  const message =
    code === 'ENOTFOUND'
      ? `No vault answers at ${vault}: check ${where}, and that the operator's DNS (and proxy) can resolve it.`
      : `${vault} cannot be reached: ${describeNetwork(code)}.`;
  return unavailable('VaultUnreachable', message);
}

function answeredFailure(answer: Answer, read: VaultRead, now: number): Failure {
  const { vault } = read;
  const pause = retryAfterMs((name) => answer.header(name), now);
  switch (answer.status) {
    case 429:
      return throttled(
        'VaultThrottled',
        `${vault} asks for a pause: too many requests; it is kept.`,
        pause ?? DEFAULT_VAULT_PAUSE_MS,
      );
    case 400:
      return isOfSecret(read) ? invalid(read) : unexpected(400, read, pause);
    case 401:
      return unauthorized(read);
    case 403:
      return forbidden(innerCode(answer), read);
    case 404:
      return isOfSecret(read) ? notFound(read) : unexpected(404, read, pause);
    default:
      return unexpected(answer.status, read, pause);
  }
}

const secretName = ({ reference }: SecretRead): string =>
  reference.version === undefined
    ? `secret ${reference.name}`
    : `secret ${reference.name} version ${reference.version}`;

const invalid = (read: SecretRead): Failure =>
  blocked('InvalidReference', `${read.vault} refuses the name or version of ${secretName(read)}.`);

function unauthorized({ vault, identity }: VaultRead): Failure {
  return blocked(
    'VaultUnauthorized',
    `${vault} does not accept the token of ${callerOf(identity)}: the identity's tenant${tenantOf(identity)} must be the vault's tenant.`,
  );
}

function notFound(read: SecretRead): Failure {
  return blocked('SecretNotFound', `${read.vault} has no ${secretName(read)}: create or recover it.`);
}

/** Codes that mean a network rule rather than a missing right. */
const NETWORK_CODES = new Set(['ForbiddenByFirewall', 'ForbiddenByConnection']);

function forbidden(inner: string | undefined, read: VaultRead): Failure {
  const { vault } = read;
  if (inner === 'SecretDisabled' && isOfSecret(read)) return disabled(read);
  if (inner !== undefined && NETWORK_CODES.has(inner)) {
    const message = `The network rules of ${vault} refuse the operator's address: allow it in the vault's networking, or give the cluster a private endpoint.`;
    return withRemedy(blocked('VaultFirewall', message), openVault(vault, inner === 'ForbiddenByFirewall'));
  }
  const permissions = isOfSecret(read) ? 'get' : 'get list';
  const commands = grantVault(assigneeOf(read.identity), vault, modelOf(inner), permissions);
  return withRemedy(blocked('VaultForbidden', grantMessage(read)), commands);
}

function modelOf(inner: string | undefined): PermissionModel {
  if (inner === 'ForbiddenByRbac') return 'rbac';
  return inner === 'AccessDenied' ? 'access-policy' : 'unknown';
}

/** Without a version the newest counts; the vault does not fall back to an older one that is enabled. */
function disabled(read: SecretRead): Failure {
  const { vault, version } = read.reference;
  const what =
    version === undefined ? `The newest version of ${secretName(read)}` : `S${secretName(read).slice(1)}`;
  const message = `${what} in ${vault} is disabled: enable it or add a new version.`;
  return withRemedy(blocked('SecretDisabled', message), enableSecret(read.reference));
}

/** The role holds both rights; access policies have one for each. */
function grantMessage({ vault, reference, identity }: VaultRead): string {
  const [what, rights] =
    reference === undefined
      ? [`list the secrets of ${vault}`, 'secrets/get and secrets/list']
      : [`read ${vault}`, 'secrets/get'];
  return `${callerAtStart(identity)} may not ${what}: grant Key Vault Secrets User on ${vault} to ${callerOf(identity)} (or ${rights} in its access policy); assignments take some minutes.`;
}

function unexpected(status: number, { vault }: VaultRead, pause: number | undefined): Failure {
  if (status >= 500 || status === 408) {
    const message = `${vault} answers HTTP ${status}; tried again by itself.`;
    return unavailable('VaultUnreachable', message, pause);
  }
  return blocked('VaultRejected', `${vault} refused the read with HTTP ${status}.`);
}

/** `error.innererror.code`. */
function innerCode(answer: Answer): string | undefined {
  return stringMember(objectMember(objectMember(answer.body, 'error'), 'innererror'), 'code');
}
