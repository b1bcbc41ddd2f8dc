import { ANNOTATION_INPUT_HASH, ANNOTATION_REFERENCES } from '../../api/names.ts';
import { previousValues } from '../../domain/previous-value.ts';
import { decodeReferences, heldKeys } from '../../domain/references.ts';
import type { TargetObject } from '../../domain/targets.ts';
import type { LastValues } from './trusted.ts';

/**
 * What a target Secret holds, in plain text, and what each value was read for. A file is read back key by key;
 * whether a value is what was written is for its keyed digest to say, in every format alike.
 */
export function decodeLastValues(secret: TargetObject | undefined): LastValues {
  const records = decodeReferences(secret?.metadata.annotations?.[ANNOTATION_REFERENCES]) ?? new Map();
  const lookup = previousValues('Secret', secret);
  const values = new Map<string, string>();
  for (const key of heldKeys(records)) {
    const value = lookup(key)?.value;
    if (typeof value === 'string') values.set(key, value);
  }
  const [keyId = ''] = (secret?.metadata.annotations?.[ANNOTATION_INPUT_HASH] ?? '').split(':');
  return { values, records, keyId };
}
