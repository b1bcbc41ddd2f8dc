/** Secrets with credentials of a team, as its namespace holds them. */
import type { SeenData } from './objects.ts';
import type { Team } from './team.ts';

export const PRINCIPAL = 'orders-sp';

/** The identity that reads with the Secret `orders-sp`. */
export const principalIdentity = { servicePrincipal: { secretRef: { name: PRINCIPAL } } };

export const ACCESS_KEY = 'orders-store';

/** The identity that reads with the Secret `orders-store`. */
export const accessKeyIdentity = { connectionString: { secretRef: { name: ACCESS_KEY } } };

/** Puts the connection string of the team's store where `accessKeyIdentity` looks for it. */
export async function writeConnectionString(team: Team): Promise<string> {
  const keys = await team.azure.listAccessKeys(team.store);
  const { connectionString = '' } = keys.find(({ name }) => name === 'Primary Read Only') ?? {};
  await writeSecret(team, ACCESS_KEY, { connectionString });
  return connectionString;
}

/** Creates or replaces a Secret of the team, which is there all the while: its absence would be another trouble. */
export async function writeSecret(
  { namespace, objects }: Team,
  name: string,
  stringData: Readonly<Record<string, string>>,
): Promise<void> {
  const secret = { metadata: { name }, stringData };
  if ((await objects.get<SeenData>('secrets', namespace, name)) === undefined)
    await objects.create('secrets', namespace, secret);
  else await objects.replace('secrets', namespace, secret);
}

/** A client secret of the team's application, new in Entra. */
export function newClientSecret(
  { app, azure }: Team,
  expiresAt?: number,
): Promise<{ keyId: string; value: string }> {
  return azure.addClientSecret({
    clientId: app.clientId,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  });
}

/** Puts `clientSecret` where `principalIdentity` looks for it; the ids are the team's application unless given. */
export const writePrincipal = (
  team: Team,
  clientSecret: string,
  ids: { readonly clientId: string; readonly tenantId: string } = team.app,
): Promise<void> =>
  writeSecret(team, PRINCIPAL, { clientId: ids.clientId, tenantId: ids.tenantId, clientSecret });
