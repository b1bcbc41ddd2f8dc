import type { TargetStatus } from '../api/schema.ts';
import type { Deed } from './ended.ts';
import type { Applied } from './steps/applied.ts';
import type { Left } from './steps/leave.ts';

type Write = Exclude<Applied['action'], 'unchanged'>;

const WRITES: Readonly<Record<Write, Pick<Deed, 'reason' | 'action'> & { readonly text: string }>> = {
  created: { reason: 'TargetCreated', action: 'Create', text: 'created' },
  updated: { reason: 'TargetUpdated', action: 'Update', text: 'updated' },
  repaired: { reason: 'TargetRepaired', action: 'Repair', text: 'put back what someone else had changed in' },
};

/** The events of writes to targets: only those that changed content are worth one, and those of one kind share it. */
export const writeDeeds = (applied: readonly Applied[]): readonly Deed[] =>
  (Object.keys(WRITES) as Write[]).flatMap((write) => {
    const done = applied.filter(({ action, contentChanged }) => action === write && contentChanged);
    const { text, ...rest } = WRITES[write];
    return together(
      { ...rest, text },
      done.map(({ status }) => `${named(status)} (${keysOf(status)})`),
    );
  });

export const leavingDeeds = ({ removed, retained }: Omit<Left, 'objects'>): readonly Deed[] => [
  ...together(
    { reason: 'TargetRemoved', action: 'Remove', text: 'removed' },
    removed.map(named),
    ', which the spec no longer names',
  ),
  ...together(
    { reason: 'TargetRetained', action: 'Retain', text: 'let go of' },
    retained.map(named),
    ', which the spec no longer names: as spec.target.deletionPolicy says',
  ),
];

/** @param workloads `Kind/name` each. */
export const restartDeeds = (workloads: readonly string[]): readonly Deed[] =>
  together(
    { reason: 'Restarted', action: 'Restart', text: 'restarted' },
    workloads.map((workload) => workload.replace('/', ' ')),
    workloads.length === 1
      ? ': content that it reads only at its start has changed'
      : ': content that they read only at their start has changed',
  );

/** @param workloads `Kind/name` each. */
export const dryRunDeeds = (workloads: readonly string[]): readonly Deed[] =>
  together(
    { reason: 'RestartsDryRun', action: 'Restart', text: 'would restart' },
    workloads.map((workload) => workload.replace('/', ' ')),
    ', but this is a dry run',
  );

interface Kind extends Pick<Deed, 'reason' | 'action'> {
  readonly text: string;
}

/** One deed for all of a kind. Notes are cut at 1,024 bytes: the rest of many is counted. */
function together({ text, ...kind }: Kind, names: readonly string[], why = ''): readonly Deed[] {
  if (names.length === 0) return [];
  const shown = names.slice(0, MOST_NAMED);
  const more = names.length - shown.length;
  const list = inWords(more > 0 ? [...shown, `${more} more`] : shown);
  return [{ ...kind, note: `${text} ${list}${why}` }];
}
const MOST_NAMED = 10;

const inWords = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

const named = ({ kind, name }: TargetStatus): string => `${kind} ${name}`;
const keysOf = ({ keys }: TargetStatus): string => (keys === 1 ? '1 key' : `${keys} keys`);
