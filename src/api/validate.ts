import * as z from 'zod';
import { BOUNDS, DEFAULTS } from './defaults.ts';
import { list, matches, objectName, printable, text } from './fields.ts';
import { annotate, ruled } from './rules.ts';
import { DATA_KEY_PATTERN } from './target.ts';

/** What new content must be before it is written. */

const configMap = z
  .object({
    name: objectName({ description: 'A ConfigMap of this namespace.' }),
    key: text(
      { description: 'Its key that holds the schema.', fallback: DEFAULTS.schemaKey },
      BOUNDS.dataKey,
      matches(
        DATA_KEY_PATTERN,
        'must be a legal key of a ConfigMap: letters, digits, "-", "_" and ".", not "." and not starting with ".."',
      ),
    ).exactOptional(),
  })
  .meta(
    annotate({
      description: 'A ConfigMap that holds the schema. A change of it is followed at the refresh interval.',
    }),
  );

const schema = ruled(
  z.object({
    inline: text({ description: 'The schema itself, as JSON text.' }, BOUNDS.inlineSchema).exactOptional(),
    configMap: configMap.exactOptional(),
  }),
  [
    {
      cel: 'has(self.inline) != has(self.configMap)',
      message: 'set either inline or configMap',
      holds: ({ inline, configMap: from }) => (inline === undefined) !== (from === undefined),
    },
  ],
  {
    description:
      'A JSON schema (2020-12, 2019-09, draft-07 or draft-04, by its $schema). It sees one object with all final keys, plain values and secrets: strings, unless the content type of a setting is JSON; a hierarchy where a target has a separator. Feature flags are not in it.',
  },
);

export const validate = ruled(
  z.object({
    requiredKeys: list(
      {
        description: 'Final keys that the selection must give, as settings or as references.',
        fallback: 'none',
      },
      text({ description: 'A key as the targets hold it.' }, BOUNDS.requiredKey, printable),
      BOUNDS.requiredKeys,
    ).exactOptional(),
    schema: schema.exactOptional(),
  }),
  [
    {
      cel: 'has(self.requiredKeys) || has(self.schema)',
      message: 'set requiredKeys, schema or both',
      holds: ({ requiredKeys, schema: wanted }) => requiredKeys !== undefined || wanted !== undefined,
    },
  ],
  {
    description:
      'A gate for new content: what does not pass is not written, the targets keep their last content, and Ready says which key and why.',
  },
);
