import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The Go toolchain that will build. */
export interface Toolchain {
  /** E.g. `go1.26.8`. */
  readonly version: string;
  /** E.g. `linux/amd64`. */
  readonly platform: string;
}

/** Oldest Go that builds Kubernetes 1.36: the `go` line of its go.mod. */
export const minimumGo = '1.26.0';

/**
 * Asks the `go` on the PATH who it is.
 * Throws an error that tells what to install when there is none, or an older one.
 */
export async function findToolchain(env: NodeJS.ProcessEnv): Promise<Toolchain> {
  const answer = await askGo(env);
  const [version = '', os = '', arch = ''] = answer.trim().split('\n');
  if (!isAtLeast(version, minimumGo)) {
    throw new Error(`Go ${version.replace('go', '')} is too old. ${advice}`);
  }
  return { version, platform: `${os}/${arch}` };
}

const advice =
  `Building the local Kubernetes control plane needs Go ${minimumGo} or newer: ` +
  'install it from https://go.dev/dl/ and put its bin folder on the PATH.';

async function askGo(env: NodeJS.ProcessEnv): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('go', ['env', 'GOVERSION', 'GOOS', 'GOARCH'], { env });
    return stdout;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new Error(`No \`go\` command was found. ${advice}`, { cause: error });
    }
    throw error;
  }
}

/** Compares `go1.26.8` with `1.26.0`; release candidates (`go1.27rc1`) count as their release. */
export function isAtLeast(goVersion: string, minimum: string): boolean {
  const actual = numbers(goVersion);
  const wanted = numbers(minimum);
  const differing = wanted.findIndex((number, index) => number !== (actual[index] ?? 0));
  return differing < 0 || (actual[differing] ?? 0) > (wanted[differing] ?? 0);
}

function numbers(version: string): number[] {
  const [, text = ''] = /(\d+(?:\.\d+)*)/.exec(version) ?? [];
  return text.split('.').map(Number);
}
