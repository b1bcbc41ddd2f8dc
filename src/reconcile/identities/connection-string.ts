import { blocked, fail, invalidSpec, ok, type Result } from '../../domain/failure.ts';
import { Concealed } from '../../domain/identity/concealed.ts';
import { readConnectionString } from '../../domain/identity/connection-string.ts';
import { type ConnectionString, connectionString } from '../../domain/identity/identity.ts';
import type { PlannedConnectionString } from '../../domain/identity/plan-identity.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';
import { readCredential } from './read-credential.ts';

/** An access key of the binding's own store, from a Secret of its own namespace. */
export async function identifyConnectionString(
  { secretName, field }: PlannedConnectionString,
  pass: PlannedPass,
  deps: Pick<Dependencies, 'credentialSecrets' | 'hashKey'>,
): Promise<Result<ConnectionString>> {
  const { namespace, plan } = pass;
  if (plan.endpoint === undefined) return fail(NO_STORE);
  const read = await readCredential(pass, { name: secretName, field: `${field}.secretRef.name` }, deps);
  if (!read.ok) return read;
  const called = `Secret ${namespace}/${secretName}`;
  const found = readConnectionString(read.value.reveal());
  if (!found.ok) return fail(blocked('CredentialSecretInvalid', `${called}: ${found.problem}`));
  if (`https://${found.host}` !== plan.endpoint) {
    const message = `${called}: its connection string is of another store than spec.store.endpoint (${plan.endpoint}): correct either`;
    return fail(blocked('CredentialSecretInvalid', message));
  }
  const accessKey = new Concealed(found.key);
  return ok(connectionString({ namespace, secretName, accessKey }, deps.hashKey));
}

const NO_STORE = invalidSpec(
  'InvalidSpec',
  'spec.identity.connectionString reads a store, and the binding names none: set spec.store.endpoint, or another identity',
);
