/**
 * In place of the kubelet: makes pods run, or look as if they ran.
 *
 * Guarantees: every pod gets scheduled, and becomes what its annotation says (`dev.appconfig.dev/behaviour`:
 * ready, never-ready, crash, slow:<ms>); a pod with an image listed in `programs` runs as local processes with
 * the environment, arguments, volumes, token and probes that its spec asks for; deleted pods end within their
 * grace period; no process survives `stop`, the cluster or this process.
 * Assumptions: one runner per cluster. Not done: init containers, container commands, hooks, resource limits,
 * Services' network, later changes of mounted ConfigMaps and Secrets.
 * Failure: what a pod lacks shows in its status, as a kubelet would say it.
 */
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from './cluster.ts';
import { podAddress } from './pods/address.ts';
import { startLogServer } from './pods/log-server.ts';
import { registerNode } from './pods/node.ts';
import { PodTable } from './pods/pod-table.ts';
import { ProgramPod } from './pods/program-pod.ts';
import { type Programs, programOf } from './pods/programs.ts';
import { StatusReporter } from './pods/reporter.ts';
import { type ChooseBehaviour, SimulatedPod } from './pods/simulated-pod.ts';
import type { Pod } from './pods/types.ts';
import { watchPods } from './pods/watch.ts';
import type { PodWorker } from './pods/worker.ts';

/** Settings of a pod runner. */
export interface PodRunnerOptions {
  /** Images that are programs of this machine, e.g. `{'operator': [process.execPath, '/…/src/main.ts']}`. */
  readonly programs?: Programs;
  /** Asked for every simulated pod, on each change; undefined leaves the choice to the pod's annotation. */
  readonly onPod?: ChooseBehaviour;
}

/** A running pod runner. A pod is named `name`, or `namespace/name` where that is ambiguous. */
export interface PodRunner {
  /** Output of a pod's program so far, also after the pod has gone; '' for a simulated pod. */
  readonly logs: (podName: string, container?: string) => Promise<string>;
  /** Process ids of the programs of one pod, or of all. */
  readonly pids: (podName?: string) => number[];
  /** Signals the programs of a pod; throws when no such pod runs. */
  readonly kill: (podName: string, signal: NodeJS.Signals) => void;
  /** Ends all programs (at most 5 s) and stops watching; the pods stay as objects. The cluster does it when it stops. */
  readonly stop: () => Promise<void>;
}

const nodeName = 'dev-node';
const hostIp = '127.0.0.1';

/** Starts playing the pods of a cluster; resolves when pods can be scheduled. */
export async function startPodRunner(cluster: Cluster, options: PodRunnerOptions = {}): Promise<PodRunner> {
  const { programs = {}, onPod = () => undefined } = options;
  const api = cluster.podRunnerApi;
  let started = 0;

  const startWorker = (pod: Pod, folder: string): PodWorker => {
    const isProgram = pod.spec.containers.some(({ image }) => programOf(image, programs) !== undefined);
    const reporter = new StatusReporter(api, pod);
    const podIp = isProgram ? podAddress(cluster.port, started++) : hostIp;
    const place = { nodeName, hostIp, podIp };
    if (!isProgram) return new SimulatedPod(pod, place, reporter, onPod);
    mkdirSync(folder, { recursive: true });
    return new ProgramPod(pod, { cluster, programs, place, reporter, folder });
  };

  const table = new PodTable(api, join(cluster.dir, 'pods'), startWorker);
  const logs = async (podName: string, container?: string): Promise<string> => {
    const file = table.logFile(podName, container);
    return file === undefined ? '' : readFile(file, 'utf8').catch(() => '');
  };
  const logServer = await startLogServer(join(cluster.dir, 'certs'), (namespace, pod, container) =>
    logs(`${namespace}/${pod}`, container),
  );
  await registerNode(api, { name: nodeName, hostIp, logPort: logServer.port });
  const ending = new AbortController();
  const watching = watchPods(api, nodeName, table, ending.signal);

  const stop = async () => {
    ending.abort();
    logServer.close();
    await Promise.all([watching, table.terminateAll(5_000)]);
  };
  let stopped: Promise<void> | undefined;
  const runner: PodRunner = {
    logs,
    pids: (podName) => table.workers(podName).flatMap((worker) => worker.pids()),
    kill: (podName, signal) => {
      const workers = table.workers(podName);
      if (workers.length === 0) throw new Error(`no pod ${podName} runs`);
      for (const worker of workers) worker.signal(signal);
    },
    stop: () => (stopped ??= stop()),
  };
  cluster.beforeStop(runner.stop);
  return runner;
}
