/**
 * `promtool` of Prometheus: it checks and tests the alerts of the chart. Built once from the locked module beside this
 * file and kept in the cache of the control plane.
 */
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from '../cluster/build/cached.ts';
import { COMMON_FLAGS, readModule, requiredVersion } from '../cluster/build/module.ts';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const PACKAGE = 'github.com/prometheus/prometheus/cmd/promtool';

/** Path of the binary, building it first when the cache has none. */
export async function ensurePromtool(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const files = (await readModule(FOLDER)).filter(({ name }) => name.startsWith('go.'));
  const version = requiredVersion(files.find(({ name }) => name === 'go.mod')?.text ?? '', MODULE);
  const program = {
    name: 'promtool',
    title: 'promtool',
    folder: FOLDER,
    files,
    // Without the service discoveries, and with them the SDKs of a dozen clouds: half of the build.
    flags: [...COMMON_FLAGS, '-tags', 'remove_all_sd', '-ldflags', `-s -w -X ${VERSION}=${version}`],
    target: PACKAGE,
    announcement: 'building promtool, once: about 2 minutes on two cores',
  };
  return ensureBuilt(program, { env, print: (line) => process.stderr.write(`[promtool] ${line}\n`) });
}

const MODULE = 'github.com/prometheus/prometheus';
const VERSION = 'github.com/prometheus/common/version.Version';
