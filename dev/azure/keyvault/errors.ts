import type { Principal } from '../entra/verifier.ts';
import { type Answer, json } from '../http/call.ts';
import type { Vault } from './vault.ts';

export const REGION = 'westeurope';
const NOT_FOUND_HELP =
  'If you recently deleted this secret you may be able to recover it using the correct recovery command. ' +
  'For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182';

/** `{"error":{code,message,innererror:{code}}}`; the wire name is lower-case (B.5). */
export function errorAnswer(status: number, code: string, message: string, inner?: string): Answer {
  const error = { code, message, ...(inner === undefined ? {} : { innererror: { code: inner } }) };
  return { ...json(status, { error }), code: inner ?? code };
}

export function secretNotFound(id: string): Answer {
  const message = `A secret with (name/id) ${id} was not found in this key vault. ${NOT_FOUND_HELP}`;
  return errorAnswer(404, 'SecretNotFound', message);
}

export function secretDisabled(): Answer {
  return errorAnswer(
    403,
    'Forbidden',
    'Operation get is not allowed on a disabled secret.',
    'SecretDisabled',
  );
}

export function badParameter(message: string): Answer {
  return errorAnswer(400, 'BadParameter', message);
}

export function deletedButRecoverable(name: string): Answer {
  const message =
    `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, ` +
    'the secret can only be recovered or purged.';
  return errorAnswer(409, 'Conflict', message, 'ObjectIsDeletedButRecoverable');
}

/** No Retry-After: Key Vault sends none, and the JavaScript SDK then does not retry (B.5). */
export function throttled(): Answer {
  const message =
    'Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached';
  return errorAnswer(429, 'Throttled', message);
}

/** A missing role, in the words of the vault's permission model (B.5). */
export function noPermission(vault: Vault, caller: Principal, operation: string, secret: string): Answer {
  return vault.permissionModel === 'rbac'
    ? forbiddenByRbac(vault, caller, operation, secret)
    : accessDenied(vault, caller, operation);
}

const RBAC_ACTIONS: Readonly<Record<string, string>> = {
  get: 'getSecret/action',
  list: 'readMetadata/action',
  set: 'setSecret/action',
  delete: 'delete',
};

function forbiddenByRbac(vault: Vault, caller: Principal, operation: string, secret: string): Answer {
  const scope = `/subscriptions/00000000-0000-4000-8000-000000000000/resourcegroups/rg/providers/microsoft.keyvault/vaults/${vault.name}`;
  const message = [
    'Caller is not authorized to perform action on resource.',
    'If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.',
    `Caller: ${identify(caller)}`,
    `Action: 'Microsoft.KeyVault/vaults/secrets/${RBAC_ACTIONS[operation] ?? operation}'`,
    `Resource: '${scope}${secret === '' ? '' : `/secrets/${secret}`}'`,
    'Assignment: (not found)',
    'DenyAssignmentId: null',
    'DecisionReason: null',
    `Vault: ${vault.name};location=${REGION}`,
    '',
  ].join('\r\n');
  return errorAnswer(403, 'Forbidden', message, 'ForbiddenByRbac');
}

function accessDenied(vault: Vault, caller: Principal, operation: string): Answer {
  const message =
    `The user, group or application '${identify(caller)}' does not have secrets ${operation} permission on key vault ` +
    `'${vault.name};location=${REGION}'. For help resolving this issue, please see ` +
    'https://go.microsoft.com/fwlink/?linkid=2125287';
  return errorAnswer(403, 'Forbidden', message, 'AccessDenied');
}

/** Refusals by firewall and by "private access only" (B.5). */
export function networkRefused(vault: Vault, caller: Principal): Answer {
  if (vault.network === 'privateOnly') {
    const message =
      'Public network access is disabled and request is not from a trusted service nor via an approved private link.';
    return errorAnswer(
      403,
      'Forbidden',
      `${message}\r\nCaller: ${identify(caller)}`,
      'ForbiddenByConnection',
    );
  }
  const message = [
    'Client address is not authorized and caller is not a trusted service.',
    'Client address: 203.0.113.7',
    `Caller: ${identify(caller)}`,
    `Vault: ${vault.name};location=${REGION}`,
  ].join('\r\n');
  return errorAnswer(403, 'Forbidden', message, 'ForbiddenByFirewall');
}

function identify({ clientId, objectId, issuer }: Principal): string {
  return `appid=${clientId};oid=${objectId};iss=${issuer}`;
}
