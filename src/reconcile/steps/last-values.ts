import { ANNOTATION_INPUT_HASH, ANNOTATION_REFERENCES } from '../../api/names.ts';
import { decodeReferences } from '../../domain/references.ts';
import type { TargetObject } from '../../domain/targets.ts';
import type { LastValues } from './resolve.ts';

/** What a target Secret holds, in plain text, and what each value was read for. */
export function decodeLastValues(secret: TargetObject | undefined): LastValues {
  const records = decodeReferences(secret?.metadata.annotations?.[ANNOTATION_REFERENCES]) ?? new Map();
  const entries = Object.entries(secret?.data ?? {});
  const values = new Map(entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]));
  const [keyId = ''] = (secret?.metadata.annotations?.[ANNOTATION_INPUT_HASH] ?? '').split(':');
  return { values, records, keyId };
}
