import { createHash } from 'node:crypto';

/** One source file of the control plane: its name within the module and its text. */
export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

/** Everything that decides the bytes of the binary. */
export interface BuildInputs {
  readonly files: readonly SourceFile[];
  readonly flags: readonly string[];
  /** As `go env GOVERSION` prints it, e.g. `go1.26.8`. */
  readonly goVersion: string;
  /** As `go env GOOS GOARCH` prints it, e.g. `linux/amd64`. */
  readonly platform: string;
}

/** The name of the cache entry: 16 hex digits, the same for the same inputs in whatever order files come. */
export function buildKey(inputs: BuildInputs): string {
  const files = inputs.files.map((file) => [file.name, file.text]).sort(byName);
  const text = JSON.stringify([files, inputs.flags, inputs.goVersion, inputs.platform]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function byName([a = '']: string[], [b = '']: string[]): number {
  return a < b ? -1 : Number(a > b);
}
