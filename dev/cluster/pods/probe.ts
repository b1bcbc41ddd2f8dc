import { execFile } from 'node:child_process';
import { get as httpGet, type RequestOptions } from 'node:http';
import { get as httpsGet } from 'node:https';
import { connect } from 'node:net';
import type { Container, Probe } from './types.ts';

/** Where and how a container is probed. */
export interface ProbeTarget {
  readonly container: Container;
  readonly podIp: string;
  /** Runs an exec probe's command as the container would: environment, working folder, paths rewritten. */
  readonly exec: {
    readonly env: Readonly<Record<string, string>>;
    readonly cwd: string;
    readonly rewrite: (text: string) => string;
  };
}

/** Runs a probe once: true for success; every failure, timeouts included, is false. */
export async function runProbe(probe: Probe, target: ProbeTarget): Promise<boolean> {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
  if (probe.httpGet !== undefined) return probeHttp(probe.httpGet, target, timeoutMs);
  if (probe.exec !== undefined) return probeExec(probe.exec.command ?? [], target, timeoutMs);
  if (probe.tcpSocket !== undefined) return probeTcp(probe.tcpSocket, target, timeoutMs);
  throw new Error(`the pod runner knows no probe like ${Object.keys(probe).join()}`);
}

/** A port number, or the container's port of that name. */
export function portNumber(port: number | string, container: Container): number {
  if (typeof port === 'number') return port;
  const named = container.ports?.find(({ name }) => name === port)?.containerPort;
  if (named === undefined) throw new Error(`container ${container.name} has no port named ${port}`);
  return named;
}

function probeHttp(
  action: NonNullable<Probe['httpGet']>,
  target: ProbeTarget,
  timeout: number,
): Promise<boolean> {
  const secure = action.scheme === 'HTTPS';
  const options: RequestOptions & { rejectUnauthorized: boolean } = {
    host: action.host ?? target.podIp,
    port: portNumber(action.port, target.container),
    path: action.path ?? '/',
    headers: Object.fromEntries((action.httpHeaders ?? []).map(({ name, value }) => [name, value])),
    agent: false,
    signal: AbortSignal.timeout(timeout),
    // The kubelet does not check certificates either.
    rejectUnauthorized: false,
  };
  return new Promise((resolve) => {
    const request = (secure ? httpsGet : httpGet)(options, (answer) => {
      answer.resume();
      answer.once('error', () => undefined);
      const status = answer.statusCode ?? 0;
      resolve(status >= 200 && status < 400);
    });
    request.once('error', () => resolve(false));
  });
}

function probeExec(command: readonly string[], { exec }: ProbeTarget, timeout: number): Promise<boolean> {
  const [file = '', ...args] = command.map(exec.rewrite);
  return new Promise((resolve) => {
    execFile(file, args, { env: exec.env, cwd: exec.cwd, timeout }, (error) => resolve(error === null));
  });
}

function probeTcp(
  action: NonNullable<Probe['tcpSocket']>,
  target: ProbeTarget,
  timeout: number,
): Promise<boolean> {
  const port = portNumber(action.port, target.container);
  return new Promise((resolve) => {
    const socket = connect({ host: action.host ?? target.podIp, port, timeout });
    const end = (success: boolean) => () => {
      socket.destroy();
      resolve(success);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}
