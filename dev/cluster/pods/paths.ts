/** A folder of this machine that stands for a path inside a container. */
export interface MountedFolder {
  readonly mountPath: string;
  readonly folder: string;
}

/**
 * Replaces container paths under a mount by the folders that stand for them, wherever one begins in a
 * text: alone, after `=`, in a list. `/etc/config` is replaced in `--file=/etc/config/a` but not in
 * `/etc/configuration` or `/opt/etc/config`. The longest mount wins, as it would in a container.
 */
export function rewritePaths(text: string, mounts: readonly MountedFolder[]): string {
  if (mounts.length === 0) return text;
  const folders = new Map(mounts.map(({ mountPath, folder }) => [trimSlash(mountPath), folder]));
  const longestFirst = [...folders.keys()].sort((a, b) => b.length - a.length).map(escapePattern);
  const pattern = new RegExp(`(?<![\\w./-])(?:${longestFirst.join('|')})(?![\\w.-])`, 'g');
  return text.replace(pattern, (path) => folders.get(path) ?? path);
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function trimSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}
