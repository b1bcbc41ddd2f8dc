import type { Agent } from 'node:https';
import type { AppConfigurationClient } from '@azure/app-configuration';
import { type Azure, startAzure } from '../../../dev/azure/azure.ts';
import type { AppInfo, AzureControl } from '../../../dev/azure/control/client.ts';
import { agentFor, fixedToken, secretClient, storeClient } from './clients.ts';
import { send, type Wire, type WireOptions } from './wire.ts';

export const AUDIENCES = { store: 'https://azconfig.io', vault: 'https://vault.azure.net' } as const;

/** One pretend Azure shared by the tests of a file; `fresh` empties it between them. */
export interface World {
  readonly azure: Azure;
  readonly control: AzureControl;
  readonly agent: Agent;
  fresh(): Promise<void>;
  stop(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const azure = await startAzure();
  const agent = agentFor(azure);
  const { control } = azure;
  const stop = async () => {
    agent.destroy();
    await azure.stop();
  };
  return { azure, control, agent, fresh: () => control.reset(), stop };
}

/** A store `contoso` with an app that owns its data, and ways to call it. */
export interface StoreWorld {
  readonly app: AppInfo;
  readonly token: string;
  readonly host: string;
  readonly client: AppConfigurationClient;
  call(target: string, options?: WireOptions): Promise<Wire>;
}

export const API = 'api-version=2026-04-01';

export async function contosoStore({ control, agent }: World): Promise<StoreWorld> {
  const app = await control.createApp({ name: 'orders' });
  const { endpoint } = await control.createStore({ name: 'contoso' });
  await control.assignRole({ role: 'AppConfigurationDataOwner', principal: app.clientId, store: 'contoso' });
  const token = await control.issueToken({ clientId: app.clientId, audience: AUDIENCES.store });
  const host = new URL(endpoint).host;
  const call = (target: string, options: WireOptions = {}) =>
    send(agent, host, target, { token, ...options });
  return { app, token, host, client: storeClient(agent, endpoint, fixedToken(token)), call };
}

/** A vault `contoso-kv` with an app that may do everything with its secrets. */
export async function contosoVault(
  { control, agent }: World,
  permissionModel: 'rbac' | 'accessPolicy' = 'rbac',
) {
  const app = await control.createApp({ name: 'orders' });
  const { uri } = await control.createVault({ name: 'contoso-kv', permissionModel });
  await control.assignRole({ role: 'KeyVaultSecretsOfficer', principal: app.clientId, vault: 'contoso-kv' });
  const token = await control.issueToken({ clientId: app.clientId, audience: AUDIENCES.vault });
  const host = new URL(uri).host;
  const call = (target: string, options: WireOptions = {}) =>
    send(agent, host, target, { token, ...options });
  return { app, token, host, uri, client: secretClient(agent, uri, fixedToken(token)), call };
}
