import { randomUUID } from 'node:crypto';

/** A federated identity credential; all three members are compared exactly and case-sensitively (C.3). */
export interface FederatedCredential {
  readonly name: string;
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
}

/** A password of an app; Entra shows the value only once, on creation. Times in Unix seconds. */
export interface ClientSecret {
  readonly keyId: string;
  readonly value: string;
  readonly expiresAt?: number | undefined;
}

/** A certificate of an app, as it was uploaded; its private key stays with whoever signs. */
export interface ClientCertificate {
  readonly keyId: string;
  readonly pem: string;
}

/** An app registration together with its service principal. */
export interface App {
  readonly tenantId: string;
  readonly clientId: string;
  readonly objectId: string;
  readonly name: string;
  disabled: boolean;
  credentials: FederatedCredential[];
  secrets: ClientSecret[];
  certificates: ClientCertificate[];
}

export interface Tenant {
  readonly id: string;
  /** Shown in error texts; a verified domain such as `contoso.example` also addresses the tenant. */
  readonly name: string;
  readonly apps: Map<string, App>;
}

/** Tenants and their apps. Lookups by GUID ignore case, as Entra's do. */
export class Directory {
  readonly #tenants = new Map<string, Tenant>();

  createTenant(id: string = randomUUID(), name = `tenant-${id.slice(0, 8)}.example`): Tenant {
    const tenant: Tenant = { id: id.toLowerCase(), name, apps: new Map() };
    this.#tenants.set(tenant.id, tenant);
    return tenant;
  }

  /** Finds a tenant by GUID or by domain name. */
  tenant(idOrName: string): Tenant | undefined {
    const wanted = idOrName.toLowerCase();
    return (
      this.#tenants.get(wanted) ??
      [...this.#tenants.values()].find(({ name }) => name.toLowerCase() === wanted)
    );
  }

  createApp(tenant: Tenant, options: { name: string; clientId?: string; objectId?: string }): App {
    const app: App = {
      tenantId: tenant.id,
      clientId: (options.clientId ?? randomUUID()).toLowerCase(),
      objectId: (options.objectId ?? randomUUID()).toLowerCase(),
      name: options.name,
      disabled: false,
      credentials: [],
      secrets: [],
      certificates: [],
    };
    tenant.apps.set(app.clientId, app);
    return app;
  }

  /** The app with this client id, in any tenant. */
  app(clientId: string): App | undefined {
    const wanted = clientId.toLowerCase();
    for (const tenant of this.#tenants.values()) {
      const app = tenant.apps.get(wanted);
      if (app) return app;
    }
    return undefined;
  }

  tenants(): Tenant[] {
    return [...this.#tenants.values()];
  }

  clear(): void {
    this.#tenants.clear();
  }
}
