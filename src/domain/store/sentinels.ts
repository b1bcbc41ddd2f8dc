import type { BindingSpec } from '../../api/schema.ts';
import { type Selection, selectionKey } from './settings.ts';

/** A setting whose change is the sign to read everything else. */
export interface PlannedSentinel {
  /** For people: `key "release", no label`. */
  readonly description: string;
  /** Exactly this setting, or an empty page while it does not exist. */
  readonly selection: Selection;
}

/** Keys and labels are literal. One that is listed twice is one. */
export function planSentinels(endpoint: string, refresh: BindingSpec['refresh']): readonly PlannedSentinel[] {
  const planned = (refresh?.sentinels ?? []).map(({ key, label }) => ({
    description: `key ${JSON.stringify(key)}, ${label === undefined ? 'no label' : `label ${JSON.stringify(label)}`}`,
    selection: { endpoint, filter: { key: exactly(key), label: label ?? null } },
  }));
  return [...new Map(planned.map((sentinel) => [selectionKey(sentinel.selection), sentinel])).values()];
}

/** What the grammar of key filters reserves, made ordinary. */
const exactly = (key: string): string => key.replace(/[\\*,]/g, '\\$&');
