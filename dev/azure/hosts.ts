/** The names that tell one Azure cloud from another on the wire (E. Clouds). */
export interface CloudNames {
  readonly cloud: 'AzurePublic' | 'AzureUSGovernment';
  /** Host of Entra. */
  readonly login: string;
  /** Hosts that instance discovery calls the same cloud (C.2). */
  readonly loginAliases: readonly string[];
  /** `cloud_instance_name` and `tenant_region_scope` of a tenant's metadata. */
  readonly instance: string;
  readonly region: string;
  readonly storeSuffix: string;
  readonly vaultSuffix: string;
  readonly storeAudiences: readonly string[];
  readonly vaultAudience: string;
  /** The tenant that exists from the start and owns whatever names no other. */
  readonly tenant: { readonly id: string; readonly name: string };
}

export const PUBLIC: CloudNames = {
  cloud: 'AzurePublic',
  login: 'login.microsoftonline.com',
  loginAliases: ['login.microsoftonline.com', 'login.windows.net', 'login.microsoft.com', 'sts.windows.net'],
  instance: 'microsoftonline.com',
  region: 'EU',
  storeSuffix: '.azconfig.io',
  vaultSuffix: '.vault.azure.net',
  storeAudiences: ['https://azconfig.io', 'https://appconfig.azure.com'],
  vaultAudience: 'https://vault.azure.net',
  tenant: { id: '7d1a3f0e-52c4-4b0e-9a6d-3c5e8f2b9d41', name: 'contoso.example' },
};

export const US_GOVERNMENT: CloudNames = {
  cloud: 'AzureUSGovernment',
  login: 'login.microsoftonline.us',
  loginAliases: ['login.microsoftonline.us', 'login.usgovcloudapi.net'],
  instance: 'microsoftonline.us',
  region: 'USGov',
  storeSuffix: '.azconfig.azure.us',
  vaultSuffix: '.vault.usgovcloudapi.net',
  storeAudiences: ['https://appconfig.azure.us', 'https://azconfig.azure.us'],
  vaultAudience: 'https://vault.usgovcloudapi.net',
  tenant: { id: '2b8f6c1d-0a97-4e35-8c64-91d7f3e0a5b2', name: 'contoso-gov.example' },
};

const namesOf = ({ login, storeSuffix, vaultSuffix }: CloudNames): string[] => [
  `*${storeSuffix}`,
  `*${vaultSuffix}`,
  login,
];

/** Every name the proxy's certificate covers. */
export const CERTIFICATE_NAMES = [PUBLIC, US_GOVERNMENT].flatMap(namesOf);

/** Whether a host is of this cloud, whatever stores and vaults exist; the proxy opens no others. */
export function isHostOf({ login, storeSuffix, vaultSuffix }: CloudNames, host: string): boolean {
  return host === login || host.endsWith(storeSuffix) || host.endsWith(vaultSuffix);
}
