import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';

/** Where figures come from; without it they mean nothing. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  /** Load of the last minute: figures of a busy machine are worse. */
  readonly load: number;
}

export function describeMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    load: Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]),
  };
}
