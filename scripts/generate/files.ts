import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

export interface GeneratedFile {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly content: string;
}

/** Writes what differs; gives the paths written. */
export function writeFiles(root: URL, files: readonly GeneratedFile[]): readonly string[] {
  const stale = files.filter(({ path, content }) => read(root, path) !== content);
  for (const { path, content } of stale) {
    const url = new URL(path, root);
    mkdirSync(new URL('.', url), { recursive: true });
    writeFileSync(url, content);
  }
  return stale.map(({ path }) => path);
}

/** For each file that differs, its path and the first line that does. */
export const checkFiles = (root: URL, files: readonly GeneratedFile[]): readonly string[] =>
  files.flatMap(({ path, content }) => {
    const found = read(root, path);
    return found === content ? [] : [describeDifference(path, found, content)];
  });

function read(root: URL, path: string): string | undefined {
  try {
    return readFileSync(new URL(path, root), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function describeDifference(path: string, found: string | undefined, wanted: string): string {
  if (found === undefined) return `${path}: is missing`;
  const before = found.split('\n');
  const after = wanted.split('\n');
  const line = after.findIndex((text, index) => text !== before[index]);
  const at = line === -1 ? after.length : line;
  return `${path}:${at + 1}\n  - ${before[at] ?? '(end)'}\n  + ${after[at] ?? '(end)'}`;
}
