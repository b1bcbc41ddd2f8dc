import type { IdOrigins } from '../identity/identity.ts';
import { putClientId, putTenantId } from './ids.ts';
import { commandsFor } from './remedy.ts';

/** An application, and the Secret that holds what it proves itself by. */
export interface Principal {
  readonly namespace: string;
  readonly secretName: string;
  readonly clientId: string;
  /** Where its ids stand, unless in the Secret. */
  readonly origins?: IdOrigins;
}

/** Whoever has more than these is asked for these alone: any other member would have to be literal as well. */
const namesOf = ({ namespace, secretName, clientId }: Principal) => ({ namespace, secretName, clientId });

/** A merge patch keeps the other keys of the Secret; nothing secret is printed. */
const put = ({ namespace, secretName }: Omit<Principal, 'clientId'>, key: string, value: string): string =>
  `kubectl patch secret ${secretName} --namespace ${namespace} --type merge --patch "{\\"stringData\\":{\\"${key}\\":\\"${value}\\"}}"`;

/** For a client secret that is wrong or has expired. (learn.microsoft.com/cli/azure/ad/app/credential) */
export const newClientSecret = (principal: Principal): readonly string[] | undefined =>
  commandsFor(namesOf(principal), ({ clientId }) => [
    '# Makes a further client secret (older ones stay valid until they expire) and puts it into the Secret, under the name clientSecret; remove the old one if it stands under another name:',
    put(
      principal,
      'clientSecret',
      `$(az ad app credential reset --id ${clientId} --append --query password --output tsv)`,
    ),
  ]);

/** For an application that the tenant does not know. */
export const nameApplication = (principal: Principal): readonly string[] | undefined =>
  commandsFor(namesOf(principal), () => [
    '# The client ids of app registrations:',
    'az ad app list --show-mine --query "[].{name: displayName, clientId: appId}" --output table',
    ...putClientId(principal.origins ?? {}, (value) => put(principal, 'clientId', value)),
  ]);

/** For a tenant that does not exist. */
export const nameTenantOf = (principal: Principal): readonly string[] | undefined =>
  commandsFor(namesOf(principal), () =>
    putTenantId(principal.origins ?? {}, (value) => put(principal, 'tenantId', value)),
  );
