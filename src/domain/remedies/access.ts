/**
 * Rights and ways to a store or a vault. Their resource ids are looked up by what the operator knows of them, since a
 * data plane does not tell its subscription or resource group.
 */
import type { TokenIdentity } from '../identity/identity.ts';
import type { SecretReference } from '../secrets/secret.ts';
import { commandsFor } from './remedy.ts';

const ofStore = (endpoint: string, member: string): string =>
  `"$(az appconfig list --query "[?endpoint=='${endpoint}'].${member}" --output tsv)"`;
const ofVault = (name: string): string => `"$(az keyvault show --name ${name} --query id --output tsv)"`;
/** A vault's name is the first label of its host. */
const nameOf = (vault: string): string => vault.split('.')[0] ?? vault;

/** To whom a role is given. Which identity answers on a node that names none is not known to the operator. */
export type Assignee = { readonly clientId: string } | 'signed-in-user' | 'identity-of-node';

export function assigneeOf(identity: TokenIdentity): Assignee {
  if (identity.kind === 'LocalIdentity') return 'signed-in-user';
  return identity.clientId === undefined ? 'identity-of-node' : { clientId: identity.clientId };
}

/** As the Azure CLI takes it: a client id or an object id. */
function idOf(assignee: Assignee): string {
  switch (assignee) {
    case 'signed-in-user':
      return '"$(az ad signed-in-user show --query id --output tsv)"';
    case 'identity-of-node':
      return 'PRINCIPAL_ID';
    default:
      return assignee.clientId;
  }
}

/** What stands in its place before a command is run. */
const placeholders = (assignee: Assignee): readonly string[] =>
  assignee === 'identity-of-node'
    ? [
        "# PRINCIPAL_ID is the principal id of the identity of the operator's node: the one that the system assigned to its virtual machine or scale set, or else the only one there. On AKS without the former (CLUSTER and GROUP are its name and its resource group):",
        '# az aks show --name CLUSTER --resource-group GROUP --query identityProfile.kubeletidentity.objectId --output tsv',
      ]
    : [];

const namesOf = (assignee: Assignee) => (typeof assignee === 'string' ? {} : assignee);

/** (learn.microsoft.com/azure/azure-app-configuration/concept-enable-rbac) */
export const grantStore = (assignee: Assignee, endpoint: string): readonly string[] | undefined =>
  commandsFor({ ...namesOf(assignee), endpoint }, () => [
    ...placeholders(assignee),
    '# In the subscription of the store. Owner and Contributor do not include this role.',
    `az role assignment create --assignee ${idOf(assignee)} --role "App Configuration Data Reader" --scope ${ofStore(endpoint, 'id')}`,
  ]);

/**
 * Vaults have one of two permission models, and their refusals tell which. (learn.microsoft.com/azure/key-vault/general/rbac-guide,
 * learn.microsoft.com/azure/key-vault/general/assign-access-policy)
 */
export type PermissionModel = 'rbac' | 'access-policy' | 'unknown';

export const grantVault = (
  assignee: Assignee,
  vault: string,
  model: PermissionModel,
  permissions: 'get' | 'get list' = 'get',
): readonly string[] | undefined =>
  commandsFor({ ...namesOf(assignee), name: nameOf(vault) }, ({ name }) => {
    const role = [
      permissions === 'get'
        ? '# In the subscription of the vault; for one secret alone, put /secrets/NAME behind the scope.'
        : '# In the subscription of the vault:',
      `az role assignment create --assignee ${idOf(assignee)} --role "Key Vault Secrets User" --scope ${ofVault(name)}`,
    ];
    const policy = [
      '# In the subscription of the vault, which has access policies instead of roles. This replaces the permissions for secrets that the identity has:',
      `az keyvault set-policy --name ${name} ${typeof assignee === 'string' ? '--object-id' : '--spn'} ${idOf(assignee)} --secret-permissions ${permissions}`,
    ];
    return [
      ...placeholders(assignee),
      ...(model === 'access-policy' ? [] : role),
      ...(model === 'rbac' ? [] : policy),
    ];
  });

/** (learn.microsoft.com/azure/azure-app-configuration/howto-disable-public-access) */
export const openStore = (endpoint: string): readonly string[] | undefined =>
  commandsFor({ endpoint }, () => [
    '# By taking requests from everywhere (they still need a role):',
    `az appconfig update --name ${ofStore(endpoint, 'name')} --resource-group ${ofStore(endpoint, 'resourceGroup')} --enable-public-network true`,
    ...privateEndpoint(ofStore(endpoint, 'id'), 'configurationStores'),
  ]);

/** (learn.microsoft.com/azure/key-vault/general/network-security) */
export const openVault = (vault: string, publicAccess: boolean): readonly string[] | undefined =>
  commandsFor({ name: nameOf(vault) }, ({ name }) => [
    ...(publicAccess
      ? [
          '# By its address (ADDRESS is where the requests of the cluster come from; the log of the vault tells it as CallerIpAddress):',
          `az keyvault network-rule add --name ${name} --ip-address ADDRESS`,
        ]
      : []),
    ...privateEndpoint(ofVault(name), 'vault'),
  ]);

const privateEndpoint = (resource: string, group: string): readonly string[] => [
  '# By a private endpoint of the cluster (NAME is yours to choose; GROUP, VNET and SUBNET are the network of the cluster):',
  `az network private-endpoint create --name NAME --resource-group GROUP --vnet-name VNET --subnet SUBNET --connection-name NAME --group-id ${group} --private-connection-resource-id ${resource}`,
];

/** A disabled secret; without a version the newest one. */
export const enableSecret = ({ vault, name, version }: SecretReference): readonly string[] | undefined =>
  commandsFor({ vault: nameOf(vault), name, version: version ?? name }, (names) => [
    `az keyvault secret set-attributes --vault-name ${names.vault} --name ${name}${version === undefined ? '' : ` --version ${version}`} --enabled true`,
  ]);
