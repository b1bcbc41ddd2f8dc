import type { Reason } from '../api/reasons.ts';
import type { AzureService } from '../ports/metrics.ts';
import type { Rate } from './pace.ts';

/** What holds hosts of one kind back, and how fast they may be asked. */
export interface HostRules {
  /** Failures of the host itself; all others concern one identity, one secret, or another host. */
  readonly holding: ReadonlySet<Reason>;
  /** Reasons that only an answer of the host can have: it is alive. */
  readonly answered: RegExp;
  /** Absent: as fast as its concurrency allows. */
  readonly rate?: Rate;
  /** As metrics call it; absent: pauses are not counted. */
  readonly service?: AzureService;
}

/** Stores and vaults. Roles, secrets and Entra concern one identity. */
export const DATA_HOST: HostRules = {
  holding: new Set<Reason>([
    'StoreThrottled',
    'StoreUnreachable',
    'StoreNotFound',
    'VaultThrottled',
    'VaultUnreachable',
  ]),
  answered: /^(Store|Vault|Secret)/,
};

/**
 * Standard takes about 300 reads per second, Premium about 450; Free and Developer name only a total
 * (learn.microsoft.com/azure/azure-app-configuration/faq). The tier cannot be seen from here, so a lower one says no
 * with 429. The burst is ten seconds' worth: a first sync of 1,000 bindings passes without waiting.
 */
export const STORE: HostRules = {
  ...DATA_HOST,
  service: 'appconfig',
  rate: { perSecond: 300, burst: 3_000 },
};

/**
 * A vault gives 4,000 secrets in 10 s per region, to all its readers together
 * (learn.microsoft.com/azure/key-vault/general/service-limits): never more than that from here.
 */
export const VAULT: HostRules = {
  ...DATA_HOST,
  service: 'keyvault',
  rate: { perSecond: 200, burst: 2_000 },
};

/** Entra names no rate. It asks for pauses, which then hold for all identities of a tenant. */
export const ENTRA: HostRules = {
  service: 'entra',
  holding: new Set<Reason>(['EntraThrottled', 'EntraUnavailable']),
  answered: /./,
};
