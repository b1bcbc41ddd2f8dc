import type { Format } from '../formats/format.ts';
import type { TargetTerms } from './plan-targets.ts';
import type { Data } from './render.ts';

/** What a target should be. */
export interface DesiredTarget {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly namespace: string;
  readonly name: string;
  readonly binding: { readonly name: string; readonly uid: string };
  readonly terms: TargetTerms;
  /** As the API carries it: base64 for a Secret. */
  readonly data: Data;
  /** How `data` was written, so that a later pass can read it back. */
  readonly format: Format;
  /** Of a Secret; absent: Opaque. */
  readonly type?: string;
  /** Of a Secret that is not the one of the spec. */
  readonly holds?: 'Certificate';
  readonly inputHash: string;
  /** `encodeReferences`; absent: no such annotation. */
  readonly references?: string;
}

/** What a target is made from; `data` is text for both kinds. */
export interface TargetInput extends Omit<DesiredTarget, 'references'> {
  readonly references?: string | undefined;
}

/** Encodes the data of a Secret and leaves out what is undefined. */
export function desiredTarget({ references, ...input }: TargetInput): DesiredTarget {
  const data = input.kind === 'Secret' ? base64(input.data) : input.data;
  return { ...input, data, ...(references === undefined ? {} : { references }) };
}

const base64 = (data: Data): Data =>
  Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
