import { readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { output } from './commands.ts';

/**
 * Lets npm inside a build reach what npm reaches here: registry, login, certificates, and the cache of packages.
 * All of it is mounted for the time of the build and is in no layer. Returns arguments of `buildah build`.
 */
export async function npmMounts(dir: string): Promise<string[]> {
  const settings = await npmConfig(['registry', 'cafile', 'cache']);
  const caFile = join(dir, 'npm-ca.pem');
  await writeFile(caFile, await certificates([settings['cafile'], process.env['NODE_EXTRA_CA_CERTS']]));
  const npmrc = join(dir, 'npmrc');
  await writeFile(npmrc, `registry=${settings['registry'] ?? ''}\ncafile=/run/npm-ca.pem\n`);
  const user = join(dir, 'user-npmrc');
  await writeFile(user, await readFile(join(homedir(), '.npmrc'), 'utf8').catch(() => ''), { mode: 0o600 });
  const mounts = [
    `${caFile}:/run/npm-ca.pem:ro`,
    `${npmrc}:/usr/local/etc/npmrc:ro`,
    `${user}:/root/.npmrc:ro`,
  ];
  return [...mounts, `${settings['cache'] ?? ''}:/root/.npm`].flatMap((mount) => ['--volume', mount]);
}

async function npmConfig(names: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const lines = (await output('npm', ['config', 'get', ...names])).split('\n');
  return Object.fromEntries(lines.map((line) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)]));
}

/** npm trusts `cafile` instead of Node's own roots, so these come first. */
async function certificates(files: readonly (string | undefined)[]): Promise<string> {
  const named = files.filter((file) => file !== undefined && file !== '' && file !== 'null');
  const extra = await Promise.all(named.map((file) => readFile(String(file), 'utf8')));
  return [...rootCertificates, ...extra].join('\n');
}
