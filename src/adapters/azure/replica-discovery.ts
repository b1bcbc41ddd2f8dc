/**
 * The replicas of a store by DNS. SRV of `_origin._tcp.<host>` names the origin, then `_alt0._tcp.<origin>`,
 * `_alt1._tcp.<origin>` … the replicas, until a name does not exist (so do Azure's own providers; a store without
 * replicas has `_origin` too).
 *
 * Guarantees: never rejects; ends soon after its signal aborts; a name that does not exist is an answer, everything
 * else that goes wrong makes the result incomplete.
 */
import type { SrvRecord } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { MAX_REPLICAS, type Replica } from '../../domain/store/replicas.ts';
import type { FoundReplicas, ReplicaFinder } from '../../ports/replicas.ts';
import { codeOf } from './sdk-call.ts';

/** Of one question to one server; asked twice. */
const TRY_MS = 2_000;
const TRIES = 2;

/** NXDOMAIN, and a name without SRV records. */
const ABSENT = new Set(['ENOTFOUND', 'ENODATA']);

export interface ReplicaDiscoveryOptions {
  /** `IP`, `IP:PORT` or `[IPv6]:PORT`; absent: the servers of the system. */
  readonly dnsServer?: string;
}

type Answer =
  | { readonly kind: 'found'; readonly replicas: readonly Replica[] }
  | { readonly kind: 'absent' }
  | { readonly kind: 'trouble' };

type Ask = (name: string) => Promise<Answer>;

export class ReplicaDiscovery implements ReplicaFinder {
  readonly #options: ReplicaDiscoveryOptions;

  constructor(options: ReplicaDiscoveryOptions) {
    this.#options = options;
  }

  async findReplicas(host: string, signal: AbortSignal): Promise<FoundReplicas> {
    const { dnsServer } = this.#options;
    // One for each lookup: `cancel` ends all questions of a resolver.
    const resolver = new Resolver({ timeout: TRY_MS, tries: TRIES });
    if (dnsServer !== undefined) resolver.setServers([dnsServer]);
    const cancel = () => resolver.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return await find(host, (name) => ask(resolver, name, signal));
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }
}

async function find(host: string, ask: Ask): Promise<FoundReplicas> {
  const origin = await ask(`_origin._tcp.${host}`);
  if (origin.kind !== 'found') return { replicas: [], complete: origin.kind === 'absent' };
  const replicas = [...origin.replicas];
  const [first] = origin.replicas;
  for (let index = 0; first !== undefined && index < MAX_REPLICAS; index += 1) {
    const alternative = await ask(`_alt${index}._tcp.${first.host}`);
    if (alternative.kind !== 'found') return { replicas, complete: alternative.kind === 'absent' };
    replicas.push(...alternative.replicas);
  }
  return { replicas, complete: true };
}

async function ask(resolver: Resolver, name: string, signal: AbortSignal): Promise<Answer> {
  if (signal.aborted) return { kind: 'trouble' };
  try {
    return { kind: 'found', replicas: (await resolver.resolveSrv(name)).map(replicaOf) };
  } catch (error) {
    return { kind: ABSENT.has(codeOf(error)) ? 'absent' : 'trouble' };
  }
}

/** The port is Azure's own and always 443. */
const replicaOf = ({ name, priority, weight }: SrvRecord): Replica => ({ host: name, priority, weight });
