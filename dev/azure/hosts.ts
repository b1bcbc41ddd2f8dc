/** The names that tell one Azure cloud from another on the wire (E. Clouds). */
export interface CloudNames {
  readonly cloud: 'AzurePublic' | 'AzureUSGovernment' | 'AzureChina';
  /** Host of Entra: of its aliases the one that MSAL asks. */
  readonly login: string;
  /** Hosts that instance discovery calls the same cloud (C.2). */
  readonly loginAliases: readonly string[];
  /** Host in the issuer of v1 tokens. */
  readonly sts: string;
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
  sts: 'sts.windows.net',
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
  sts: 'sts.windows.net',
  instance: 'microsoftonline.us',
  region: 'USGov',
  storeSuffix: '.azconfig.azure.us',
  vaultSuffix: '.vault.usgovcloudapi.net',
  storeAudiences: ['https://appconfig.azure.us', 'https://azconfig.azure.us'],
  vaultAudience: 'https://vault.usgovcloudapi.net',
  tenant: { id: '2b8f6c1d-0a97-4e35-8c64-91d7f3e0a5b2', name: 'contoso-gov.example' },
};

export const CHINA: CloudNames = {
  cloud: 'AzureChina',
  login: 'login.partner.microsoftonline.cn',
  loginAliases: ['login.partner.microsoftonline.cn', 'login.chinacloudapi.cn'],
  sts: 'sts.chinacloudapi.cn',
  instance: 'partner.microsoftonline.cn',
  region: 'AS',
  storeSuffix: '.azconfig.azure.cn',
  vaultSuffix: '.vault.azure.cn',
  storeAudiences: ['https://appconfig.azure.cn', 'https://azconfig.azure.cn'],
  vaultAudience: 'https://vault.azure.cn',
  tenant: { id: '5c0e7a94-1f3d-4a68-b2c7-86d9e4f1a3c8', name: 'contoso-china.example' },
};

/** The clouds beside the public one. */
export const SOVEREIGN = { usGovernment: US_GOVERNMENT, china: CHINA } as const;

const namesOf = ({ login, storeSuffix, vaultSuffix }: CloudNames): string[] => [
  `*${storeSuffix}`,
  `*${vaultSuffix}`,
  login,
];

/** Every name the proxy's certificate covers. */
export const CERTIFICATE_NAMES = [PUBLIC, ...Object.values(SOVEREIGN)].flatMap(namesOf);

/** Whether a host is of this cloud, whatever stores and vaults exist; the proxy opens no others. */
export function isHostOf({ login, storeSuffix, vaultSuffix }: CloudNames, host: string): boolean {
  return host === login || host.endsWith(storeSuffix) || host.endsWith(vaultSuffix);
}
