import { ANNOTATION_FORMAT } from '../../api/names.ts';
import { readDocument } from '../formats/document.ts';
import { type FeatureFlag, isTreeFormat, readFlags } from '../formats/flags-section.ts';
import { decodeFormat, type Format, type Lookup } from '../formats/format.ts';
import type { DesiredTarget } from './desired-target.ts';
import type { Data } from './render.ts';
import type { TargetObject } from './targets.ts';

/**
 * Finds values in a target that was rendered before, so that they can be rendered again unchanged. Undefined for a
 * key that is not in it. It is read in the format that it was written in, whatever the spec asks for now.
 */
export function previousValues(kind: DesiredTarget['kind'], target: TargetObject | undefined): Lookup {
  const format = formatOf(target);
  const entry = entryOf(kind, target);
  if (format.kind !== 'KeyValue') return readDocument(entry(format.file) ?? '', format);
  return (key) => {
    const value = entry(key);
    return value === undefined ? undefined : { value };
  };
}

/** The feature flags of such a target, by id; read in the format that it was written in, too. */
export function previousFlags(
  kind: DesiredTarget['kind'],
  target: TargetObject | undefined,
): ReadonlyMap<string, FeatureFlag> {
  const format = formatOf(target);
  return isTreeFormat(format) ? readFlags(entryOf(kind, target)(format.file) ?? '', format) : new Map();
}

const formatOf = (target: TargetObject | undefined): Format =>
  decodeFormat(target?.metadata.annotations?.[ANNOTATION_FORMAT]) ?? { kind: 'KeyValue' };

function entryOf(kind: DesiredTarget['kind'], target: TargetObject | undefined) {
  const data = dataOf(kind, target);
  return (key: string): string | undefined => (Object.hasOwn(data, key) ? data[key] : undefined);
}

/** The data of a target as text. */
export const dataOf = (kind: DesiredTarget['kind'], target: TargetObject | undefined): Data =>
  kind === 'Secret' ? decoded(target?.data) : (target?.data ?? {});

const decoded = (data: Data = {}): Data =>
  Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  );
