import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { ensureControlPlane } from '../../../dev/cluster/build.ts';
import { type CommandResult, makeTools } from '../../../dev/cluster/tools.ts';

/** The chart as helm sees it, without any cluster. */

export const CHART = fileURLToPath(new URL('../../../charts/appconfig-operator', import.meta.url));

/** What a platform team would put into a values file. */
export type Values = Readonly<Record<string, unknown>>;

/** One release to render; the names are part of what is rendered. */
export interface RenderOptions {
  readonly values?: Values;
  readonly release?: string;
  readonly namespace?: string;
  readonly kubeVersion?: string;
}

/** helm, in a folder of its own that goes away after the enclosing `describe`. */
export interface Helm {
  lint(values: Values): Promise<CommandResult>;
  /** `helm template`, resolving however it ends. */
  template(options?: RenderOptions): Promise<CommandResult>;
  /** The text of all manifests; throws with helm's words. */
  text(options?: RenderOptions): Promise<string>;
  /** The same as objects, in helm's order. */
  objects(options?: RenderOptions): Promise<readonly Manifest[]>;
  /** What helm says after an installation with these values. */
  notes(values?: Values): Promise<string>;
}

/** Building the control plane, and with it helm, takes minutes, once. */
const BUILD_MS = 1_200_000;

export function useHelm(): () => Helm {
  let helm: Helm | undefined;
  let folder = '';
  before(async function () {
    this.timeout(BUILD_MS);
    folder = await mkdtemp(join(tmpdir(), 'chart-'));
    const tools = await makeTools(await ensureControlPlane(), folder, join(folder, 'none'));
    helm = helmOf(tools.helm);
  });
  after(() => rm(folder, { recursive: true, force: true }));
  return () => {
    if (helm === undefined) throw new Error('there is no helm before the first test');
    return helm;
  };
}

type Run = (args: readonly string[], options: { readonly input: string }) => Promise<CommandResult>;

function helmOf(run: Run): Helm {
  const template = ({ values = {}, release, namespace, kubeVersion }: RenderOptions = {}) => {
    const where = ['--namespace', namespace ?? 'appconfig-system'];
    const version = kubeVersion === undefined ? [] : ['--kube-version', kubeVersion];
    const args = ['template', release ?? 'appconfig-operator', CHART, ...where, ...version, '--values', '-'];
    return run(args, { input: JSON.stringify(values) });
  };
  const rendered = new Map<string, Promise<string>>();
  const render = async (options: RenderOptions): Promise<string> => {
    const { exitCode, stdout, stderr } = await template(options);
    if (exitCode !== 0) throw new Error(`helm template ended with ${exitCode}: ${stderr.trim()}`);
    return stdout;
  };
  // The same release is looked at by many tests.
  const text = (options: RenderOptions = {}): Promise<string> => {
    const key = JSON.stringify(options);
    const known = rendered.get(key) ?? render(options);
    rendered.set(key, known);
    return known;
  };
  return {
    lint: (values) => run(['lint', '--strict', CHART, '--values', '-'], { input: JSON.stringify(values) }),
    template,
    text,
    objects: async (options) => manifestsOf(await text(options)),
    notes: async (values = {}) => {
      const args = ['install', 'appconfig-operator', CHART, '--dry-run=client', '--values', '-'];
      const { exitCode, stdout, stderr } = await run(args, { input: JSON.stringify(values) });
      if (exitCode !== 0) throw new Error(`helm install ended with ${exitCode}: ${stderr.trim()}`);
      return stdout.slice(stdout.indexOf('NOTES:'));
    },
  };
}

/** A rendered object, as far as tests look at it. */
export interface Manifest {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly rules?: readonly Rule[];
  readonly roleRef?: { readonly name: string };
  readonly spec?: { readonly template?: { readonly spec: PodSpec } };
  readonly automountServiceAccountToken?: boolean;
}

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

export interface PodSpec {
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly automountServiceAccountToken?: boolean;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly volumes?: readonly Readonly<Record<string, unknown>>[];
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly containers: readonly Container[];
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly resources: { readonly requests?: object; readonly limits?: object };
  readonly securityContext: Readonly<Record<string, unknown>>;
}

const manifestsOf = (text: string): readonly Manifest[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((object) => object !== null);

/** The pod that the Deployment makes. */
export function podOf(objects: readonly Manifest[]): PodSpec & { readonly container: Container } {
  const pod = objects.find(({ kind }) => kind === 'Deployment')?.spec?.template?.spec;
  const container = pod?.containers[0];
  if (pod === undefined || container === undefined) throw new Error('the chart renders no Deployment');
  return { ...pod, container };
}
