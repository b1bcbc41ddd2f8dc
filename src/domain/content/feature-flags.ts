import { FLAG_PREFIX } from '../../api/keyfilter.ts';
import type { FeatureFlag } from '../formats/flags-section.ts';
import { MAX_DEPTH } from '../formats/format.ts';
import { depthOf, member, textOf, withMember } from '../formats/json-members.ts';
import { type JsonNode, parseJson, scalar } from '../formats/json-node.ts';
import { ordinal, showKey } from '../keys.ts';
import { contentKind } from '../store/contenttypes.ts';
import type { PlannedSource } from '../store/selectors.ts';
import type { Setting } from '../store/settings.ts';

/**
 * From the settings of all selections of flags to the flags of a file.
 *
 * Guarantees: a later selection wins per flag; within one the order is that of the keys, whatever the store
 * answered. Flags are the JSON that is stored, with every digit of its numbers (Microsoft's schema v2, or v1, as it
 * is: nothing is translated). Settings that are no flags are passed over: a snapshot may hold both.
 * A flag that is none of that is reported, and the one that it overrides does not come back in its place.
 */
export interface SelectedFlags {
  /** In ordinal order of their ids. */
  readonly flags: readonly FeatureFlag[];
  readonly invalid: readonly InvalidFlag[];
  /** How many flags each part gave, invalid ones too; in order. */
  readonly counts: readonly number[];
  /** An environment was asked for and no flag carries its label. */
  readonly unmatchedEnvironment: boolean;
}

export interface InvalidFlag {
  /** Its key, without the prefix. */
  readonly name: string;
  /** A clause: what is wrong with its value. */
  readonly problem: string;
}

interface FlagSettings {
  readonly source: PlannedSource;
  readonly settings: readonly Setting[];
}

/** `parts` in the order of the plan; `endpoint` of the store, `https://<host>`. */
export function selectFlags(parts: readonly FlagSettings[], endpoint: string): SelectedFlags {
  const winners = new Map<string, FeatureFlag | InvalidFlag>();
  const counts: number[] = [];
  for (const { settings } of parts) {
    const own = settings.filter(isFlag).toSorted((a, b) => ordinal(a.key, b.key));
    counts.push(own.length);
    for (const setting of own) {
      winners.delete(setting.key);
      winners.set(setting.key, flagOf(setting, endpoint));
    }
  }
  const all = [...winners.values()];
  const valid = new Map(all.flatMap((one) => ('node' in one ? [[one.id, one] as const] : [])));
  const overlays = parts.flatMap(({ source }, index) => (source.overlay ? [counts[index] ?? 0] : []));
  return {
    flags: [...valid.values()].toSorted((a, b) => ordinal(a.id, b.id)),
    invalid: all.filter((one) => 'problem' in one),
    counts,
    unmatchedEnvironment: overlays.length > 0 && overlays.every((count) => count === 0),
  };
}

/** An invalid flag stays what it was in `before`, the flags of the target as it stands by id, if it was anything. */
export function flagsToWrite(
  { flags, invalid }: SelectedFlags,
  before: () => ReadonlyMap<string, FeatureFlag>,
): readonly FeatureFlag[] {
  if (invalid.length === 0) return flags;
  const known = before();
  const taken = new Set(flags.map(({ id }) => id));
  return [
    ...flags,
    ...invalid.filter(({ name }) => !taken.has(name)).flatMap(({ name }) => known.get(name) ?? []),
  ];
}

/** One sentence for each invalid flag. */
export const invalidFlagMessage = ({ name, problem }: InvalidFlag): string =>
  `feature flag ${showKey(name)} ${problem}: it keeps its last value, or is left out if there is none; correct it in the store`;

const isFlag = ({ contentType }: Setting): boolean => contentKind(contentType) === 'feature-flag';

/** `feature_management`, its list, and the file around them. */
const LEVELS_ABOVE = 3;

function flagOf(setting: Setting, endpoint: string): FeatureFlag | InvalidFlag {
  const { key, value = '' } = setting;
  const name = key.startsWith(FLAG_PREFIX) ? key.slice(FLAG_PREFIX.length) : key;
  const node = parseJson(value);
  if (node?.kind !== 'object') return { name, problem: 'holds no JSON object' };
  const id = textOf(member(node, 'id'));
  if (id === undefined || id === '') return { name, problem: 'has no id' };
  if (!isFlagState(member(node, 'enabled'))) return { name, problem: 'is neither enabled nor disabled' };
  if (depthOf(node) + LEVELS_ABOVE > MAX_DEPTH) return { name, problem: 'is nested too deeply' };
  return { id, node: withTelemetry(node, setting, endpoint) };
}

/** Absent means disabled; the libraries refuse anything that is no boolean. */
const isFlagState = (node: JsonNode | undefined): boolean =>
  node === undefined || (node.kind === 'scalar' && (node.token === 'true' || node.token === 'false'));

/** What the libraries send along with an evaluation, where the flag asks for telemetry: where it comes from. */
function withTelemetry(
  node: Extract<JsonNode, { kind: 'object' }>,
  setting: Setting,
  endpoint: string,
): JsonNode {
  const telemetry = member(node, 'telemetry');
  if (telemetry?.kind !== 'object' || !isTrue(member(telemetry, 'enabled'))) return node;
  const given = member(telemetry, 'metadata');
  const metadata = given?.kind === 'object' ? given : ({ kind: 'object', members: [] } as const);
  const tagged = withMember(metadata, 'ETag', scalar(setting.etag));
  const whole = withMember(tagged, 'FeatureFlagReference', scalar(referenceOf(setting, endpoint)));
  return withMember(node, 'telemetry', withMember(telemetry, 'metadata', whole));
}

const isTrue = (node: JsonNode | undefined): boolean => node?.kind === 'scalar' && node.token === 'true';

/** Not percent-encoded: the same text as Microsoft's Kubernetes provider gives, so that telemetry can be joined. */
const referenceOf = ({ key, label }: Setting, endpoint: string): string =>
  `${endpoint}/kv/${key}${label === undefined ? '' : `?label=${label}`}`;
