/** Command line: `node dev/cluster/main.ts up [--keep]` runs a cluster until it is interrupted. */
import { dirname } from 'node:path';
import { ensureControlPlane } from './build.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { startPodRunner } from './pod-runner.ts';

const usage = `usage: node dev/cluster/main.ts up [--keep]
  up      start a Kubernetes control plane with simulated pods; Ctrl-C stops it
  --keep  leave its folder (logs, audit log) in place afterwards
`;

const [command, ...flags] = process.argv.slice(2);
if (command === 'up' && flags.every((flag) => flag === '--keep')) {
  await up(flags.includes('--keep'));
} else {
  process.stderr.write(usage);
  process.exitCode = 2;
}

async function up(keepFolder: boolean): Promise<void> {
  // Before signals are caught: the first build takes minutes, and Ctrl-C is to end it at once.
  await ensureControlPlane();
  const interrupted = waitForSignal();
  const started = Date.now();
  const cluster = await startCluster({ name: 'dev', keepFolder });
  await startPodRunner(cluster);
  process.stdout.write(instructions(cluster, Date.now() - started));
  await interrupted;
  process.stdout.write('stopping\n');
  await cluster.stop();
  if (keepFolder) process.stdout.write(`logs are in ${cluster.dir}\n`);
}

function instructions(cluster: Cluster, milliseconds: number): string {
  return `Kubernetes at ${cluster.url}, ready after ${(milliseconds / 1000).toFixed(1)} s. In another shell:

  export KUBECONFIG=${cluster.kubeconfig}
  export PATH=${dirname(cluster.binary)}:$PATH
  kubectl get all --all-namespaces

Audit log and logs: ${cluster.dir}
Ctrl-C stops it.
`;
}

/** Also keeps the process alive meanwhile: nothing else of a cluster does. */
function waitForSignal(): Promise<void> {
  return new Promise((resolve) => {
    const alive = setInterval(() => undefined, 60_000);
    const end = () => {
      clearInterval(alive);
      resolve();
    };
    process.once('SIGINT', end).once('SIGTERM', end);
  });
}
