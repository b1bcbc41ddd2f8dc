/** The operator under measure: ours, or another that is given on the command line. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProcess } from '../../dev/cluster/process.ts';
import { bundle } from '../../scripts/bundle/bundle.ts';
import type { RunOptions } from '../arguments.ts';

export interface Subject {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Manifests as text, applied before anything else. */
  readonly manifests: readonly string[];
  /** One custom resource with placeholders. */
  readonly binding: string;
  readonly readyUrl: string;
  readonly dataKey: string;
  /** Ours runs with the rights of its chart; another operator as cluster admin. */
  readonly ours: boolean;
}

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/**
 * As in the Dockerfile, and the heap limit that Node chooses in a pod with the chart's memory limit of 256 MiB: where
 * memory seems to be without limit V8 collects later, and the resident set says little (200 instead of 128 MiB).
 */
const NODE_ARGS = ['--max-semi-space-size=2', '--max-old-space-size=256'];

const BINDING = `
apiVersion: appconfig.dev/v1alpha1
kind: AppConfigBinding
metadata: {name: "{name}", namespace: "{namespace}"}
spec:
  store: {endpoint: "{endpoint}"}
  identity: {workloadIdentity: {serviceAccountName: "{serviceAccount}"}}
  refresh: {interval: "{refresh}"}
  keyVault: {refreshInterval: "{vaultRefresh}"}
  target:
    configMap: {name: "{configMap}"}
    secret: {name: "{secret}"}
`;

export async function subjectOf(options: RunOptions, folder: string, binary: string): Promise<Subject> {
  const { foreign } = options;
  if (foreign === undefined) return ours(options, folder, binary);
  const read = (path: string) => readFile(path, 'utf8');
  const [binding, ...manifests] = await Promise.all([foreign.binding, ...foreign.manifests].map(read));
  return { ...foreign, ours: false, binding: binding ?? '', manifests };
}

/** The bundle with a filled compile cache, as the image holds it. */
async function ours({ nodeArgs }: RunOptions, folder: string, binary: string): Promise<Subject> {
  const outdir = join(folder, 'operator');
  await bundle({ root: ROOT, outdir });
  const env = {
    NODE_ENV: 'production',
    MALLOC_ARENA_MAX: '1',
    NODE_COMPILE_CACHE: join(folder, 'compiled'),
  };
  const node = [process.execPath, ...NODE_ARGS];
  const main = join(outdir, 'main.mjs');
  const warming = { name: 'warming', binary, argv: [...node, main, '--help'], cwd: folder };
  const logFile = join(folder, 'warming.log');
  await startProcess({ ...warming, env: { ...env, PATH: process.env['PATH'] ?? '' }, logFile }).exited;
  return {
    name: 'appconfig-operator',
    command: [
      ...[...node, ...nodeArgs, main, '--kubeconfig={kubeconfig}', '--namespace={namespace}'],
      ...['--pod-name={name}', '--http-address=127.0.0.1:{port}', '--tenant-id={tenantId}'],
    ],
    env,
    manifests: [],
    binding: BINDING,
    readyUrl: 'http://127.0.0.1:{port}/readyz',
    dataKey: '{key}',
    ours: true,
  };
}
