import { ANNOTATION_FORMAT, ANNOTATION_INPUT_HASH, ANNOTATION_REFERENCES } from '../../api/names.ts';
import { decodeFormat } from '../../domain/formats/format.ts';
import { giversOf } from '../../domain/secrets/givers.ts';
import { decodeReferences, keysOf, type ReferenceRecords } from '../../domain/secrets/references.ts';
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
  return { contents: new Map(secrets.flatMap(contentsOf)), keyId, mayHold: heldUntold(secret) };
}

/**
 * There are too many references to record, or someone took the record away. A key without a value has none to lose;
 * which keys an expanded secret became, and what is in a file of an unknown format, cannot be told. Certificates that
 * are not made anew stay as they are.
 */
function heldUntold(secret: TargetObject | undefined): LastValues['mayHold'] {
  const isBare = Object.keys(secret?.data ?? {}).length === 0;
  if (secret === undefined || isBare || recordsOf(secret) !== undefined) return () => false;
  const lookup = previousValues('Secret', secret);
  const isReadable = decodeFormat(secret.metadata.annotations?.[ANNOTATION_FORMAT]) !== undefined;
  return (key, { use }) => {
    if (use?.as === 'certificate') return false;
    return use?.as === 'keys' || !isReadable || lookup(key) !== undefined;
  };
}

const recordsOf = ({ metadata }: TargetObject): ReferenceRecords | undefined =>
  decodeReferences(metadata.annotations?.[ANNOTATION_REFERENCES]);

/**
 * By key of the reference, what its own keys hold: where another one gives a key, too, only one of them is there. One
 * of whose keys none is left is left out.
 */
function contentsOf(secret: TargetObject): readonly (readonly [string, Trusted])[] {
  const records: ReferenceRecords = recordsOf(secret) ?? new Map();
  const lookup = previousValues('Secret', secret);
  const givers = giversOf(records);
  return [...records].flatMap(([key, record]) => {
    const own = keysOf(key, record).filter((one) => givers.get(one) === key);
    const content = new Map<string, string>();
    for (const one of own) {
      const value = lookup(one)?.value;
      if (typeof value === 'string') content.set(one, value);
    }
    return content.size === 0 && own.length > 0 ? [] : [[key, { content, record }] as const];
  });
}
