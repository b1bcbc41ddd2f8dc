import { ANNOTATION_REFERENCES } from '../../api/names.ts';
import { flagsToWrite } from '../../domain/content/feature-flags.ts';
import { ok, type Result } from '../../domain/failure.ts';
import type { FeatureFlag } from '../../domain/formats/flags-section.ts';
import type { Format, Lookup, PlainValue } from '../../domain/formats/format.ts';
import { certificateInput, configMapInput, inputHash, secretInput } from '../../domain/input-hash.ts';
import { decodeReferences, encodeReferences, heldKeys } from '../../domain/secrets/references.ts';
import { type DesiredTarget, desiredTarget } from '../../domain/targets/desired-target.ts';
import { carriesFlags, plainFormat } from '../../domain/targets/plan-targets.ts';
import { previousFlags, previousValues } from '../../domain/targets/previous-value.ts';
import { render } from '../../domain/targets/render.ts';
import { checkType, TLS } from '../../domain/targets/secret-types.ts';
import type { TargetObject } from '../../domain/targets/targets.ts';
import type { Dependencies } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';
import type { Existing } from './existing.ts';
import type { Fetched } from './fetch.ts';
import type { Resolved } from './outcome.ts';

/** What targets are rendered from. */
export interface Content {
  readonly fetched: Fetched;
  readonly resolved: Resolved;
  /** The targets as they stand. */
  readonly existing: Existing;
}

/** The targets as they should be, Secrets first, unless they are kept. Pure apart from its inputs. */
export function renderTargets(
  pass: PlannedPass,
  content: Content,
  secretsKept: boolean,
  deps: Pick<Dependencies, 'hashKey'>,
): Result<readonly DesiredTarget[]> {
  const secret = secretsKept ? ok(undefined) : renderSecret(pass, content, deps);
  if (!secret.ok) return secret;
  const certificates = secretsKept ? [] : renderCertificates(pass, content, deps);
  const configMap = renderConfigMap(pass, content, deps);
  if (!configMap.ok) return configMap;
  return ok([secret.value, ...certificates, configMap.value].filter((target) => target !== undefined));
}

const renderCertificates = (
  pass: PlannedPass,
  { resolved }: Content,
  { hashKey }: Pick<Dependencies, 'hashKey'>,
): readonly DesiredTarget[] =>
  [...resolved.certificates].map(([name, { content, record }]) =>
    desiredTarget({
      ...commonOf(pass),
      kind: 'Secret',
      name,
      type: TLS,
      holds: 'Certificate',
      format: { kind: 'KeyValue' },
      data: Object.fromEntries(content),
      inputHash: inputHash(hashKey, certificateInput(pass.plan, name, record)),
      references: encodeReferences(new Map([[name, record]])),
    }),
  );

function renderSecret(
  pass: PlannedPass,
  { fetched, resolved, existing }: Content,
  { hashKey }: Pick<Dependencies, 'hashKey'>,
): Result<DesiredTarget | undefined> {
  const { secret, keys } = pass.plan;
  if (secret === undefined) return ok(undefined);
  const { name, format, include, type } = secret;
  const values = new Map(include === 'All' ? plainValues(fetched, resolved, plainOf(existing.secret)) : []);
  for (const [key, value] of resolved.values) values.set(key, { value });
  const before = () => previousFlags('Secret', existing.secret);
  const flags = flagsFor(pass, fetched, plainFormat(secret), before);
  const data = render(values, { format, invalid: keys.invalid, target: `Secret ${name}`, ...flags });
  if (!data.ok) return data;
  const fit = checkType(type, data.value, name);
  if (!fit.ok) return fit;
  const references = encodeReferences(resolved.records);
  const hash = inputHash(hashKey, secretInput(pass.plan, fetched.tags, resolved.records));
  const written = {
    kind: 'Secret',
    name,
    format,
    type,
    data: data.value,
    inputHash: hash,
    references,
  } as const;
  return ok(desiredTarget({ ...commonOf(pass), ...written }));
}

function renderConfigMap(
  pass: PlannedPass,
  { fetched, resolved, existing }: Content,
  { hashKey }: Pick<Dependencies, 'hashKey'>,
): Result<DesiredTarget | undefined> {
  const { configMap, keys } = pass.plan;
  if (configMap === undefined) return ok(undefined);
  const { name, format } = configMap;
  const values = plainValues(fetched, resolved, previousValues('ConfigMap', existing.configMap));
  const before = () => previousFlags('ConfigMap', existing.configMap);
  const flags = flagsFor(pass, fetched, format, before);
  const data = render(values, { format, invalid: keys.invalid, target: `ConfigMap ${name}`, ...flags });
  if (!data.ok) return data;
  const hash = inputHash(hashKey, configMapInput(pass.plan, fetched.tags));
  const written = { kind: 'ConfigMap', name, format, data: data.value, inputHash: hash } as const;
  return ok(desiredTarget({ ...commonOf(pass), ...written }));
}

/** Flags, for a file that holds some. `before`: those of the target as it stands. */
function flagsFor(
  { plan }: PlannedPass,
  { flags }: Fetched,
  format: Format | undefined,
  before: () => ReadonlyMap<string, FeatureFlag>,
): { readonly flags?: readonly FeatureFlag[] } {
  if (flags === undefined || !carriesFlags(plan, format)) return {};
  return { flags: flagsToWrite(flags, before) };
}

export const commonOf = ({ namespace, name, uid, plan: { terms } }: PlannedPass) => ({
  namespace,
  binding: { name, uid },
  terms,
});

/**
 * Every plain value, and for a key that has just become a reference and could not be resolved yet, the plain value
 * that it had until now.
 */
function plainValues(
  { merged }: Fetched,
  { unresolved }: Resolved,
  before: Lookup,
): ReadonlyMap<string, PlainValue> {
  const values = new Map<string, PlainValue>();
  for (const [key, entry] of merged.entries) {
    const value = entry.kind === 'value' ? entry : unresolved.has(key) ? before(key) : undefined;
    if (value !== undefined) values.set(key, value);
  }
  return values;
}

/** What a Secret holds besides values of references; nothing where that cannot be told. */
function plainOf(secret: TargetObject | undefined): Lookup {
  const records = decodeReferences(secret?.metadata.annotations?.[ANNOTATION_REFERENCES]);
  const held = records && heldKeys(records);
  const lookup = previousValues('Secret', secret);
  return (key) => (held === undefined || held.has(key) ? undefined : lookup(key));
}
