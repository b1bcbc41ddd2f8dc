import { CATALOGUE } from '../../src/api/catalogue.ts';
import { REASONS } from '../../src/api/reasons.ts';
import type { GeneratedFile } from './files.ts';
import { page } from './markdown.ts';

const INTRO =
  'One closed list for conditions, events and the metric label `reason`. The message beside a reason names the objects and identities concerned.';

/** docs/reference/reasons.md: every reason with its cause and remedy. */
export function reasonsPage(): readonly GeneratedFile[] {
  const sections = REASONS.map((reason) => {
    const { meaning, cause, remedy } = CATALOGUE[reason];
    return `## ${reason}\n\n${meaning}\n\n- **Cause:** ${cause}\n- **Remedy:** ${remedy}`;
  });
  return [{ path: 'docs/reference/reasons.md', content: page(['# Reasons', INTRO, ...sections]) }];
}
