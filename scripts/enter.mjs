// The door for a fresh clone: runs on the system's Node 20 or later and needs no package. It installs the
// locked dependencies when they are missing or out of date, and hands over to a script under Node 24, which is
// one of them.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'node_modules', '.bin');
const stamp = join(root, 'node_modules', '.installed');

function stop(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** Runs against a cluster that exists. */
const WITHOUT_GO = 'scripts/dev.ts';

function checkMachine(script) {
  if (process.platform !== 'linux')
    stop('This needs Linux: it runs a real Kubernetes control plane on this machine.');
  if (Number(process.versions.node.split('.')[0]) < 20)
    stop(`This needs Node 20 or later; this is ${process.version}.`);
  if (script === WITHOUT_GO) return;
  const go = spawnSync('go', ['version'], { encoding: 'utf8' });
  if (go.status !== 0)
    stop(
      'This needs Go 1.26 or later on the PATH: it builds the control plane from source. See https://go.dev/doc/install.',
    );
}

function install() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  process.stderr.write('installing the locked dependencies (once)…\n');
  // The engines of some packages are above Node 20, which only starts this script: npm's warnings mean nothing here.
  const npm = spawnSync('npm', ['ci', '--loglevel=error', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (npm.status !== 0) stop('npm ci failed; its words stand above.');
  if (!existsSync(join(bin, 'node')))
    stop(`Node 24 could not be installed for ${process.arch}: x64 and arm64 are supported.`);
  writeFileSync(stamp, wanted);
}

const [script = '', ...rest] = process.argv.slice(2);
checkMachine(script);
install();
const env = {
  // Half of what it takes to start an operator from its sources is compiling them, and tests start more than a hundred.
  NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'node'),
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
};
const { spawn } = await import('node:child_process');
const child = spawn(join(bin, 'node'), [script, ...rest], { cwd: root, stdio: 'inherit', env });
// Ctrl-C reaches the child by itself; a signal sent to this process alone is passed on.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
