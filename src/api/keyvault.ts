import * as z from 'zod';
import { BOUNDS, DEFAULTS } from './defaults.ts';
import { expandJson } from './expand-json.ts';
import { choice, duration, list, matches, text } from './fields.ts';
import { vaultIdentity } from './identity.ts';
import { annotate } from './rules.ts';
import { VAULT_HOST, VAULT_PATTERN } from './vault-hosts.ts';
import { vaultSecrets, wholeVaults } from './vault-secrets.ts';

/** How Key Vault is read: by whom, which vaults, how often. */

const vault = z
  .object({
    host: text(
      { description: 'Host of the vault, for example contoso.vault.azure.net, in lower case.' },
      BOUNDS.vaultHost,
      matches(VAULT_HOST, 'must be the host of a vault in lower case, such as contoso.vault.azure.net'),
    ),
    identity: vaultIdentity({ description: 'As whom this vault is read. Exactly one member.' }),
  })
  .meta(annotate({ description: 'One vault and who reads it.' }));

const vaults = z
  .array(vault)
  .min(1)
  .max(BOUNDS.vaults)
  .superRefine((entries, context) => {
    const hosts = entries.map(({ host }) => host);
    const twice = hosts.findIndex((host, index) => hosts.indexOf(host) < index);
    if (twice >= 0)
      context.addIssue({ code: 'custom', message: 'names a host twice; keep one entry for each host' });
  })
  .meta(
    annotate(
      {
        description: 'Vaults that are read as somebody else.',
        fallback: 'every vault is read as keyVault.identity says',
      },
      {
        minItems: 1,
        maxItems: BOUNDS.vaults,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['host'],
      },
    ),
  );

export const keyVault = z
  .object({
    identity: vaultIdentity({
      description: 'As whom key vaults are read. Exactly one member.',
      fallback: 'spec.identity',
    }).exactOptional(),
    vaults: vaults.exactOptional(),
    allowedVaults: list(
      {
        description:
          'Hosts of the vaults that references may name; a * stands for any characters of the first label, for example shop-*.vault.azure.net. Others are refused before a token is requested. The settings of the operator can narrow it further.',
        fallback: "any vault of the store's cloud",
      },
      text(
        { description: 'A host, or hosts with *.' },
        BOUNDS.vaultHost,
        matches(
          VAULT_PATTERN,
          'must be the host of a vault in lower case, such as contoso.vault.azure.net; a * may stand in its first label',
        ),
      ),
      BOUNDS.allowedVaults,
    ).exactOptional(),
    refreshInterval: duration(
      {
        description: 'How often secrets without a fixed version are read again, and the lists of vaults.',
        fallback: DEFAULTS.vaultRefreshInterval,
      },
      BOUNDS.vaultRefreshIntervalMin,
    ).exactOptional(),
    onError: choice(
      {
        description:
          'KeepLast: a reference that cannot be resolved keeps its last value, and everything else goes on. Fail: as long as one cannot be resolved, nothing is written.',
        fallback: DEFAULTS.onReferenceError,
      },
      ['KeepLast', 'Fail'],
    ).exactOptional(),
    expandJson: expandJson.exactOptional(),
    all: wholeVaults.exactOptional(),
    secrets: vaultSecrets.exactOptional(),
  })
  .meta(
    annotate({
      description:
        'How Key Vault is read: references of settings, and secrets and vaults that are named here.',
    }),
  );
