import type { Cloud } from '../cloud.ts';
import type { Tenant } from '../entra/directory.ts';
import type { Secret, SecretVersion, Vault } from '../keyvault/vault.ts';
import type { RoleAssignment } from '../roles.ts';
import { findTenant } from './operation.ts';
import { toAssignment } from './operations/directory.ts';
import type { Seed } from './seed-schema.ts';
import { dumpStore, plantStore } from './seed-stores.ts';

/** Adds a document to the state; tenants and apps of the same id, stores and vaults of the same name are replaced. */
export function plant(cloud: Cloud, document: Seed): void {
  for (const tenant of document.tenants) plantTenant(cloud, tenant);
  for (const { issuer, caPem } of document.issuers) cloud.issuers.register(issuer, caPem);
  for (const store of document.stores) plantStore(cloud, store);
  for (const vault of document.vaults) plantVault(cloud, vault);
  for (const role of document.roles) cloud.roles.assign(toAssignment(cloud, role));
}

/** The state as a document for `plant`, secret values included; clock, faults and log are not part of it. */
export function dump(cloud: Cloud): Seed {
  return {
    tenants: cloud.directory.tenants().map(dumpTenant),
    issuers: cloud.issuers.list(),
    stores: [...cloud.stores.values()].map((store) => dumpStore(cloud, store)),
    vaults: [...cloud.vaults.values()].map(dumpVault),
    roles: cloud.roles.list().map((role) => dumpRole(cloud, role)),
  };
}

function plantTenant(cloud: Cloud, { id, name, apps }: Seed['tenants'][number]): void {
  const tenant = cloud.directory.tenant(id) ?? cloud.directory.createTenant(id, name);
  for (const { disabled, federatedCredentials, clientSecrets, certificates, ...given } of apps) {
    const app = cloud.directory.createApp(tenant, given);
    app.disabled = disabled;
    app.secrets = [...clientSecrets];
    app.certificates = [...certificates];
    app.credentials = federatedCredentials.map(({ name: label, ...credential }, index) => ({
      name: label ?? `credential-${index + 1}`,
      ...credential,
    }));
  }
}

function plantVault(cloud: Cloud, given: Seed['vaults'][number]): void {
  const vault = cloud.createVault(given.name, findTenant(cloud, given.tenantId).id, given.permissionModel);
  vault.network = given.network;
  for (const { name, versions, deletedAt } of given.secrets) {
    const [first, ...more] = versions;
    for (const version of first ? [first, ...more] : []) plantVersion(vault, name, version);
    const secret = vault.secret(name);
    if (secret) secret.deletedAt = deletedAt;
  }
}

type GivenVersion = Seed['vaults'][number]['secrets'][number]['versions'][number];

/** Makes a version the ordinary way, then gives it the identity that the document remembers. */
function plantVersion(vault: Vault, name: string, given: GivenVersion): void {
  const { secret, version } = vault.set(name, given);
  const remembered: SecretVersion = {
    ...version,
    version: given.version ?? version.version,
    created: given.created ?? version.created,
    updated: given.updated ?? version.updated,
  };
  secret.versions[secret.versions.length - 1] = remembered;
}

function dumpTenant({ id, name, apps }: Tenant): Seed['tenants'][number] {
  const list = [...apps.values()].map((app) => ({
    name: app.name,
    clientId: app.clientId,
    objectId: app.objectId,
    disabled: app.disabled,
    federatedCredentials: [...app.credentials],
    clientSecrets: [...app.secrets],
    certificates: [...app.certificates],
  }));
  return { id, name, apps: list };
}

function dumpVault(vault: Vault): Seed['vaults'][number] {
  const { name, tenantId, permissionModel, network } = vault;
  return { name, tenantId, permissionModel, network, secrets: vault.secrets().map(dumpSecret) };
}

function dumpSecret({ name, versions, deletedAt }: Secret): Seed['vaults'][number]['secrets'][number] {
  return { name, deletedAt, versions: versions.map((version) => ({ ...version })) };
}

function dumpRole({ names }: Cloud, { role, objectId, host }: RoleAssignment): Seed['roles'][number] {
  const name = host.slice(0, host.indexOf('.'));
  if (host.endsWith(names.storeSuffix)) return { role, principal: objectId, store: name };
  return { role, principal: objectId, vault: host.slice(0, -names.vaultSuffix.length) };
}
