/** Where progress lines go; stderr in life, an array in tests. */
export type Print = (line: string) => void;

/** Progress of one long step: told what happens, it prints a line now and then. */
export interface Progress {
  /** Takes a line of the compiler's output. */
  note(line: string): void;
  stop(): void;
}

/** Prints elapsed time and the latest activity every `everyMs` milliseconds until stopped. */
export function startProgress(print: Print, everyMs: number = 10_000): Progress {
  const started = Date.now();
  let activity = 'starting';
  let packages = 0;
  const timer = setInterval(() => print(`${elapsed(started)}: ${activity}`), everyMs);
  return {
    note: (line) => {
      if (line.startsWith('go: downloading ')) {
        activity = `downloading ${line.slice('go: downloading '.length)}`;
      } else if (/^[\w./-]+$/.test(line)) {
        packages += 1;
        activity = `compiling (${packages} packages so far), now ${line}`;
      }
    },
    stop: () => clearInterval(timer),
  };
}

/** `75 s` since a moment given in milliseconds since 1970. */
export function elapsed(since: number): string {
  return `${Math.round((Date.now() - since) / 1000)} s`;
}
