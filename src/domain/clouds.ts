/**
 * The Azure clouds. Each is a world of its own: its own Entra with its own tenants, its own domains, its own audiences.
 *
 * An operator works in one of them. A token of a user's identity goes only to hosts below that cloud's domains (or below
 * those that the operator's settings add), so that a binding cannot send one elsewhere.
 */

export type CloudName = 'AzurePublic' | 'AzureUSGovernment' | 'AzureChina';

/** One domain of App Configuration, and the audience of tokens for stores below it. */
interface StoreDomain {
  readonly suffix: string;
  readonly audience: string;
}

export interface Cloud {
  readonly name: CloudName;
  /**
   * Entra (learn.microsoft.com/entra/identity-platform/authentication-national-cloud). Where it has several names, the
   * one that MSAL asks, whichever it is given: messages name it, and networks must let it through.
   */
  readonly authorityHost: string;
  /** App Configuration, the newer domain last (aka.ms/appconfig/client-token-audience, `KnownAppConfigAudience` of its SDK). */
  readonly stores: readonly StoreDomain[];
  /** Of tokens for stores below other domains. */
  readonly otherAudience: string;
  /** Key Vault (learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates). A vault names its audience itself, in its challenge. */
  readonly vaultSuffixes: readonly string[];
  /** What `az cloud set --name` and `Connect-AzAccount -Environment` call it (learn.microsoft.com/cli/azure/manage-clouds-azure-cli). */
  readonly cliName: string;
}

export const CLOUDS: Readonly<Record<CloudName, Cloud>> = {
  AzurePublic: {
    name: 'AzurePublic',
    authorityHost: 'https://login.microsoftonline.com',
    stores: [
      { suffix: 'azconfig.io', audience: 'https://azconfig.io' },
      { suffix: 'appconfig.azure.com', audience: 'https://appconfig.azure.com' },
    ],
    otherAudience: 'https://azconfig.io',
    vaultSuffixes: ['vault.azure.net'],
    cliName: 'AzureCloud',
  },
  AzureUSGovernment: {
    name: 'AzureUSGovernment',
    authorityHost: 'https://login.microsoftonline.us',
    stores: [
      { suffix: 'azconfig.azure.us', audience: 'https://appconfig.azure.us' },
      { suffix: 'appconfig.azure.us', audience: 'https://appconfig.azure.us' },
    ],
    otherAudience: 'https://appconfig.azure.us',
    vaultSuffixes: ['vault.usgovcloudapi.net'],
    cliName: 'AzureUSGovernment',
  },
  AzureChina: {
    name: 'AzureChina',
    authorityHost: 'https://login.partner.microsoftonline.cn',
    stores: [
      { suffix: 'azconfig.azure.cn', audience: 'https://appconfig.azure.cn' },
      { suffix: 'appconfig.azure.cn', audience: 'https://appconfig.azure.cn' },
    ],
    otherAudience: 'https://appconfig.azure.cn',
    vaultSuffixes: ['vault.azure.cn'],
    cliName: 'AzureChinaCloud',
  },
};

export const DEFAULT_CLOUD: CloudName = 'AzurePublic';
const ALL: readonly Cloud[] = Object.values(CLOUDS);
export const CLOUD_NAMES: readonly CloudName[] = ALL.map(({ name }) => name);

export const storeSuffixesOf = ({ stores }: Cloud): readonly string[] => stores.map(({ suffix }) => suffix);

/** Whether `host` (lower case) lies strictly below one of `suffixes`. */
export const isBelow = (host: string, suffixes: readonly string[]): boolean =>
  suffixes.some((suffix) => host.endsWith(`.${suffix.toLowerCase()}`));

/**
 * The audience of tokens for the store at `host`. A host below no known domain is one that the settings of the operator
 * add: it gets the audience of their cloud.
 */
export function storeAudience(host: string, cloud: CloudName): string {
  const domains = ALL.flatMap(({ stores }) => stores);
  const known = domains.find(({ suffix }) => isBelow(host, [suffix]));
  return known?.audience ?? CLOUDS[cloud].otherAudience;
}

/**
 * Those of `known` below which the settings of a store may name vaults: not those of other clouds than the store's. A
 * store below a suffix of the operator's settings may be of any.
 */
export function vaultSuffixesFor(storeHost: string, known: readonly string[]): readonly string[] {
  const own = ALL.find((cloud) => isBelow(storeHost, storeSuffixesOf(cloud)));
  if (own === undefined) return known;
  const foreign = ALL.filter((cloud) => cloud !== own).flatMap(({ vaultSuffixes }) => vaultSuffixes);
  return known.filter((suffix) => !foreign.includes(suffix));
}

/** The cloud that a store or vault at `host` lies in. */
export const cloudOfHost = (host: string): CloudName | undefined =>
  ALL.find((cloud) => isBelow(host, [...storeSuffixesOf(cloud), ...cloud.vaultSuffixes]))?.name;

/** What is to be added where a host is refused and lies in another cloud than the operator's; else nothing. */
export function otherCloudHint(host: string, cloud: CloudName): string {
  const other = cloudOfHost(host);
  if (other === undefined || other === cloud) return '';
  return `; it is of ${other}, and the operator's setting cloud is ${cloud}`;
}
