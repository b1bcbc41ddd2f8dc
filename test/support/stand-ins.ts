import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Programs in a folder of their own that is the whole PATH of this process until `remove`. */
export interface StandIns {
  /** What the program does from now on: a line of shell. */
  set(program: string, line: string): void;
  /** Which were called, in order. */
  calls(): readonly string[];
  clear(): void;
  remove(): void;
}

export function standIns(): StandIns {
  const folder = mkdtempSync(join(tmpdir(), 'stand-ins-'));
  const log = join(folder, 'calls');
  const before = process.env['PATH'];
  process.env['PATH'] = folder;
  writeFileSync(log, '');
  return {
    set(program, line) {
      const file = join(folder, program);
      writeFileSync(file, `#!/bin/sh\necho ${program} >> ${log}\n${line}\n`);
      chmodSync(file, 0o755);
    },
    calls: () => readFileSync(log, 'utf8').split('\n').filter(Boolean),
    clear: () => writeFileSync(log, ''),
    remove() {
      process.env['PATH'] = before;
      rmSync(folder, { recursive: true });
    },
  };
}
