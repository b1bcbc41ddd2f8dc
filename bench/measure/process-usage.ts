import { readFile } from 'node:fs/promises';

/** What the kernel knows of a process with all its threads. */
export interface ProcessUsage {
  readonly cpuSeconds: number;
  readonly rssMiB: number;
  /** The largest resident set since the process started. */
  readonly peakMiB: number;
}

/** Linux counts CPU in hundredths of a second for user programs, whatever the kernel's own tick (proc(5)). */
const TICKS_PER_SECOND = 100;

/** Zeros for a process that has ended. */
export async function processUsage(pid: number): Promise<ProcessUsage> {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''),
    readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''),
  ]);
  return {
    cpuSeconds: cpuSeconds(stat),
    rssMiB: mebibytes(status, 'VmRSS'),
    peakMiB: mebibytes(status, 'VmHWM'),
  };
}

/** Fields 14 and 15, user and system time; the name before them may hold blanks and ends with a bracket. */
export function cpuSeconds(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_PER_SECOND;
}

/** A line such as `VmRSS:	  12345 kB`. */
export function mebibytes(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024;
}
