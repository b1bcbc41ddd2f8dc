import { EVENTS } from '../../test/support/target-matrix/events.ts';
import { POLICIES, POLICY_NAMES } from '../../test/support/target-matrix/policies.ts';
import type { GeneratedFile } from './files.ts';
import { cell, page, table } from './markdown.ts';

const INTRO =
  'What becomes of a target, by `spec.target.creationPolicy` and `spec.target.deletionPolicy`. Tests execute every cell, for ConfigMaps and Secrets, on a cluster in memory and on a real API server: the table is theirs (`test/support/target-matrix/events.ts`). The guide is [targets and formats](../guide/targets-and-formats.md).';
const TERMS =
  'Under `Merge` the object exists before and belongs to someone else; the permission is its label `merge.appconfig.dev/<binding>: "true"`. Each reason has an entry in [reasons](reasons.md).';

/** docs/reference/target-policies.md: one row for each event, one column for each pair of policies. */
export function targetPoliciesPage(): readonly GeneratedFile[] {
  const columns = POLICY_NAMES.map(
    (name) => `${POLICIES[name].creationPolicy}, ${POLICIES[name].deletionPolicy}`,
  );
  const rows = EVENTS.map(({ title, kinds, ends }) => {
    const only = kinds === undefined ? '' : ` (${kinds.join(', ')} only)`;
    return [`${title}${only}`, ...POLICY_NAMES.map((name) => ends[name].text)].map(cell);
  });
  const content = page(['# Targets by policy', INTRO, TERMS, table(['Event', ...columns], rows)]);
  return [{ path: 'docs/reference/target-policies.md', content }];
}
