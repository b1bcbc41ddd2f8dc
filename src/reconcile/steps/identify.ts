import { blocked, fail, ok, type Result } from '../../domain/failure.ts';
import { type Identity, localIdentity, type TokenIdentity } from '../../domain/identity/identity.ts';
import type { PlannedIdentity } from '../../domain/identity/plan-identity.ts';
import { vaultRefusal } from '../../domain/vaults/plan-vaults.ts';
import type { Dependencies } from '../dependencies.ts';
import { identifyConnectionString } from '../identities/connection-string.ts';
import { identifyManaged } from '../identities/managed-identity.ts';
import { identifyPrincipal } from '../identities/service-principal.ts';
import { identifyWorkload } from '../identities/workload-identity.ts';
import type { PlannedPass } from '../pass.ts';

/** Who reads what for a binding, as the objects of its own namespace say now. */
export interface Readers {
  readonly store: Identity;
  /**
   * Who reads the vault at `host`. A failure where that cannot be told, or the vault may not be read: no token is
   * requested for it then.
   */
  vault(host: string): Result<TokenIdentity>;
  /** Equal for bindings that read their vaults as the same identity, but for vaults that have one of their own. */
  readonly group: string;
}

type Needs = Pick<Dependencies, 'serviceAccounts' | 'kube' | 'credentialSecrets' | 'hashKey' | 'settings'>;

/** Fails when the reader of the store is not known; that of a vault concerns only what is read from it. */
export async function identify(pass: PlannedPass, deps: Needs): Promise<Result<Readers>> {
  const { identity, vaults } = pass.plan;
  const store = await identifyOne(identity, pass, deps);
  if (!store.ok) return store;
  // Where the plan names none, the binding reads its store with a connection string.
  const general = await identifyReader(vaults.identity ?? identity, pass, deps);
  const special = new Map<string, Result<TokenIdentity>>();
  for (const [host, planned] of vaults.identities)
    special.set(host, await identifyReader(planned, pass, deps));
  return ok({
    store: store.value,
    vault(host) {
      const refusal = vaultRefusal(host, vaults, deps.settings.allowedVaults);
      return refusal === undefined ? (special.get(host) ?? general) : fail(refusal);
    },
    group: general.ok ? general.value.key : store.value.key,
  });
}

/** Whether it matters is for the content of the store to say, so it is looked at again. */
const NO_READER = blocked(
  'InvalidSpec',
  'a connection string reads no vault: set spec.keyVault.identity, or select no Key Vault references',
);

/** On a laptop it is its owner, whatever the binding says. */
async function identifyOne(
  wanted: PlannedIdentity,
  pass: PlannedPass,
  deps: Needs,
): Promise<Result<Identity>> {
  if (wanted.kind !== 'ConnectionString' || deps.settings.localIdentity)
    return identifyReader(wanted, pass, deps);
  return identifyConnectionString(wanted, pass, deps);
}

async function identifyReader(
  wanted: PlannedIdentity,
  pass: PlannedPass,
  deps: Needs,
): Promise<Result<TokenIdentity>> {
  const { localIdentity: local, tenantId } = deps.settings;
  if (local) return ok(localIdentity(tenantId));
  switch (wanted.kind) {
    case 'WorkloadIdentity':
      return identifyWorkload(wanted, pass, deps);
    case 'ServicePrincipal':
      return identifyPrincipal(wanted, pass, deps);
    case 'ManagedIdentity':
      return identifyManaged(wanted, deps);
    case 'ConnectionString':
      return fail(NO_READER);
  }
}
