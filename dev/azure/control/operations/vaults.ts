import type { Cloud } from '../../cloud.ts';
import { issueCertificate } from '../../keyvault/certificate.ts';
import { newest, type Secret, type Vault } from '../../keyvault/vault.ts';
import { ControlError, findTenant, findVault, missing, type Operations, operation } from '../operation.ts';
import * as schemas from '../schemas.ts';

/** Vaults and their secrets; these writes need no role and ignore firewalls. */
export function vaultOperations(cloud: Cloud): Operations {
  return {
    createVault: operation(schemas.vault, ({ name, tenantId, permissionModel }) => {
      const vault = cloud.createVault(name, findTenant(cloud, tenantId).id, permissionModel ?? 'rbac');
      return { name: vault.name, uri: `https://${vault.host}`, tenantId: vault.tenantId };
    }),
    deleteVault: operation(schemas.named, ({ name }) => {
      const { host } = findVault(cloud, name);
      cloud.vaults.delete(host);
      cloud.roles.removeHost(host);
    }),
    setVaultNetwork: operation(schemas.vaultNetwork, ({ vault, access }) => {
      findVault(cloud, vault).network = access;
    }),
    ...secretOperations(cloud),
  };
}

function secretOperations(cloud: Cloud): Operations {
  return {
    setSecret: operation(schemas.secret, ({ vault: vaultName, name, ...content }) => {
      const vault = findVault(cloud, vaultName);
      if (vault.secret(name)?.deletedAt !== undefined)
        throw new ControlError(`secret is soft-deleted: ${name}`);
      const { version } = vault.set(name, content);
      return { id: `https://${vault.host}/secrets/${name}/${version.version}`, version: version.version };
    }),
    issueCertificate: operation(schemas.certificate, async ({ vault: vaultName, name, ...request }) => {
      const vault = findVault(cloud, vaultName);
      const { leaf, ...content } = await issueCertificate(request);
      const { version } = vault.set(name, { ...content, managed: true });
      return {
        id: `https://${vault.host}/secrets/${name}/${version.version}`,
        version: version.version,
        leaf,
      };
    }),
    changeSecret: operation(schemas.secretChange, ({ vault: vaultName, name, version, ...change }) => {
      const vault = findVault(cloud, vaultName);
      const secret = findSecret(vault, name);
      const found =
        version === undefined ? newest(secret) : secret.versions.find((v) => v.version === version);
      vault.change(found ?? missing('version', version ?? ''), change);
    }),
    deleteSecret: operation(schemas.secretName, ({ vault: vaultName, name }) => {
      const vault = findVault(cloud, vaultName);
      vault.softDelete(findSecret(vault, name));
    }),
    recoverSecret: operation(schemas.secretName, ({ vault: vaultName, name }) => {
      const vault = findVault(cloud, vaultName);
      vault.recover(findSecret(vault, name));
    }),
    purgeSecret: operation(schemas.secretName, ({ vault, name }) => findVault(cloud, vault).purge(name)),
  };
}

function findSecret(vault: Vault, name: string): Secret {
  return vault.secret(name) ?? missing('secret', name);
}
