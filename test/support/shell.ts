import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Writes down how it was called, one argument per line and calls apart by a line of dashes; answers with its own name. */
const RECORDER = `#!/bin/sh
{ basename "$0"; for argument in "$@"; do printf '%s\\n' "$argument"; done; echo ---; } >> "$CALLS"
echo "of-$(basename "$0")"
`;

/** Runs commands in a POSIX shell in which nothing but `programs` exists; gives how these were called. */
export function callsOf(commands: readonly string[], programs = ['az', 'kubectl', 'curl']): string[][] {
  const folder = mkdtempSync(join(tmpdir(), 'shell-'));
  try {
    const calls = join(folder, 'calls');
    writeFileSync(calls, '');
    for (const program of programs) {
      writeFileSync(join(folder, program), RECORDER);
      chmodSync(join(folder, program), 0o755);
    }
    const env = { PATH: `${folder}:/usr/bin:/bin`, CALLS: calls };
    const { status, stderr } = spawnSync('/bin/sh', ['-eu'], {
      input: commands.join('\n'),
      env,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`the shell ended with ${status}: ${stderr}`);
    return readFileSync(calls, 'utf8')
      .split('---\n')
      .filter((call) => call !== '')
      .map((call) => call.trimEnd().split('\n'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
