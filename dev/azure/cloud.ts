import { Endpoint } from './appconfig/endpoint.ts';
import { AppConfigService } from './appconfig/service.ts';
import { Store } from './appconfig/store.ts';
import { Clock } from './clock.ts';
import { DnsTroubles } from './dns/troubles.ts';
import { Directory } from './entra/directory.ts';
import { ExternalIssuers } from './entra/issuers.ts';
import { newSigningKey, type SigningKey } from './entra/keys.ts';
import { EntraService } from './entra/service.ts';
import { TokenIssuer } from './entra/tokens.ts';
import { TokenVerifier } from './entra/verifier.ts';
import { Faults } from './faults.ts';
import { isAzureHost, LOGIN_HOST } from './hosts.ts';
import type { Service } from './http/call.ts';
import { NodeIdentities } from './imds.ts';
import { KeyVaultService } from './keyvault/service.ts';
import { type PermissionModel, Vault } from './keyvault/vault.ts';
import type { Verdict } from './proxy.ts';
import { RequestLog } from './requestlog.ts';
import { RoleAssignments } from './roles.ts';

/** The tenant that exists from the start and owns whatever names no other. */
export const DEFAULT_TENANT_ID = '7d1a3f0e-52c4-4b0e-9a6d-3c5e8f2b9d41';
export const DEFAULT_TENANT_NAME = 'contoso.example';

/** Everything the pretend Azure knows, and the three services over it. */
export class Cloud {
  readonly clock = new Clock();
  readonly directory = new Directory();
  readonly issuers = new ExternalIssuers();
  readonly roles = new RoleAssignments();
  readonly faults = new Faults();
  readonly dns = new DnsTroubles();
  /** Of the virtual machine whose metadata service is played. */
  readonly node = new NodeIdentities();
  readonly log = new RequestLog();
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
  readonly #entra: Service;

  /** Use `createCloud`. */
  constructor(key: SigningKey, foreignKey: SigningKey) {
    const { clock, directory, issuers, roles } = this;
    this.foreignKey = foreignKey;
    this.tokens = new TokenIssuer(key, clock);
    const guards = { clock, verifier: new TokenVerifier(key, clock), roles };
    const storeExists = (host: string) => this.endpoints.has(host);
    this.#appconfig = new AppConfigService((host) => this.endpoints.get(host), guards);
    this.#keyvault = new KeyVaultService((host) => this.vaults.get(host), guards);
    this.#entra = new EntraService({ clock, directory, issuers, key, tokens: this.tokens, storeExists });
    this.directory.createTenant(DEFAULT_TENANT_ID, DEFAULT_TENANT_NAME);
  }

  /** The service that answers at a host name now. */
  resolve(host: string): Service | undefined {
    if (host === LOGIN_HOST) return this.#entra;
    if (this.endpoints.has(host)) return this.#appconfig;
    return this.vaults.has(host) ? this.#keyvault : undefined;
  }

  /** A store or vault that does not exist has no DNS name (A.15, B.5). */
  judge(host: string, port: number): Verdict {
    if (port !== 443 || !isAzureHost(host)) return 'refused';
    if (this.isBlackHole(host)) return 'silent';
    return this.resolve(host) ? 'open' : 'no-such-host';
  }

  createStore(name: string, tenantId: string): Store {
    const store = new Store(name, tenantId, this.clock);
    this.deleteStore(store.host);
    this.stores.set(store.host, store);
    this.endpoints.set(store.host, new Endpoint(store, this.clock));
    return store;
  }

  /** Adds `{store}-{replica}.azconfig.io` (A.15). */
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
    const vault = new Vault(name, tenantId, model, this.clock);
    this.vaults.set(vault.host, vault);
    return vault;
  }

  /** Back to the state of a fresh start; signing keys and certificates stay. */
  reset(): void {
    const { directory, issuers, roles, faults, stores, endpoints, vaults, dns, node } = this;
    for (const part of [directory, issuers, roles, faults, stores, endpoints, vaults, dns, node])
      part.clear();
    this.log.clear();
    this.clock.setOffset(0);
    this.tokens.resetLifetime();
    this.directory.createTenant(DEFAULT_TENANT_ID, DEFAULT_TENANT_NAME);
  }
}

/** A cloud with fresh signing keys. */
export async function createCloud(): Promise<Cloud> {
  const [key, foreign] = await Promise.all([newSigningKey('pretend-entra-1'), newSigningKey('foreign-1')]);
  return new Cloud(key, foreign);
}
