import type { BindingSpec } from '../../api/schema.ts';
import type { Selection } from './settings.ts';

/** A setting whose change is the sign to read everything else. */
export interface PlannedSentinel {
  /** For people: `key "release", no label`. */
  readonly description: string;
  /** Exactly this setting, or an empty page while it does not exist. */
  readonly selection: Selection;
}

/** Keys and labels are literal. */
export function planSentinels(endpoint: string, refresh: BindingSpec['refresh']): readonly PlannedSentinel[] {
  return (refresh?.sentinels ?? []).map(({ key, label }) => ({
    description: `key ${JSON.stringify(key)}, ${label === undefined ? 'no label' : `label ${JSON.stringify(label)}`}`,
    selection: { endpoint, filter: { key: exactly(key), label: label ?? null } },
  }));
}

/** What the grammar of key filters reserves, made ordinary. */
const exactly = (key: string): string => key.replace(/[\\*,]/g, '\\$&');
