/**
 * `npm run bench [-- options]`: measures the operator, or another one, on a real control plane and a pretend Azure.
 * Ends with 0 when all scenarios came to their end; missed targets are told, not punished.
 */
import { writeFile } from 'node:fs/promises';
import { ensureControlPlane } from '../dev/cluster/build.ts';
import { makeFolder } from '../dev/cluster/folder.ts';
import { parseCommand, type RunOptions } from './arguments.ts';
import { helpText } from './help.ts';
import { Progress } from './progress.ts';
import { describeMachine } from './report/machine.ts';
import { table } from './report/table.ts';
import { type Outcome, Runner } from './runner.ts';
import { SCENARIOS } from './scenarios/index.ts';
import { subjectOf } from './stage/subject.ts';

const command = parseCommand(
  process.argv.slice(2),
  SCENARIOS.map(({ name }) => name),
);
switch (command.kind) {
  case 'help':
    process.stdout.write(helpText);
    break;
  case 'list':
    for (const { name, about } of SCENARIOS) process.stdout.write(`${name.padEnd(16)}${about}\n`);
    break;
  case 'wrong':
    process.stderr.write(`${command.errors.join('\n')}\nSee --help.\n`);
    process.exitCode = 2;
    break;
  case 'run':
    process.exitCode = await run(command.options);
    // A connection that lingers must not keep the terminal waiting.
    process.exit();
}

async function run(options: RunOptions): Promise<number> {
  const stopped = stopAsked();
  // Children are unreferenced: while they are all that is waited for, something else must keep this process alive.
  const alive = setInterval(() => undefined, 1_000);
  const progress = new Progress();
  const outcomes: Outcome[] = [];
  const ends: (() => Promise<unknown>)[] = [];
  try {
    await Promise.race([stopped, runAll(options, progress, outcomes, (end) => ends.push(end))]);
  } catch (error) {
    progress.say(error instanceof Error ? error.message : String(error));
    return 1;
  } finally {
    for (const end of ends.reverse()) await end();
    clearInterval(alive);
    await report(options, outcomes);
  }
  return outcomes.every(({ failure }) => failure === undefined) ? 0 : 1;
}

async function runAll(
  options: RunOptions,
  progress: Progress,
  outcomes: Outcome[],
  atEnd: (end: () => Promise<unknown>) => void,
): Promise<void> {
  const binary = await ensureControlPlane();
  const folder = await makeFolder(binary, options.keepLogs);
  atEnd(folder.remove);
  const subject = await subjectOf(options, folder.path, binary);
  const stages = { subject, folder: folder.path, keepLogs: options.keepLogs };
  const runner = new Runner(options, stages, progress);
  atEnd(() => runner.close());
  for (const scenario of SCENARIOS) {
    if (options.scenarios.length > 0 && !options.scenarios.includes(scenario.name)) continue;
    const outcome = await runner.run(scenario);
    outcomes.push(outcome);
    const end = outcome.failure === undefined ? 'done' : `FAILED: ${outcome.failure}`;
    progress.say(`${scenario.name} ${end}\n\n${table(outcome.measures)}\n`);
  }
}

async function report(options: RunOptions, outcomes: readonly Outcome[]): Promise<void> {
  const machine = describeMachine();
  const { cpu, cores, memoryGiB, node } = machine;
  const operator = options.foreign?.name ?? 'appconfig-operator';
  const measures = outcomes.flatMap((outcome) => outcome.measures);
  const where = `${operator}, size ${options.size}; ${cores} cores (${cpu}), ${memoryGiB} GiB, Node ${node}`;
  if (measures.length > 0) process.stdout.write(`${where}\n\n${table(measures)}\n`);
  for (const { scenario, failure } of outcomes)
    if (failure !== undefined) process.stdout.write(`${scenario} failed: ${failure}\n`);
  const data = { at: new Date().toISOString(), operator, size: options.size, machine, outcomes };
  if (options.json !== '') await writeFile(options.json, `${JSON.stringify(data, null, 2)}\n`);
}

/** Rejects when somebody wants it to end; a second signal ends it at once. */
function stopAsked(): Promise<never> {
  const asked = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => reject(new Error(`stopped by ${signal}`)));
  });
  asked.catch(() => undefined);
  return asked;
}
