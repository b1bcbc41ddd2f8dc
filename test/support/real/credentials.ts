/** Secrets with credentials of a team, as its namespace holds them. */
import type { SeenData } from './objects.ts';
import type { Team } from './team.ts';

export const PRINCIPAL = 'orders-sp';

/** The identity that reads with the Secret `orders-sp`. */
export const principalIdentity = { servicePrincipal: { secretRef: { name: PRINCIPAL } } };

/** Creates or replaces a Secret of the team. */
export async function writeSecret(
  { namespace, objects }: Team,
  name: string,
  stringData: Readonly<Record<string, string>>,
): Promise<void> {
  if ((await objects.get<SeenData>('secrets', namespace, name)) !== undefined)
    await objects.delete('secrets', namespace, name);
  await objects.create('secrets', namespace, { metadata: { name }, stringData });
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
