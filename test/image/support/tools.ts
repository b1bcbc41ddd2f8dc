import { type BuildFolder, exists, runLong } from './commands.ts';

/** Both are Debian packages of the same name; buildah needs no daemon. */
const TOOLS = ['buildah', 'mmdebstrap'] as const;

/** Installs what is missing where that is possible; else says what to install. */
export async function ensureTools(place: BuildFolder): Promise<void> {
  const found = await Promise.all(TOOLS.map(exists));
  const missing = TOOLS.filter((_, index) => found[index] !== true);
  if (missing.length === 0) return;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || !(await exists('apt-get')))
    throw new Error(
      `The image test needs ${missing.join(' and ')}: install them, or run it as root on Debian or Ubuntu.`,
    );
  await runLong(place, 'apt-get update', ['apt-get', 'update']);
  const install = ['apt-get', 'install', '--yes', '--no-install-recommends', ...missing];
  await runLong(place, `apt-get install ${missing.join(' ')}`, [
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    ...install,
  ]);
}
