import { Endpoint } from './appconfig/endpoint.ts';
import { AppConfigService } from './appconfig/service.ts';
import { Store } from './appconfig/store.ts';
import { Directory } from './entra/directory.ts';
import { ExternalIssuers } from './entra/issuers.ts';
import { newSigningKey, type SigningKey } from './entra/keys.ts';
import { EntraService } from './entra/service.ts';
import { TokenIssuer } from './entra/tokens.ts';
import { TokenVerifier } from './entra/verifier.ts';
import { type CloudNames, isHostOf } from './hosts.ts';
import type { Service } from './http/call.ts';
import { KeyVaultService } from './keyvault/service.ts';
import { type PermissionModel, Vault } from './keyvault/vault.ts';
import { NodeIdentities } from './node-identities.ts';
import { RoleAssignments } from './roles.ts';
import type { Surroundings } from './surroundings.ts';

/** Everything that one cloud of the pretend Azure knows, and the three services over it. */
export class Cloud {
  readonly names: CloudNames;
  readonly clock: Surroundings['clock'];
  readonly faults: Surroundings['faults'];
  readonly dns: Surroundings['dns'];
  readonly log: Surroundings['log'];
  readonly directory = new Directory();
  readonly issuers = new ExternalIssuers();
  readonly roles = new RoleAssignments();
  /** Of the virtual machine whose metadata service is played. */
  readonly node = new NodeIdentities();
  /** By the host of the origin. */
  readonly stores = new Map<string, Store>();
  /** Every host that a store answers at: origins and replicas, each store's origin first. */
  readonly endpoints = new Map<string, Endpoint>();
  readonly vaults = new Map<string, Vault>();
  readonly tokens: TokenIssuer;
  /** A key that no service trusts, for forged tokens. */
  readonly foreignKey: SigningKey;
  readonly #appconfig: Service;
  readonly #keyvault: Service;
  readonly entra: Service;
  readonly #surroundings: Surroundings;

  /** Use `createCloud`. */
  constructor(names: CloudNames, surroundings: Surroundings, key: SigningKey, foreignKey: SigningKey) {
    this.names = names;
    this.#surroundings = surroundings;
    ({ clock: this.clock, faults: this.faults, dns: this.dns, log: this.log } = surroundings);
    const { clock, directory, issuers, roles } = this;
    this.foreignKey = foreignKey;
    this.tokens = new TokenIssuer(key, clock, names);
    const guards = { names, clock, verifier: new TokenVerifier(key, clock, names), roles };
    const storeExists = (host: string) => this.endpoints.has(host);
    this.#appconfig = new AppConfigService((host) => this.endpoints.get(host), guards);
    this.#keyvault = new KeyVaultService((host) => this.vaults.get(host), guards);
    this.entra = new EntraService({
      names,
      clock,
      directory,
      issuers,
      key,
      tokens: this.tokens,
      storeExists,
    });
    this.directory.createTenant(names.tenant.id, names.tenant.name);
  }

  /** The service that answers at a host name now. */
  resolve(host: string): Service | undefined {
    if (host === this.names.login) return this.entra;
    if (this.endpoints.has(host)) return this.#appconfig;
    return this.vaults.has(host) ? this.#keyvault : undefined;
  }

  /** Whether a host, or a name below it, is of this cloud; there may be nothing. */
  has(host: string): boolean {
    return isHostOf(this.names, host);
  }

  /** Of a store, or of a replica by `{store}-{replica}`. */
  storeHost(name: string): string {
    return name.toLowerCase() + this.names.storeSuffix;
  }

  vaultHost(name: string): string {
    return name.toLowerCase() + this.names.vaultSuffix;
  }

  createStore(name: string, tenantId: string): Store {
    const store = new Store(name, tenantId, this.clock, this.names.storeSuffix);
    this.deleteStore(store.host);
    this.stores.set(store.host, store);
    this.endpoints.set(store.host, new Endpoint(store, this.clock));
    return store;
  }

  /** Adds the host `{store}-{replica}` (A.15). */
  createReplica(store: Store, name: string): Endpoint {
    const endpoint = new Endpoint(store, this.clock, name);
    this.endpoints.set(endpoint.host, endpoint);
    return endpoint;
  }

  /** The store and its replicas. */
  deleteStore(host: string): void {
    this.stores.delete(host);
    for (const endpoint of this.endpoints.values())
      if (endpoint.store.host === host) this.endpoints.delete(endpoint.host);
  }

  /** Replicas in the order in which they were made. */
  replicasOf(store: Store): Endpoint[] {
    return [...this.endpoints.values()].filter((one) => one.store === store && one.replica !== undefined);
  }

  /** Whether packets to this host vanish. */
  isBlackHole(host: string): boolean {
    return this.endpoints.get(host)?.network === 'black-hole';
  }

  createVault(name: string, tenantId: string, model: PermissionModel): Vault {
    const vault = new Vault(name, tenantId, model, this.clock, this.names.vaultSuffix);
    this.vaults.set(vault.host, vault);
    return vault;
  }

  /** Back to the state of a fresh start, what clouds share too; signing keys and certificates stay. */
  reset(): void {
    const { directory, issuers, roles, stores, endpoints, vaults, node, names } = this;
    for (const part of [directory, issuers, roles, stores, endpoints, vaults, node]) part.clear();
    this.#surroundings.reset();
    this.tokens.resetLifetime();
    this.directory.createTenant(names.tenant.id, names.tenant.name);
  }
}

/** A cloud with fresh signing keys. */
export async function createCloud(names: CloudNames, surroundings: Surroundings): Promise<Cloud> {
  const [key, foreign] = await Promise.all([
    newSigningKey(`pretend-entra-${names.cloud}`),
    newSigningKey('foreign-1'),
  ]);
  return new Cloud(names, surroundings, key, foreign);
}
