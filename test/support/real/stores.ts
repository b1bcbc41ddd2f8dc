/** The store of a team as a whole: replaced in one step, so that no poll meets half of a change. */
import { REFERENCE_TYPE } from '../../../dev/azure/control/operations/stores.ts';
import type { Team } from './team.ts';

/** Puts a store that holds what `furnish` gives it, with its role, in the place of the team's, if there is one. */
export const replaceStore = (team: Team): Promise<void> =>
  plant(team, [
    { key: 'color', value: 'blue' },
    {
      key: 'password',
      value: JSON.stringify({ uri: `https://${team.vaultHost}/secrets/db` }),
      contentType: REFERENCE_TYPE,
    },
  ]);

/** Takes all settings away at once: taken one after the other, what is left might be synced in between. */
export const emptyStore = (team: Team): Promise<void> => plant(team, []);

const plant = (
  { app, azure, store }: Team,
  settings: readonly { readonly key: string; readonly value: string; readonly contentType?: string }[],
): Promise<void> =>
  azure.seed({
    stores: [{ name: store, tenantId: app.tenantId, settings: [...settings] }],
    roles: [{ role: 'AppConfigurationDataReader', principal: app.clientId, store }],
  });
