import * as z from 'zod';
import { BOUNDS } from './defaults.ts';
import { flag, matches, printable, text, textMap } from './fields.ts';
import { FLAG_PREFIX, KEY_FILTER_PATTERN } from './keyfilter.ts';
import { type Rule, ruled } from './rules.ts';

/** What is read: settings, or feature flags. */

const keyGrammar = matches(
  KEY_FILTER_PATTERN,
  'must be an exact key, a prefix ending in *, * alone, or at most five exact keys separated by commas; write \\*, \\, or \\\\ for a * , or \\ that is part of a key',
);

/** How selections of both kinds are narrowed. `things`: settings or flags. */
const narrowed = (things: string) => ({
  label: text(
    {
      description: `Only ${things} with exactly this label; * and , in it are ordinary characters. Excludes noLabel.`,
      fallback: `${things} without a label, then those labelled with the environment, which override them`,
    },
    BOUNDS.label,
    printable,
  ).exactOptional(),
  tags: textMap(
    {
      description: `Only ${things} that carry all of these tags, each with exactly this value. At most five.`,
      fallback: 'whatever their tags',
    },
    BOUNDS.tags,
    BOUNDS.tag,
  ).exactOptional(),
  noLabel: flag({
    description: `true: only ${things} without a label, whatever the environment. Excludes label.`,
    fallback: 'false',
  }).exactOptional(),
});

const snapshot = (description: string) => text({ description }, BOUNDS.snapshot, printable).exactOptional();

interface Selector {
  readonly key?: string;
  readonly snapshot?: string;
  readonly label?: string;
  readonly noLabel?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
}

const rules: readonly Rule<Selector>[] = [
  {
    cel: 'has(self.key) != has(self.snapshot)',
    message: 'set either key or snapshot; use two selectors to read both',
    holds: (value) => (value.key === undefined) !== (value.snapshot === undefined),
  },
  {
    cel: '!has(self.snapshot) || !(has(self.label) || has(self.noLabel) || has(self.tags))',
    message: 'a snapshot is read as a whole: remove label, noLabel and tags, or select by key instead',
    holds: (value) =>
      value.snapshot === undefined ||
      (value.label === undefined && value.noLabel === undefined && value.tags === undefined),
  },
  {
    cel: '!(has(self.label) && has(self.noLabel) && self.noLabel)',
    message: 'set either label or noLabel: true, not both; use two selectors to read both',
    holds: (value) => value.label === undefined || value.noLabel !== true,
  },
];

export const selector = ruled(
  z.object({
    key: text(
      {
        description:
          'Which keys: exact, a prefix ending in *, * alone for all, or up to five exact keys separated by commas. A backslash before * , or \\ makes it an ordinary character.',
      },
      BOUNDS.keyFilter,
      keyGrammar,
    ).exactOptional(),
    snapshot: snapshot(
      'The name of a snapshot: everything that it holds is read. Excludes key, label, noLabel and tags.',
    ),
    ...narrowed('settings'),
  }),
  rules,
  { description: 'One selection of settings: by key, or a snapshot.' },
);

export const flagSelector = ruled(
  z.object({
    key: text(
      {
        description: `Which flags, by name, without ${FLAG_PREFIX}: exact, a prefix ending in *, * alone for all, or up to five exact names separated by commas. A backslash before * , or \\ makes it an ordinary character.`,
      },
      BOUNDS.keyFilter,
      keyGrammar,
      {
        cel: `!self.startsWith('${FLAG_PREFIX}')`,
        message: `is the name of a flag as the portal shows it: remove ${FLAG_PREFIX}, which is put before it`,
        holds: (value) => !value.startsWith(FLAG_PREFIX),
      },
    ).exactOptional(),
    snapshot: snapshot(
      'The name of a snapshot: the flags that it holds are read. Excludes key, label, noLabel and tags.',
    ),
    ...narrowed('flags'),
  }),
  rules,
  { description: 'One selection of feature flags: by name, or those of a snapshot.' },
);
