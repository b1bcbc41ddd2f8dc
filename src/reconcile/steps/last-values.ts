import { ANNOTATION_INPUT_HASH, ANNOTATION_REFERENCES } from '../../api/names.ts';
import { decodeReferences, keysOf } from '../../domain/secrets/references.ts';
import { previousValues } from '../../domain/targets/previous-value.ts';
import type { TargetObject } from '../../domain/targets/targets.ts';
import type { Existing } from './existing.ts';
import type { LastValues, Trusted } from './trusted.ts';

/**
 * What the target Secrets hold, in plain text, and what each value was read for. A file is read back key by key;
 * whether a value is what was written is for its keyed digest to say, in every format alike.
 */
export function decodeLastValues({
  secret,
  certificates,
}: Pick<Existing, 'secret' | 'certificates'>): LastValues {
  const secrets = [secret, ...certificates.values()].filter((object) => object !== undefined);
  const [keyId = ''] = (secrets[0]?.metadata.annotations?.[ANNOTATION_INPUT_HASH] ?? '').split(':');
  return { contents: new Map(secrets.flatMap(contentsOf)), keyId };
}

/** By key of the reference; one of whose keys some are missing is left out. */
function contentsOf(secret: TargetObject): readonly (readonly [string, Trusted])[] {
  const records = decodeReferences(secret.metadata.annotations?.[ANNOTATION_REFERENCES]) ?? new Map();
  const lookup = previousValues('Secret', secret);
  return [...records].flatMap(([key, record]) => {
    const keys = keysOf(key, record);
    const content = new Map<string, string>();
    for (const one of keys) {
      const value = lookup(one)?.value;
      if (typeof value === 'string') content.set(one, value);
    }
    return content.size < keys.length ? [] : [[key, { content, record }] as const];
  });
}
