/**
 * Commands that repair the cause of a refusal, filled in.
 *
 * Whoever runs them may do much more than whoever wrote the names in them: a namespace's owner writes the client id, an
 * administrator pastes the command.
 *
 * Guarantees: a name goes into a command only if a shell, JMESPath and JSON all take it literally, see {@link LITERAL};
 * where one does not, there is no command at all, and the message of the failure has to do.
 */
import { CLOUDS, type CloudName, DEFAULT_CLOUD } from '../clouds.ts';
import type { Failure, Remedy } from '../failure.ts';

/** Of UUIDs, host names, URLs without a query, `system:serviceaccount:…`, names of objects and of secrets. */
const LITERAL = /^[A-Za-z0-9][A-Za-z0-9:/._-]{0,511}$/;

/** The commands, if every one of `names` can stand in them as it is. */
export function commandsFor<N extends Readonly<Record<string, string>>>(
  names: N,
  commands: (names: N) => readonly string[],
): readonly string[] | undefined {
  return Object.values(names).every((name) => LITERAL.test(name)) ? commands(names) : undefined;
}

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

const CALLS_AZ = /(^|\$\()az /;

/**
 * As it is to be run for an operator of this cloud: the Azure CLI is of one cloud at a time, and of the public one unless
 * told (learn.microsoft.com/cli/azure/manage-clouds-azure-cli).
 */
export function inCloud(remedy: Remedy, cloud: CloudName): Remedy {
  if (cloud === DEFAULT_CLOUD || !remedy.commands.some((line) => CALLS_AZ.test(line))) return remedy;
  const before = [
    '# The Azure CLI must be of the cloud of the operator (and be logged in there: az login):',
    `az cloud set --name ${CLOUDS[cloud].cliName}`,
  ];
  return { ...remedy, commands: [...before, ...remedy.commands] };
}
