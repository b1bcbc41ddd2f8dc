import { BOUNDS } from '../api/defaults.ts';
import { OBJECT_NAME_PATTERN } from '../api/fields.ts';
import { DATA_KEY_PATTERN } from '../api/target.ts';
import { firstNames } from './first-few.ts';

/** Keys of the store, keys of the targets, and how they are shown in messages. */

/** Orders keys by UTF-16 code units: the same on every machine and in every locale. */
export const ordinal = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Cuts the longest of `prefixes` that `key` starts with, once. A key that consists of nothing but a prefix is
 * left as it is: an empty key can be written nowhere.
 */
export function trimKey(key: string, prefixes: readonly string[]): string {
  const fitting = prefixes.filter((prefix) => key.length > prefix.length && key.startsWith(prefix));
  return key.slice(Math.max(0, ...fitting.map(({ length }) => length)));
}

/** A literal text and what stands in its place afterwards. */
export interface Replacement {
  readonly from: string;
  readonly to: string;
}

export interface KeyRules {
  readonly trimPrefixes: readonly string[];
  readonly replace: readonly Replacement[];
}

/**
 * The key of a target for a key of the store: first a prefix is cut, then the replacements are made in order, each
 * at every place it fits. A key that grows beyond `MAX_KEY` is left there: it is legal in no format.
 */
export function mapKey(key: string, { trimPrefixes, replace }: KeyRules): string {
  let mapped = trimKey(key, trimPrefixes);
  for (const { from, to } of replace) {
    if (mapped.length > MAX_KEY) return mapped;
    mapped = mapped.replaceAll(from, () => to);
  }
  return mapped;
}

/** Longer than any key of a store (App Configuration allows 10 KB for a whole setting). */
export const MAX_KEY = 10_240;

const DATA_KEY = new RegExp(DATA_KEY_PATTERN);

/** Whether the API server takes `key` as a key of a ConfigMap or Secret. */
export const isDataKey = (key: string): boolean => key.length <= BOUNDS.dataKey && DATA_KEY.test(key);

const OBJECT_NAME = new RegExp(OBJECT_NAME_PATTERN);

/** Whether an object may have the name. */
export const isObjectName = (name: string): boolean =>
  name.length <= BOUNDS.objectName && OBJECT_NAME.test(name);

const SHOWN = 80;
const NAMED = 10;

/** A key in quotes, cut where it is very long; for messages. */
export const showKey = (key: string): string => showText(key, SHOWN);

/** Any text in quotes, cut after `most` characters. */
export function showText(text: string, most: number): string {
  const points = [...text];
  return JSON.stringify(points.length > most ? `${points.slice(0, most).join('')}…` : text);
}

/** At most ten keys in quotes, and how many more there are. */
export const showKeys = (keys: readonly string[]): string => firstNames(keys.map(showKey), NAMED);
