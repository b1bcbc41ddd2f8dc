import type { z } from 'zod';
import type { Endpoint } from '../appconfig/endpoint.ts';
import type { Store } from '../appconfig/store.ts';
import type { Cloud } from '../cloud.ts';
import type { App, Tenant } from '../entra/directory.ts';
import type { Vault } from '../keyvault/vault.ts';

/** One operation of the control API: validated input in, JSON-able result out. */
export interface Operation {
  /** Throws `z.ZodError` on bad input and `ControlError` when something named does not exist. */
  run(input: unknown): unknown;
}

export type Operations = Readonly<Record<string, Operation>>;

/** The caller named something that does not exist, or that exists already; shown to the caller as it is. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
}

export function operation<Schema extends z.ZodType>(
  schema: Schema,
  run: (input: z.output<Schema>) => unknown,
): Operation {
  return { run: (input) => run(schema.parse(input)) };
}

export function findStore(cloud: Cloud, name: string): Store {
  return cloud.stores.get(cloud.storeHost(name)) ?? missing('store', name);
}

/** An origin by the store's name, or a replica by `{store}-{replica}`. */
export function findEndpoint(cloud: Cloud, name: string): Endpoint {
  return cloud.endpoints.get(cloud.storeHost(name)) ?? missing('store or replica', name);
}

export function findVault(cloud: Cloud, name: string): Vault {
  return cloud.vaults.get(cloud.vaultHost(name)) ?? missing('vault', name);
}

export function findApp(cloud: Cloud, clientId: string): App {
  return cloud.directory.app(clientId) ?? missing('app', clientId);
}

/** The named tenant, or the default one. */
export function findTenant(cloud: Cloud, id: string = cloud.names.tenant.id): Tenant {
  return cloud.directory.tenant(id) ?? missing('tenant', id);
}

export function missing(what: string, name: string): never {
  throw new ControlError(`no such ${what}: ${name}`);
}
