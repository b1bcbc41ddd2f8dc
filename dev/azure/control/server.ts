import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { ZodError, z } from 'zod';
import type { Cloud } from '../cloud.ts';
import type { Clouds } from '../clouds.ts';
import { readBody } from '../frontdoor.ts';
import type { CloudNames } from '../hosts.ts';
import { answering, onLoopback } from '../http/loopback.ts';
import { ControlError, type Operations } from './operation.ts';
import { accessOperations } from './operations/access.ts';
import { directoryOperations } from './operations/directory.ts';
import { dnsOperations } from './operations/dns.ts';
import { replicaOperations } from './operations/replicas.ts';
import { snapshotOperations } from './operations/snapshots.ts';
import { storeOperations } from './operations/stores.ts';
import { trafficOperations } from './operations/traffic.ts';
import { vaultOperations } from './operations/vaults.ts';

export interface ControlServer {
  readonly url: string;
  stop(): Promise<void>;
}

const MAX_BODY_BYTES = 64 * 1024 * 1024;

/**
 * The control API: `POST /{operation}` with a JSON object, answered with JSON (`null` when there is nothing to say);
 * `GET /{operation}` for operations without input; `GET /` lists the operations. That is the public cloud;
 * `/AzureUSGovernment/{operation}` and `/AzureChina/{operation}` are the others.
 *
 * Assumptions: loopback only and no authentication, like every control surface of a test double.
 * Failure: 400 `{"error": text}` for bad input, 404 for an unknown operation.
 */
export async function startControlServer(clouds: Clouds, port = 0): Promise<ControlServer> {
  const planes = clouds.all.map((cloud) => ({ path: pathOf(cloud.names), operations: operationsOf(cloud) }));
  const server = createServer(answering((request, response) => serve(planes, request, response)));
  server.keepAliveTimeout = 60_000;
  const { port: bound, stop } = await onLoopback(server, port);
  return { url: `http://127.0.0.1:${bound}`, stop };
}

function operationsOf(cloud: Cloud): Operations {
  return {
    ...directoryOperations(cloud),
    ...storeOperations(cloud),
    ...accessOperations(cloud),
    ...replicaOperations(cloud),
    ...snapshotOperations(cloud),
    ...dnsOperations(cloud),
    ...vaultOperations(cloud),
    ...trafficOperations(cloud),
  };
}

/** Where the operations of a cloud are: those of the others below those of the public one. */
export const pathOf = ({ cloud }: CloudNames): string => (cloud === 'AzurePublic' ? '' : `/${cloud}`);

interface Plane {
  readonly path: string;
  readonly operations: Operations;
}

async function serve(
  planes: readonly Plane[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = '/'] = (request.url ?? '/').split('?');
  // That of the public cloud comes first and has every path.
  const plane = planes.findLast((one) => `${path}/`.startsWith(`${one.path}/`));
  const body = await readBody(request, MAX_BODY_BYTES);
  const { status, value } = body
    ? await run(plane?.operations ?? {}, path.slice(plane?.path.length).slice(1), body)
    : { status: 413, value: { error: 'request too large' } };
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(value ?? null));
}

async function run(
  operations: Operations,
  name: string,
  body: Buffer,
): Promise<{ status: number; value: unknown }> {
  if (name === '') return { status: 200, value: Object.keys(operations) };
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (!operation) return { status: 404, value: { error: `no such operation: ${name}` } };
  try {
    const input: unknown = body.length === 0 ? {} : JSON.parse(body.toString('utf8'));
    return { status: 200, value: await operation.run(input) };
  } catch (error) {
    return { status: 400, value: { error: explain(error) } };
  }
}

/** Bugs are rethrown and end the process: a test double that hides them is worth nothing. */
function explain(error: unknown): string {
  if (error instanceof ZodError) return z.prettifyError(error);
  if (error instanceof ControlError) return error.message;
  if (error instanceof SyntaxError) return 'the body is not JSON';
  throw error;
}
