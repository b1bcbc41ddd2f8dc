import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createAzure } from './adapters/azure/azure.ts';
import { createKubernetesApi } from './adapters/kubernetes/api.ts';
import { type Connection, ConnectionError } from './adapters/kubernetes/connection.ts';
import { createEventRecorder } from './adapters/kubernetes/events.ts';
import { inClusterConnection } from './adapters/kubernetes/in-cluster.ts';
import { kubeconfigConnection } from './adapters/kubernetes/kubeconfig.ts';
import { startHttpServer } from './adapters/observability/http-server.ts';
import { createLogger } from './adapters/observability/logger.ts';
import { createMetrics } from './adapters/observability/metrics.ts';
import { WorkerValidator } from './adapters/schema/worker-validator.ts';
import { systemClock as clock } from './adapters/system/clock.ts';
import { systemRandom as random } from './adapters/system/random.ts';
import { MANAGER } from './api/names.ts';
import { Operator } from './operator.ts';
import type { KubernetesApi } from './ports/kubernetes.ts';
import { otherLeader } from './runtime/other-leader.ts';
import { parseSettings } from './settings/parse.ts';
import type { Settings } from './settings/settings.ts';
import { helpText } from './settings/table.ts';
import { Assertions } from './sources/assertions.ts';
import { Gate } from './sources/gate.ts';
import { ENTRA } from './sources/host-rules.ts';
import { VERSION } from './version.ts';

/** The composition root, and the only file that touches `process`. */

/**
 * With 5 s for what is cut short then, and 2 s for the Lease, less than the shortest grace period of a pod that the
 * chart takes (20 s), so that the Lease is always released.
 */
const DRAIN_MS = 10_000;
const MEASURE_EVERY_MS = 15_000;

/** Beside this module in the bundle, as `scripts/bundle/bundle.ts` names it. */
const SCHEMA_WORKER = new URL(
  import.meta.url.endsWith('.ts') ? './adapters/schema/worker.ts' : './schema-worker.mjs',
  import.meta.url,
);

/** In a cluster unless a kubeconfig is named: a pod always has KUBERNETES_SERVICE_HOST. */
function connect({ kubeconfig, context, serviceAccountDir: dir }: Settings): Connection {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = process.env;
  if (kubeconfig === '' && host !== undefined) return inClusterConnection({ dir, host, port, clock });
  return kubeconfigConnection({
    ...(kubeconfig === '' ? {} : { path: kubeconfig }),
    ...(context === '' ? {} : { context }),
  });
}

/** Why this process cannot log in to a cluster, or undefined. A file that is missing does not come by waiting. */
async function connectionProblem(connection: Connection): Promise<string | undefined> {
  try {
    await connection.endpoint();
    return undefined;
  } catch (error) {
    // A parser's message may quote the file, and a kubeconfig holds credentials.
    if (error instanceof ConnectionError) return `${error.message} (${error.code})`;
    return error instanceof Error && 'code' in error ? String(error.code) : 'it is no kubeconfig';
  }
}

/** A laptop neither pretends to be a pod nor writes against an operator that serves the same bindings. */
async function localProblem(settings: Settings, kube: KubernetesApi): Promise<string | undefined> {
  if (!settings.localIdentity) return undefined;
  if (existsSync(join(settings.serviceAccountDir, 'token')))
    return `--local-identity is for an operator outside of clusters, and this is a pod (${settings.serviceAccountDir} holds a token)`;
  const { namespace, leaseName: name, leaderElect, watchNamespaces, bindingSelector } = settings;
  if (leaderElect || watchNamespaces.length > 0 || bindingSelector !== '') return undefined;
  const leader = await otherLeader(kube, { namespace, name }, clock);
  if (leader === undefined) return undefined;
  return `an operator in the cluster serves all bindings (${leader} holds the Lease ${namespace}/${name}), and both would write the same objects: serve some of your own with --watch-namespaces or --binding-selector and keep them from it, stop it, or stand by with --leader-elect`;
}

async function run(settings: Settings, connection: Connection): Promise<void> {
  const logger = createLogger({ level: settings.logLevel, stream: process.stdout, now: () => clock.now() });
  // Node would print the error with all that hangs on it: the clients of Azure hang whole answers on theirs.
  process.on('uncaughtException', (error) => {
    logger.error('The process ends: nobody caught an error.', { error });
    process.exit(1);
  });
  const metrics = createMetrics();
  const podName = settings.podName || hostname();
  const kube = createKubernetesApi(connection, {
    clock,
    metrics,
    logger,
    userAgent: `appconfig-operator/${VERSION}`,
  });
  const problem = await localProblem(settings, kube);
  if (problem !== undefined) {
    process.stderr.write(`${problem}\n`);
    process.exit(2);
  }
  const assertions = new Assertions({ requester: kube, clock, audience: settings.tokenAudience, metrics });
  const azure = createAzure({
    proxyEnv: process.env,
    env: process.env,
    cloud: settings.cloud,
    authorityHost: settings.authorityHost,
    ...(settings.azureProxy === undefined ? {} : { azureProxy: settings.azureProxy }),
    ...metadataHost(process.env['AZURE_POD_IDENTITY_AUTHORITY_HOST']),
    ...(settings.storeAudience === '' ? {} : { audienceOverride: settings.storeAudience }),
    ...(settings.dnsServer === '' ? {} : { dnsServer: settings.dnsServer }),
    assertions,
    entraGate: new Gate({ clock, random, metrics, rules: ENTRA }),
    metrics,
    logger,
    clock,
    version: VERSION,
  });
  const reporter = { controller: MANAGER, instance: podName };
  const events = createEventRecorder({ api: kube, clock, logger, metrics, reporter });
  const schemas = new WorkerValidator({ module: SCHEMA_WORKER, clock });
  const identity = `${podName}_${randomBytes(4).toString('hex')}`;
  const world = { kube, azure, events, clock, random, logger, metrics, schemas, identity };
  const operator = new Operator(settings, world);
  const server = await startHttpServer({
    ...settings.http,
    live: () => operator.manager.live(),
    ready: () => operator.manager.ready(),
    metrics,
  });
  logger.info('Started.', { version: VERSION, node: process.version, port: server.port, identity });
  operator.manager.start();
  const measuring = setInterval(() => operator.measure(), MEASURE_EVERY_MS);
  const signal = await stopSignal();
  logger.info('Stopping.', { signal });
  clearInterval(measuring);
  await operator.manager.stop(DRAIN_MS);
  await events.flush();
  await server.close();
  await schemas.close();
  azure.close();
  kube.close();
  logger.info('Stopped.');
}

/** Named as in the Azure SDKs; trailing slashes are not part of it. */
const metadataHost = (given: string | undefined) =>
  given ? { metadataHost: given.replace(/\/+$/, '') } : {};

const stopSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });

const argv = process.argv.slice(2);
const parsed = parseSettings(argv, process.env);
if (argv.includes('--help')) {
  process.stdout.write(helpText());
} else if (parsed.ok) {
  const connection = connect(parsed.settings);
  const problem = await connectionProblem(connection);
  if (problem !== undefined) {
    const source = parsed.settings.kubeconfig || 'the cluster';
    process.stderr.write(`no way to log in to ${source}: ${problem}; see --kubeconfig and --context\n`);
    process.exit(1);
  }
  await run(parsed.settings, connection);
  // A connection that does not end must not keep the pod in Terminating.
  process.exit(0);
} else {
  process.stderr.write(`${parsed.errors.join('\n')}\n`);
  process.exitCode = 2;
}
