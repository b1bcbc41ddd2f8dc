/** The manifests that users copy, and the store and the vault that they name. */
import { readdir, readFile } from 'node:fs/promises';
import type { Team } from './team.ts';
import type { World } from './world.ts';

const FOLDER = new URL('../../../examples/', import.meta.url);

/** The store and the vault that the examples name. */
export const CONTOSO = 'contoso';

export const exampleFiles = async (): Promise<readonly string[]> =>
  (await readdir(FOLDER)).filter((name) => name.endsWith('.yaml'));

/**
 * `kubectl apply -f`, as a user would; unknown fields are an error. Only what the file tells the reader to replace is
 * replaced: the ids of the team's application, and the first of each text in `replaced`.
 */
export async function applyExample(
  team: Team,
  file: string,
  replaced: Readonly<Record<string, string>> = {},
): Promise<string> {
  const text = await readFile(new URL(file, FOLDER), 'utf8');
  const { cluster } = team.world;
  const ids = text
    .replace(/(client-?[iI]d: )0{8}\S+/, `$1${team.app.clientId}`)
    .replace(/(tenant-?[iI]d: )0{8}\S+/, `$1${team.app.tenantId}`);
  const filled = Object.entries(replaced).reduce((made, [from, to]) => made.replace(from, to), ids);
  return cluster.kubectlOrThrow(['apply', '--validate=strict', '-f', '-'], {
    namespace: team.namespace,
    input: filled,
  });
}

/** Store and vault with one value each, for the tests of the enclosing `describe`. */
export function useContoso(world: () => World): void {
  before(async () => {
    const { control } = world().azure;
    await control.createStore({ name: CONTOSO });
    await control.createVault({ name: CONTOSO });
    await control.setSetting({ store: CONTOSO, key: 'timeout', value: '30' });
    await control.setSecret({ vault: CONTOSO, name: 'orders-db', value: 'first-password' });
  });
  after(async () => {
    const { control } = world().azure;
    await control.deleteStore(CONTOSO);
    await control.deleteVault(CONTOSO);
  });
}

/** Lets the team's application read both. */
export async function grantContoso({ azure, app }: Team): Promise<void> {
  const principal = app.clientId;
  await azure.assignRole({ role: 'AppConfigurationDataReader', principal, store: CONTOSO });
  await azure.assignRole({ role: 'KeyVaultSecretsUser', principal, vault: CONTOSO });
}
