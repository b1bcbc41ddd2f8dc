import * as z from 'zod';
import { BOUNDS, DEFAULTS } from './defaults.ts';
import { choice, list, matches, printable, text, textMap } from './fields.ts';
import { annotate } from './rules.ts';

/** Secrets that are read without a setting that refers to them: named ones, and all of a vault. */

/** A name, or a host; {environment} may stand in the name. */
export const VAULT_TEMPLATE = '^([A-Za-z0-9-]|[{]environment[}])+([.][A-Za-z0-9-]+)*$';
const SECRET_NAME = '^[0-9A-Za-z-]{1,127}$';
const PREFIX = '^[0-9A-Za-z-]+$';
const SECRET_VERSION = '^[0-9a-fA-F]{32}$';

const vaultName = text(
  {
    description:
      "The vault: its name, such as contoso, which lies in the store's cloud (without a store in the operator's), or its host, such as contoso.vault.azure.net. {environment} in the name stands for the environment, for example {environment}-orders.",
  },
  BOUNDS.vaultHost,
  matches(
    VAULT_TEMPLATE,
    'must be the name or the host of a vault, such as contoso or contoso.vault.azure.net; {environment} may stand in the name',
  ),
);

const vaultSecret = z
  .object({
    vault: vaultName,
    name: text(
      { description: 'Name of the secret.' },
      BOUNDS.secretName,
      matches(SECRET_NAME, 'must be the name of a secret: letters, digits and "-", at most 127'),
    ),
    version: text(
      { description: 'One version of it, read once.', fallback: 'the newest, read again and again' },
      BOUNDS.secretVersion,
      matches(SECRET_VERSION, 'must be the version of a secret: 32 hexadecimal digits'),
    ).exactOptional(),
    key: text(
      {
        description: 'The key that holds its value, as it is.',
        fallback: 'the name of the secret, to which spec.keys is applied',
      },
      BOUNDS.selfNamedKey,
      printable,
    ).exactOptional(),
    type: choice(
      {
        description:
          'Opaque: the value goes into target.secret. kubernetes.io/tls: the secret is a certificate, and becomes a Secret of its own, named after the key.',
        fallback: DEFAULTS.secretType,
      },
      ['Opaque', 'kubernetes.io/tls'],
    ).exactOptional(),
  })
  .meta(annotate({ description: 'One secret of a vault.' }));

export const vaultSecrets = list(
  {
    description:
      'Secrets that are read without a setting that refers to them. They override settings of the same key; of two for one key the later one wins.',
    fallback: 'none',
  },
  vaultSecret,
  BOUNDS.vaultSecrets,
);

const wholeVault = z
  .object({
    vault: vaultName,
    prefix: text(
      {
        description:
          'Only secrets whose name begins so, in upper and lower case as it is written here. The prefix stays in the key, unless spec.keys trims it.',
        fallback: 'whatever their name',
      },
      BOUNDS.secretName,
      matches(PREFIX, 'must be the beginning of names of secrets: letters, digits and "-"'),
    ).exactOptional(),
    tags: textMap(
      {
        description: 'Only secrets that carry all of these tags, each with exactly this value. At most five.',
        fallback: 'whatever their tags',
      },
      BOUNDS.tags,
      BOUNDS.tag,
    ).exactOptional(),
  })
  .meta(annotate({ description: 'The secrets of one vault.' }));

export const wholeVaults = list(
  {
    description:
      'Vaults whose secrets are read without a setting that refers to them: all, or those of a prefix or with tags, each under its name, to which spec.keys is applied. Not those that are disabled, and not those of certificates. They override settings of the same key, a later vault an earlier one, and keyVault.secrets all of them. New secrets come and deleted ones go on keyVault.refreshInterval.',
    fallback: 'none',
  },
  wholeVault,
  BOUNDS.wholeVaults,
);
