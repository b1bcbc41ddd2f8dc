/** Everything that can be known without running the program: `npm run check`. */
import { run } from './run.ts';

const CHECKS: readonly (readonly [title: string, command: string, ...args: string[]])[] = [
  ['types', 'tsc', '--noEmit'],
  ['lint, format and dependency rule', 'biome', 'ci', '--error-on-warnings', '--colors=off', '.'],
  ['unused code and dependencies', 'knip'],
  ['generated files are up to date', 'node', 'scripts/generate.ts', '--check'],
];

let failed = 0;
for (const [title, command, ...args] of CHECKS) {
  const { code, seconds } = await run(command, args);
  process.stdout.write(`${code === 0 ? 'ok  ' : 'FAIL'} ${title} (${seconds} s)\n`);
  if (code !== 0) failed += 1;
}
process.exitCode = failed === 0 ? 0 : 1;
