import { PLACES, type Place } from '../../src/api/catalogue/places.ts';
import { CATALOGUE } from '../../src/api/catalogue.ts';
import { CONDITIONS } from '../../src/api/conditions.ts';
import { REASONS, type Reason } from '../../src/api/reasons.ts';
import type { GeneratedFile } from './files.ts';
import { page, table } from './markdown.ts';

const COLUMNS: readonly Place[] = [...CONDITIONS, 'references', 'event'];
const TABLE_INTRO =
  'Where each reason may stand: in a condition, beside a failed reference (`status.references.failed`), or in an event that tells what was done. What newly stands in Ready, Warning, Stale or a False RolloutsComplete is told in an event, too. Every status that the tests bring about is compared with this table.';

const INTRO =
  'One closed list for conditions, events and the metric label `reason`. The message beside a reason names the objects and identities concerned.';

/** docs/reference/reasons.md: every reason with its cause and remedy. */
export function reasonsPage(): readonly GeneratedFile[] {
  const sections = REASONS.map((reason) => {
    const { meaning, cause, remedy } = CATALOGUE[reason];
    return `## ${reason}\n\n${meaning}\n\n- **Cause:** ${cause}\n- **Remedy:** ${remedy}\n- **Where:** ${where(reason)}`;
  });
  const content = page(['# Reasons', INTRO, ...sections, '## Where reasons stand', TABLE_INTRO, matrix()]);
  return [{ path: 'docs/reference/reasons.md', content }];
}

const PHRASES: Partial<Record<Place, string>> = {
  references: '`status.references.failed`',
  event: 'events',
};

const where = (reason: Reason): string =>
  PLACES[reason].length === 0
    ? 'only in the log of the operator.'
    : `${PLACES[reason].map((place) => PHRASES[place] ?? `\`${place}\``).join(', ')}.`;

const matrix = (): string =>
  table(
    ['Reason', ...COLUMNS],
    REASONS.map((reason) => [
      `[${reason}](#${reason.toLowerCase()})`,
      ...COLUMNS.map((column) => (PLACES[reason].includes(column) ? '●' : '')),
    ]),
  );
