import * as z from 'zod';
import { BOUNDS, DEFAULTS } from './defaults.ts';
import { duration, flag, list, matches, printable, text } from './fields.ts';
import { identity } from './identity.ts';
import { keys } from './keys.ts';
import { keyVault } from './keyvault.ts';
import { rollout } from './rollout.ts';
import { annotate, ruled } from './rules.ts';
import { flagSelector, selector } from './selector.ts';
import { target } from './target.ts';
import { validate } from './validate.ts';

/** What a user asks for. Every field works; later features add fields, and none changes its meaning. */

const HOST = '[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?';
const ENDPOINT = `^https://${HOST}([.]${HOST})+/?$`;

const store = ruled(
  z.object({
    endpoint: text(
      {
        description:
          'The endpoint of the store, for example https://contoso.azconfig.io: https and a host name, nothing else. The host must lie under a domain of Azure App Configuration.',
      },
      BOUNDS.endpoint,
      matches(
        ENDPOINT,
        'must be https:// and a host name, such as https://contoso.azconfig.io, without port, path, query or credentials',
      ),
    ),
    replicaDiscovery: flag({
      description:
        'true: the geo-replicas that DNS names are asked when the store cannot be reached, asks for a pause or fails. false: only the endpoint is asked.',
      fallback: String(DEFAULTS.replicaDiscovery),
    }).exactOptional(),
    loadBalancing: flag({
      description:
        'true: the selectors of all bindings are spread over the store and its replicas, each asking one of them as long as that one answers. Needs replicaDiscovery.',
      fallback: String(DEFAULTS.loadBalancing),
    }).exactOptional(),
  }),
  [
    {
      cel: '!(has(self.loadBalancing) && self.loadBalancing && has(self.replicaDiscovery) && !self.replicaDiscovery)',
      message: 'loadBalancing needs replicaDiscovery: leave replicaDiscovery out, or remove loadBalancing',
      holds: ({ loadBalancing, replicaDiscovery }) => loadBalancing !== true || replicaDiscovery !== false,
    },
  ],
  {
    description:
      'The App Configuration store that is read. It may be left out where keyVault.secrets or keyVault.all names what is read.',
  },
);

const featureFlags = z
  .object({
    selectors: list(
      {
        description: 'Which flags, in order: a later selector wins where two give the same flag.',
        fallback: 'one selector with key *',
      },
      flagSelector,
      BOUNDS.flagSelectors,
    ).exactOptional(),
  })
  .meta(
    annotate({
      description:
        'Feature flags, written as feature_management.feature_flags into each Json or Yaml file that holds plain values. Without it no flag is written.',
    }),
  );

const sentinel = z
  .object({
    key: text(
      { description: 'Its key, as it is: * and , are ordinary characters.' },
      BOUNDS.sentinelKey,
      printable,
    ),
    label: text(
      { description: 'Its label, as it is.', fallback: 'the setting without a label' },
      BOUNDS.label,
      printable,
    ).exactOptional(),
  })
  .meta(annotate({ description: 'One setting that is watched.' }));

const refresh = z
  .object({
    interval: duration(
      {
        description:
          'How often the store is asked for changes; up to a tenth later, so that bindings drift apart.',
        fallback: DEFAULTS.refreshInterval,
      },
      BOUNDS.refreshIntervalMin,
    ).exactOptional(),
    sentinels: list(
      {
        description:
          'With them, the store is asked for changes of these settings only, and everything is read again when one of them was created, changed or deleted.',
        fallback: 'none, every change of a selected setting is taken over',
      },
      sentinel,
      BOUNDS.sentinels,
    ).exactOptional(),
  })
  .meta(annotate({ description: 'When the store is read.' }));

const isTree = (format: string | undefined): boolean => format === 'Json' || format === 'Yaml';

export const specSchema = ruled(
  z.object({
    suspend: flag({
      description:
        'true: nothing is read, written or restarted until it is false again. The targets stay as they are; a change of spec.target.deletionPolicy counts all the same.',
      fallback: String(DEFAULTS.suspend),
    }).exactOptional(),
    store: store.exactOptional(),
    identity: identity({
      description: 'As whom the store and the key vaults are read. Exactly one member.',
    }),
    environment: text(
      {
        description:
          'The label whose settings override those without a label, for every selector that sets neither label nor noLabel, for example prod.',
        fallback:
          'the label appconfig.dev/environment of the namespace; without that none, only settings without a label are read',
      },
      BOUNDS.label,
      printable,
    ).exactOptional(),
    selectors: list(
      {
        description:
          'What is read, in order: a later selector wins where two give the same key. Empty, which needs featureFlags: no settings, for a file of feature flags alone.',
        fallback: 'one selector with key *',
      },
      selector,
      BOUNDS.selectors,
      0,
    ).exactOptional(),
    featureFlags: featureFlags.exactOptional(),
    keys: keys.exactOptional(),
    allowEmpty: flag({
      description:
        'true: a selection that matches nothing empties the targets. false: it changes nothing and Ready says EmptySelection.',
      fallback: String(DEFAULTS.allowEmpty),
    }).exactOptional(),
    keyVault: keyVault.exactOptional(),
    target,
    validate: validate.exactOptional(),
    refresh: refresh.exactOptional(),
    rollout: rollout.exactOptional(),
  }),
  [
    {
      cel: "!has(self.featureFlags) || (has(self.target.configMap) && has(self.target.configMap.format) && self.target.configMap.format in ['Json', 'Yaml']) || (has(self.target.secret) && has(self.target.secret.include) && self.target.secret.include == 'All' && has(self.target.secret.format) && self.target.secret.format in ['Json', 'Yaml'])",
      message:
        'featureFlags needs a file that can hold them: set target.configMap.format (or, with target.secret.include All, target.secret.format) to Json or Yaml, or remove featureFlags',
      holds: ({ featureFlags, target: { configMap, secret } }) =>
        featureFlags === undefined ||
        isTree(configMap?.format) ||
        (secret?.include === 'All' && isTree(secret.format)),
    },
    {
      cel: 'has(self.store) || (has(self.keyVault) && (has(self.keyVault.secrets) || has(self.keyVault.all)))',
      message: 'set store, or name secrets in keyVault.secrets or vaults in keyVault.all',
      holds: ({ store: given, keyVault: { secrets, all } = {} }) => (given ?? secrets ?? all) !== undefined,
    },
    {
      cel: '!has(self.keyVault) || !has(self.keyVault.all) || has(self.target.secret)',
      message: 'keyVault.all needs a Secret for what it reads: set target.secret, or remove keyVault.all',
      holds: ({ keyVault: { all } = {}, target: { secret } }) => all === undefined || secret !== undefined,
    },
    {
      cel: 'has(self.store) || !(has(self.selectors) || has(self.featureFlags) || (has(self.refresh) && has(self.refresh.sentinels)))',
      message:
        'selectors, featureFlags and refresh.sentinels are read from a store: set store, or remove them',
      holds: ({ store: given, selectors, featureFlags, refresh: { sentinels } = {} }) =>
        given !== undefined || (selectors ?? featureFlags ?? sentinels) === undefined,
    },
    {
      cel: '!has(self.selectors) || size(self.selectors) > 0 || has(self.featureFlags)',
      message:
        'selectors may be empty only with featureFlags: add a selector, or remove selectors to read every setting',
      holds: ({ selectors, featureFlags }) => selectors?.length !== 0 || featureFlags !== undefined,
    },
  ],
  { description: 'What is read, as whom, and where it is written.' },
);
