import * as z from 'zod';
import { BOUNDS, DEFAULTS } from './defaults.ts';
import { anyText, choice, list, printable, text } from './fields.ts';
import { annotate } from './rules.ts';

/** How keys of the store become keys of the targets. */

const replacement = z
  .object({
    from: text(
      { description: 'A literal text; every occurrence is replaced.' },
      BOUNDS.replacement,
      printable,
    ),
    to: anyText(
      { description: 'What stands in its place. Empty: the text is cut out.' },
      BOUNDS.replacement,
      printable,
    ),
  })
  .meta(annotate({ description: 'One replacement.' }));

export const keys = z
  .object({
    trimPrefixes: list(
      {
        description:
          'Prefixes cut from the keys, at most one from each key, the longest that matches. A key that is nothing but the prefix keeps it.',
      },
      text({ description: 'A literal prefix.' }, BOUNDS.trimPrefix, printable),
      BOUNDS.trimPrefixes,
    ).exactOptional(),
    replace: list(
      {
        description:
          'Replacements made in every key after a prefix was cut, one after the other: each sees what the ones before it made.',
      },
      replacement,
      BOUNDS.replacements,
    ).exactOptional(),
    invalid: choice(
      {
        description:
          'Keys that a target cannot hold, such as one with ":" in format KeyValue. Fail: nothing is written, and Ready names them. Skip: they are left out, and Warning names them.',
        fallback: DEFAULTS.invalidKeys,
      },
      ['Fail', 'Skip'],
    ).exactOptional(),
  })
  .meta(annotate({ description: 'How the keys of the store become keys of the targets.' }));
