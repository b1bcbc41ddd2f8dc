import type { AzureControl } from '../control/client.ts';
import type { RoleName } from '../roles.ts';
import { type CliCall, UsageError } from './arguments.ts';

export interface CliContext {
  readonly control: AzureControl;
  /** Who is logged in: an application stands for the user. Absent: nobody. */
  readonly login: string | undefined;
}

type Command = (call: CliCall, context: CliContext) => Promise<unknown>;

const GROUP = '/subscriptions/pretend/resourceGroups/pretend/providers';
const STORES = `${GROUP}/Microsoft.AppConfiguration/configurationStores`;
const VAULTS = `${GROUP}/Microsoft.KeyVault/vaults`;

/** Names of the roles as users know them. */
const ROLE_NAMES: Readonly<Record<string, RoleName>> = {
  'App Configuration Data Reader': 'AppConfigurationDataReader',
  'Key Vault Secrets User': 'KeyVaultSecretsUser',
};

const TOKEN_SECONDS = 3_599;

/** (learn.microsoft.com/cli/azure/account#az-account-get-access-token) */
const accessToken: Command = async (call, { control, login }) => {
  if (login === undefined) throw new UsageError("Please run 'az login' to setup account.");
  const token = await control.issueToken({ clientId: login, audience: call.option('resource') });
  const expires = Math.floor(Date.now() / 1_000) + TOKEN_SECONDS;
  return {
    accessToken: token,
    expiresOn: new Date(expires * 1_000).toISOString(),
    expires_on: expires,
    tokenType: 'Bearer',
  };
};

const stores: Command = async (_, { control }) => {
  const [{ storeSuffix }, { stores: all }] = await Promise.all([control.getCloud(), control.dump()]);
  return all.map(({ name }) => ({
    name,
    id: `${STORES}/${name}`,
    endpoint: `https://${name}${storeSuffix}`,
    resourceGroup: 'pretend',
  }));
};

/** As the Azure CLI calls the clouds (learn.microsoft.com/cli/azure/manage-clouds-azure-cli). */
const CLI_NAMES = {
  AzurePublic: 'AzureCloud',
  AzureUSGovernment: 'AzureUSGovernment',
  AzureChina: 'AzureChinaCloud',
} as const;

/** The stand-in is of one cloud for good: only that one can be chosen. */
const setCloud: Command = async (call, { control }) => {
  const { cloud } = await control.getCloud();
  const name = call.option('name');
  if (name !== CLI_NAMES[cloud]) throw new UsageError(`this is ${CLI_NAMES[cloud]}, and not ${name}`);
};

const vault: Command = async (call) => ({
  name: call.option('name'),
  id: `${VAULTS}/${call.option('name')}`,
});

/** Every application may be a managed identity: it is called by its client id. */
const identities: Command = async (_, { control }) =>
  (await control.dump()).tenants
    .flatMap(({ apps }) => apps)
    .map(({ clientId }) => ({ name: clientId, clientId, resourceGroup: 'pretend' }));

const trustByIdentity: Command = (call, { control }) =>
  control.addFederatedCredential({
    clientId: call.option('identity-name'),
    name: call.option('name'),
    issuer: call.option('issuer'),
    subject: call.option('subject'),
    audience: call.option('audiences'),
  });

const trustByApp: Command = (call, { control }) => {
  const { audiences, ...credential } = JSON.parse(call.option('parameters'));
  return control.addFederatedCredential({
    clientId: call.option('id'),
    ...credential,
    audience: audiences[0],
  });
};

const assignRole: Command = (call, { control }) => {
  const role = ROLE_NAMES[call.option('role')];
  const [, kind, name] = /\/(configurationStores|vaults)\/([^/]+)$/.exec(call.option('scope')) ?? [];
  if (role === undefined || name === undefined) throw new UsageError('no such role or scope');
  const where = kind === 'vaults' ? { vault: name } : { store: name };
  return control.assignRole({ role, principal: call.option('assignee'), ...where });
};

/** The pretend vault keeps access policies as roles. */
const setPolicy: Command = (call, { control }) =>
  control.assignRole({
    role: 'KeyVaultSecretsUser',
    principal: call.option('spn'),
    vault: call.option('name'),
  });

const changeSecret: Command = (call, { control }) => {
  const version = call.optional('version');
  return control.changeSecret({
    vault: call.option('vault-name'),
    name: call.option('name'),
    enabled: call.option('enabled') === 'true',
    ...(version === undefined ? {} : { version }),
  });
};

const enableApp: Command = (call, { control }) =>
  control.setAppDisabled({
    clientId: call.option('id'),
    disabled: call.option('set') !== 'accountEnabled=true',
  });

const COMMANDS: Readonly<Record<string, Command>> = {
  'account get-access-token': accessToken,
  'ad app federated-credential create': trustByApp,
  'ad sp update': enableApp,
  'appconfig list': stores,
  'cloud set': setCloud,
  'identity federated-credential create': trustByIdentity,
  'identity list': identities,
  'keyvault secret set-attributes': changeSecret,
  'keyvault set-policy': setPolicy,
  'keyvault show': vault,
  'role assignment create': assignRole,
};

export async function runCommand(call: CliCall, context: CliContext): Promise<unknown> {
  const command = COMMANDS[call.words];
  if (command === undefined) throw new UsageError(`the stand-in knows no az ${call.words}`);
  return command(call, context);
}
