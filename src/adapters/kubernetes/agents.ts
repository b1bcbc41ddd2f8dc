import { createHash } from 'node:crypto';
import { Agent, type AgentOptions } from 'node:https';
import type { Endpoint } from './connection.ts';

/** Below the 90 s after which a kube-apiserver closes idle connections, so that it is we who close. */
const IDLE_MS = 60_000;

/** Calls reuse connections; each watch has one of its own, so that watches never hold up calls. */
export interface AgentPair {
  readonly calls: Agent;
  readonly watches: Agent;
}

/**
 * The agents for an endpoint: the same ones until its certificates, name or proxy change.
 *
 * Headers are not part of it: a new token needs no new connection.
 */
export class Agents {
  #current: { readonly fingerprint: string; readonly pair: AgentPair } | undefined;
  #last: Endpoint | undefined;

  for(endpoint: Endpoint): AgentPair {
    // Connections hand out the same object until something changed: no hashing for each call.
    if (this.#current !== undefined && this.#last === endpoint) return this.#current.pair;
    this.#last = endpoint;
    const fingerprint = fingerprintOf(endpoint);
    if (this.#current?.fingerprint !== fingerprint) {
      if (this.#current !== undefined) retire(this.#current.pair);
      this.#current = { fingerprint, pair: create(endpoint) };
    }
    return this.#current.pair;
  }

  /** Closes all connections, those in use too. */
  close(): void {
    this.#current?.pair.calls.destroy();
    this.#current?.pair.watches.destroy();
    this.#current = undefined;
    this.#last = undefined;
  }
}

function create(endpoint: Endpoint): AgentPair {
  const options = agentOptions(endpoint);
  return {
    calls: new Agent({ ...options, keepAlive: true, maxFreeSockets: 16, timeout: IDLE_MS }),
    watches: new Agent({ ...options, keepAlive: false }),
  };
}

function agentOptions({ proxyUrl, tls }: Endpoint): AgentOptions {
  const { ca, cert, key, serverName, insecure } = tls;
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(insecure === true ? { rejectUnauthorized: false } : {}),
    // Only this one: HTTPS_PROXY of the environment is for Azure, the API server is reached directly.
    ...(proxyUrl === undefined ? {} : { proxyEnv: { HTTPS_PROXY: proxyUrl } }),
  };
}

/** Lets what is in use finish, unlike `destroy`. */
function retire({ calls }: AgentPair): void {
  calls.maxFreeSockets = 0;
  for (const sockets of Object.values(calls.freeSockets))
    for (const socket of sockets ?? []) socket.destroy();
}

function fingerprintOf({ proxyUrl, server, tls }: Endpoint): string {
  const hash = createHash('sha256');
  for (const part of [server, proxyUrl, tls.ca, tls.cert, tls.key, tls.serverName, String(tls.insecure)]) {
    hash.update(part ?? '').update('\0');
  }
  return hash.digest('hex');
}
