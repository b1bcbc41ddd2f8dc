import type { Failure } from '../failure.ts';
import type { Remedy } from './remedy.ts';

const HINT = 'The commands for it are in status.remedies.';

/** The failure with its remedy, and a word about it in the message. */
export function withRemedy(failure: Failure, commands: readonly string[] | undefined): Failure {
  if (failure.kind !== 'blocked' || commands === undefined) return failure;
  const { reason, message } = failure;
  return { ...failure, message: `${message} ${HINT}`, remedies: [{ reason, commands }] };
}

/** All remedies of `failures`, each once, in their order. */
export function remediesOf(failures: readonly Failure[]): readonly Remedy[] {
  const all = failures.flatMap((failure) => (failure.kind === 'blocked' ? (failure.remedies ?? []) : []));
  return [...new Map(all.map((remedy) => [remedy.commands.join('\n'), remedy])).values()];
}
