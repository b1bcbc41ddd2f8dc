import { ENVIRONMENT, SETTINGS } from '../../src/settings/table.ts';
import type { GeneratedFile } from './files.ts';
import { cell, page, table } from './markdown.ts';

const INTRO =
  "The operator's own settings, as flags. Each is also an environment variable: `--log-level` is `APPCONFIG_OPERATOR_LOG_LEVEL`; the flag wins. The chart sets those that matter from its values.";

const VARIABLES =
  'Set by the webhook of AKS, by the chart (`proxy`, `extraCaCerts`) or by `extraEnv`. They are no flags.';

/** docs/reference/settings.md: the table that `--help` prints too. */
export function settingsPage(): readonly GeneratedFile[] {
  const rows = SETTINGS.map(({ flag, placeholder, fallback, help }) => [
    `\`--${flag}\``,
    placeholder,
    fallback === '' ? '' : `\`${fallback}\``,
    cell(help),
  ]);
  const variables = ENVIRONMENT.map(({ name, help }) => [
    name
      .split(', ')
      .map((one) => `\`${one}\``)
      .join(', '),
    cell(help),
  ]);
  const sections = [
    '# Settings of the operator',
    INTRO,
    table(['Flag', 'Value', 'Default', 'Meaning'], rows),
    '## Variables of others',
    VARIABLES,
    table(['Variable', 'Meaning'], variables),
  ];
  return [{ path: 'docs/reference/settings.md', content: page(sections) }];
}
