import * as z from 'zod';
import { BOUNDS, DEFAULTS } from './defaults.ts';
import { list, printable, text } from './fields.ts';
import { annotate } from './rules.ts';

/** Which secrets are JSON objects that become several keys. */
export const expandJson = z
  .object({
    keys: list(
      {
        description:
          'The keys of the references, as they are in the store: each a whole key, or the beginning of keys with * at its end.',
      },
      text(
        { description: 'A key, or the beginning of keys with * at its end.' },
        BOUNDS.expandedKey,
        printable,
      ),
      BOUNDS.expandedKeys,
    ),
    separator: text(
      {
        description:
          'What stands between the key and the names of members, for example __: the member host of the secret of db becomes db__host. spec.keys is applied to the whole.',
        fallback: `"${DEFAULTS.expansionSeparator}"`,
      },
      BOUNDS.separator,
      printable,
    ).exactOptional(),
  })
  .meta(
    annotate({
      description:
        'Secrets that hold a JSON object, each of whose members becomes a key of its own; nested members, and items of lists by their number, go on in the same way. A secret that is no JSON object is an error.',
    }),
  );
