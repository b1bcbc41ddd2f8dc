import fc from 'fast-check';
import type { FileFormat, PlainValue } from '../../../../src/domain/formats/format.ts';
import { render } from '../../../../src/domain/targets/render.ts';

/** What tests of formats share. */

export const FILE = 'file';
export const JSON_TYPE = 'application/json';

export const values = (
  record: Record<string, string | null>,
  contentType?: string,
): Map<string, PlainValue> =>
  new Map(
    Object.entries(record).map(([key, value]) => [
      key,
      contentType === undefined ? { value } : { value, contentType },
    ]),
  );

/** The file that `map` is written to. */
export function written(map: ReadonlyMap<string, PlainValue>, format: FileFormat): string {
  const data = render(map, { format, invalid: 'Fail', target: 'ConfigMap c' });
  if (!data.ok) throw new Error(JSON.stringify(data.failure));
  return data.value[format.file] ?? '';
}

/** Characters that some format or parser treats in its own way. */
const awkward = fc.constantFrom(
  ...' \t\n\r\f\v\b\\\'"`#$={}[]:;,!&*?|<>%@~^()-+./0123456789aenrtuyxNY_',
  '\r\n',
  '\\n',
  '\\u0041',
  '$'.concat('{HOME}'),
  '$(x)',
  '---',
  '...',
  'é',
  '漢',
  '🙂',
  '\u0000',
  '\u001b',
  '\u007f',
  '\u0085',
  '\u00a0',
  '\u2028',
  '\u2029',
  '\ufeff',
  '\ufffe',
);
const WORDS = [
  '',
  'null',
  '~',
  'true',
  'No',
  'y',
  '1',
  '0x1',
  '0o7',
  '012',
  '1e5',
  '.5',
  '12:30',
  '2026-11-24',
  '<<',
  '=',
];

export const awkwardTexts = fc.oneof(
  fc.string({ unit: awkward, maxLength: 12 }),
  fc.constantFrom(...WORDS),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);

export const awkwardKeys = awkwardTexts.filter((key) => key !== '');

/** Texts of JSON, laid out in any way. */
export const jsonTexts = fc
  .tuple(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(0, 1, '\t'))
  .map(([value, space]) => JSON.stringify(value, null, space));
