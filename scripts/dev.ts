/**
 * The operator from source, as your own login, against the current context of your kubeconfig or another, and started
 * anew whenever a source that it has loaded changes: `npm run dev -- [--context NAME] [any flag of the operator]`.
 *
 * Ends with what it runs: Ctrl-C and SIGTERM stop the operator as a pod would be stopped.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const operator = ['src/main.ts', '--local-identity', ...process.argv.slice(2)];
const child = spawn(process.execPath, ['--watch', '--watch-preserve-output', ...operator], {
  cwd: root,
  stdio: 'inherit',
});
// Ctrl-C reaches the child by itself; a signal sent to this process alone is passed on.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
