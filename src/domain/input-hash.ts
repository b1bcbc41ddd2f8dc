import type { Canonical } from './canonical-json.ts';
import type { Format } from './formats/format.ts';
import { type HashKey, hmacHex } from './keyed-hash.ts';
import type { Plan } from './plan.ts';
import { type ReferenceRecord, type ReferenceRecords, referenceUri } from './secrets/references.ts';
import type { PlannedSource } from './store/selectors.ts';
import { filterParts, selectionKey } from './store/settings.ts';
import { carriesFlags, plainFormat, type TargetTerms } from './targets/plan-targets.ts';
import { RENDERER_VERSION } from './targets/render.ts';
import { vaultSelectionParts } from './vaults/vault-selections.ts';

/**
 * What decides the data of a target, as one hash that stands on it.
 *
 * Guarantees: nothing that changes the data is left out, and nothing else is in it; it is keyed, since it covers which
 * secrets there are.
 */

/** ETags of the pages of one selection, and the host that gave them: those of different hosts do not compare. */
export interface PageVersions {
  readonly host: string;
  readonly etags: readonly string[];
}

/**
 * Raised when the API version or the field selection of list calls changes: ETags are compared only within one
 * of them.
 */
export const PAGES_VERSION = 1;

/** All that decides the bytes of one target. */
export interface HashInput {
  /** 'ConfigMap' or 'Secret'. */
  readonly target: string;
  /** The spec fields that decide the data, and no others. */
  readonly decided: Canonical;
  readonly rendererVersion: number;
  readonly pagesVersion: number;
  /** In the order of the selections of the plan, null where not known; then all others, in one order. */
  readonly pages: readonly (PageVersions | null)[];
  /** Pages of the selections of flags, in their order; absent for a target without flags. */
  readonly flags?: readonly (PageVersions | null)[];
  /** Per key, reference and version. Empty for a ConfigMap. */
  readonly references: readonly (readonly [string, string, string])[];
}

const INPUT_TAG = 'appconfig.dev/input/v1';

/** Text of the annotation `appconfig.dev/input-hash`: `<key id>:<32 hex digits>`. */
export function inputHash(key: HashKey, input: HashInput): string {
  const { target, decided, rendererVersion, pagesVersion, references } = input;
  const pages = input.pages.map(canonicalPage);
  const flags = input.flags?.map(canonicalPage);
  const parts = { target, decided, rendererVersion, pagesVersion, pages, flags, references };
  return `${key.id}:${hmacHex(key, INPUT_TAG, parts).slice(0, 32)}`;
}

const canonicalPage = (page: PageVersions | null) => page && { host: page.host, etags: page.etags };

/** Page tags by `selectionKey`. */
export type PagesBySelection = ReadonlyMap<string, PageVersions>;

/** What decides the ConfigMap of `plan`. */
export const configMapInput = (plan: Plan, pages: PagesBySelection): HashInput => ({
  ...commonInput(plan, pages),
  ...flagPages(plan, plan.configMap?.format, pages),
  target: 'ConfigMap',
  decided: {
    ...decidedByAll(plan),
    ...decidedByFlags(plan, plan.configMap?.format),
    format: plan.configMap === undefined ? null : { ...plan.configMap.format },
  },
  references: [],
});

/**
 * What decides the Secret of `plan`: which version of each reference it holds. Which references there are follows
 * from the pages; where a ConfigMap's hash already covers those, a changed setting need not rewrite a Secret without
 * settings. (The Secret is written first, so the ConfigMap's hash never runs ahead of it.)
 */
export const secretInput = (plan: Plan, pages: PagesBySelection, records: ReferenceRecords): HashInput => ({
  ...commonInput(plan, pages),
  ...(plan.configMap === undefined || plan.secret?.include === 'All' ? {} : { pages: [] }),
  ...flagPages(plan, plainFormat(plan.secret), pages),
  target: 'Secret',
  decided: {
    ...decidedByAll(plan),
    ...decidedByFlags(plan, plainFormat(plan.secret)),
    ...decidedBySecret(plan),
  },
  references: [...records]
    .map(([key, { reference, version }]) => [key, reference, version] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1)),
});

/** What decides the Secret of one certificate. That there is one follows from the pages, which the others cover. */
export const certificateInput = ({ terms }: Plan, name: string, record: ReferenceRecord): HashInput => ({
  target: 'Certificate',
  decided: { terms: departures(terms) },
  rendererVersion: RENDERER_VERSION,
  pagesVersion: PAGES_VERSION,
  pages: [],
  references: [[name, record.reference, record.version]],
});

const commonInput = ({ sources, flagSources }: Plan, pages: PagesBySelection) => ({
  rendererVersion: RENDERER_VERSION,
  pagesVersion: PAGES_VERSION,
  pages: [...pagesOf(sources, pages), ...others([...sources, ...flagSources], pages)],
});

const pagesOf = (sources: Plan['sources'], pages: PagesBySelection) =>
  sources.map(({ selection }) => pages.get(selectionKey(selection)) ?? null);

/** Of a target without flags nothing is hashed, so that a changed flag leaves it alone. */
const flagPages = (plan: Plan, format: Format | undefined, pages: PagesBySelection) =>
  carriesFlags(plan, format) ? { flags: pagesOf(plan.flagSources, pages) } : {};

/** Snapshots that settings refer to; or sentinels, which stand for everything. */
function others(sources: Plan['sources'], pages: PagesBySelection): readonly PageVersions[] {
  const planned = new Set(sources.map(({ selection }) => selectionKey(selection)));
  return [...pages]
    .filter(([key]) => !planned.has(key))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, versions]) => versions);
}

const sourceParts = ({ selector, selection: { filter } }: PlannedSource) =>
  [selector, ...filterParts(filter)] as const;

const decidedByFlags = (plan: Plan, format: Format | undefined): { readonly [name: string]: Canonical } =>
  carriesFlags(plan, format) ? { flagSources: plan.flagSources.map(sourceParts) } : {};

const decidedByAll = ({
  endpoint,
  environment,
  sources,
  sentinels,
  allowEmpty,
  keys,
  terms,
  gate,
  vaultSecrets,
  vaultSelections,
}: Plan) => ({
  vaultSelections: vaultSelections.length === 0 ? undefined : vaultSelections.map(vaultSelectionParts),
  vaultSecrets:
    vaultSecrets.size === 0
      ? undefined
      : [...vaultSecrets].map(([key, { reference, use }]) => [key, referenceUri(reference), use?.as ?? null]),
  endpoint,
  environment,
  // Which selector a selection belongs to decides what is a collision and what an override.
  sources: sources.map(sourceParts),
  sentinels: sentinels.map(({ selection: { filter } }) => filterParts(filter)),
  allowEmpty,
  trimPrefixes: keys.trimPrefixes,
  replace: keys.replace.map(({ from, to }) => [from, to] as const),
  invalid: keys.invalid,
  terms: departures(terms),
  // Content that passed one gate has not passed another.
  gate: gate && { requiredKeys: gate.requiredKeys, schema: gate.schema && { ...gate.schema } },
});

/** Terms other than the default ones: what stands on targets by default hashes as it always has. */
function departures({ labels, annotations, creationPolicy, deletionPolicy }: TargetTerms): Canonical {
  const other = {
    ...(isEmpty(labels) ? {} : { labels }),
    ...(isEmpty(annotations) ? {} : { annotations }),
    ...(creationPolicy === 'Owner' ? {} : { creationPolicy }),
    ...(deletionPolicy === 'Delete' ? {} : { deletionPolicy }),
  };
  return isEmpty(other) ? undefined : other;
}

const isEmpty = (record: object): boolean => Object.keys(record).length === 0;

const decidedBySecret = ({ secret, expandJson }: Plan): { readonly [name: string]: Canonical } =>
  secret === undefined
    ? {}
    : {
        format: { ...secret.format },
        include: secret.include,
        type: secret.type,
        expandJson: expandJson && { keys: expandJson.keys, separator: expandJson.separator },
      };
