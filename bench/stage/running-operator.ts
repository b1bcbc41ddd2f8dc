/**
 * The operator under measure as a process.
 *
 * Guarantees: it dies with the bench; its output is in a file of the cluster's folder.
 */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../../dev/cluster/cluster.ts';
import { freePort } from '../../dev/cluster/ports.ts';
import { type LocalProcess, startProcess } from '../../dev/cluster/process.ts';
import { fillIn } from './fill-in.ts';
import { type Login, SYSTEM_NAMESPACE } from './login.ts';
import type { PretendAzure } from './pretend-azure.ts';
import type { Subject } from './subject.ts';

export interface RunningOperator {
  readonly pid: number;
  readonly startedAt: number;
  /** Milliseconds from the start of the process until it said that it is ready. */
  readonly readyAfterMs: number;
  /** The sum of its time series that begin so, as `/metrics` beside the ready URL tells; undefined without. */
  metric(prefix: string): Promise<number | undefined>;
  stop(): Promise<void>;
}

export interface OperatorParts {
  readonly cluster: Cluster;
  readonly azure: PretendAzure;
  readonly subject: Subject;
  readonly login: Login;
  readonly number: number;
}

const READY_WITHIN_MS = 60_000;
const GRACE_MS = 20_000;

/** Starts it and waits until it is ready. Failure: the end of its log, when it ends or is not ready in a minute. */
export async function startOperator(parts: OperatorParts): Promise<RunningOperator> {
  const { cluster, azure, subject, login, number } = parts;
  const values = {
    kubeconfig: login.kubeconfig,
    namespace: SYSTEM_NAMESPACE,
    name: `operator-${number}`,
    port: String(await freePort()),
    tenantId: azure.tenantId,
    dir: cluster.dir,
  };
  const fill = (text: string) => fillIn(text, values);
  const own = Object.entries(subject.env).map(([name, value]) => [name, fill(value)]);
  const basic = { PATH: process.env['PATH'] ?? '', HOME: cluster.dir, KUBECONFIG: login.kubeconfig };
  const startedAt = Date.now();
  const child = startProcess({
    name: values.name,
    binary: cluster.binary,
    argv: subject.command.map(fill),
    env: { ...basic, ...azure.env, ...Object.fromEntries(own) },
    logFile: join(cluster.dir, `${values.name}.log`),
    cwd: cluster.dir,
  });
  const readyUrl = fill(subject.readyUrl);
  await untilReady(child, readyUrl);
  return {
    pid: child.pid,
    startedAt,
    readyAfterMs: Date.now() - startedAt,
    metric: (prefix) => metric(readyUrl, prefix),
    stop: () => child.stop(GRACE_MS),
  };
}

async function untilReady(child: LocalProcess, url: string): Promise<void> {
  if (url === '') return;
  const end = Date.now() + READY_WITHIN_MS;
  while (!(await answers(url))) {
    if (!child.isRunning() || Date.now() > end) {
      await child.stop(0);
      throw new Error(`${child.name} did not become ready:\n${await child.logTail()}`);
    }
    await delay(10);
  }
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    async (answer) => {
      await answer.arrayBuffer();
      return answer.ok;
    },
    () => false,
  );

async function metric(readyUrl: string, prefix: string): Promise<number | undefined> {
  if (readyUrl === '') return undefined;
  const text = await fetch(new URL('/metrics', readyUrl)).then(
    (answer) => answer.text(),
    () => '',
  );
  const lines = text.split('\n').filter((line) => line.startsWith(prefix));
  if (lines.length === 0) return undefined;
  return lines.reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
