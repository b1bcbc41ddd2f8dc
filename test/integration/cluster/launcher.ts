/** A process to be killed: starts a cluster with a program pod, tells where everything is, and waits. */
import { startCluster } from '../../../dev/cluster/cluster.ts';
import { startPodRunner } from '../../../dev/cluster/pod-runner.ts';
import { until } from '../../../dev/cluster/wait.ts';
import { pod } from './manifests.ts';

const cluster = await startCluster();
const sleeper = [process.execPath, '-e', 'setInterval(() => undefined, 1000)'];
const runner = await startPodRunner(cluster, { programs: { sleeper } });
await cluster.applyYaml(pod('sleeper', { image: 'sleeper' }));
const [program] = await until(() => runner.pids().length === 1 && runner.pids(), { what: 'the program' });
console.log(JSON.stringify({ dir: cluster.dir, pids: [...cluster.pids(), program] }));
if (process.argv[2] === 'exit') process.exit(0);
setInterval(() => undefined, 1000);
