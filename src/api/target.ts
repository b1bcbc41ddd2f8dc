import * as z from 'zod';
import { BOUNDS, DEFAULTS } from './defaults.ts';
import { choice, matches, objectName, printable, text } from './fields.ts';
import { annotate, ruled } from './rules.ts';

/**
 * A key of a ConfigMap or Secret as the API server takes it: its characters, and neither `.` nor anything that
 * starts with `..`, since keys become file names.
 */
export const DATA_KEY_PATTERN = '^([-_a-zA-Z0-9]|[.][-_a-zA-Z0-9])[-._a-zA-Z0-9]*$';

const configMap = ruled(
  z.object({
    name: objectName({
      description: 'Name of the ConfigMap. It is created; one that exists and is not ours is never touched.',
    }),
    format: choice(
      {
        description:
          'KeyValue: one entry per key, and every key must be a legal key of a ConfigMap. Json: one file that holds all keys.',
        fallback: DEFAULTS.format,
      },
      ['KeyValue', 'Json'],
    ).exactOptional(),
    file: text(
      {
        description: 'Only with format Json: the key of the ConfigMap that holds the file.',
        fallback: DEFAULTS.file,
      },
      BOUNDS.dataKey,
      matches(
        DATA_KEY_PATTERN,
        'must be a legal key of a ConfigMap: letters, digits, "-", "_" and ".", not "." and not starting with ".."',
      ),
    ).exactOptional(),
    separator: text(
      {
        description:
          'Only with format Json: splits keys into a hierarchy, for example ":". Children named 0 to n-1 become an array.',
        fallback: 'none, the keys are written as they are',
      },
      BOUNDS.separator,
      printable,
    ).exactOptional(),
  }),
  [
    {
      cel: "!(has(self.file) || has(self.separator)) || (has(self.format) && self.format == 'Json')",
      message: 'file and separator need format: Json; set it, or remove them',
      holds: ({ file, separator, format }) =>
        (file === undefined && separator === undefined) || format === 'Json',
    },
  ],
  { description: 'A ConfigMap for the plain values.' },
);

const secret = z
  .object({
    name: objectName({
      description: 'Name of the Secret. It is created; one that exists and is not ours is never touched.',
    }),
  })
  .meta(
    annotate({
      description: 'A Secret (Opaque, one entry per key) for the values that Key Vault references link to.',
    }),
  );

export const target = ruled(
  z.object({ configMap: configMap.exactOptional(), secret: secret.exactOptional() }),
  [
    {
      cel: 'has(self.configMap) || has(self.secret)',
      message: 'set configMap, secret or both',
      holds: (value) => value.configMap !== undefined || value.secret !== undefined,
    },
  ],
  {
    description:
      'What is written, in this namespace. Without a secret, selecting a Key Vault reference is an invalid spec; without a configMap, plain values are not written.',
  },
);
