/**
 * Read-your-reads across identities: App Configuration may answer from a replica that lags, unless a request
 * carries the sync tokens seen so far (`Sync-Token: <id>=<value>`, learnt from `<id>=<value>;sn=<n>`).
 *
 * Guarantees: all clients of one endpoint send the newest token per id that any of them saw; a malformed
 * header is ignored (the SDK throws on it, even on a 200).
 * The SDK keeps tokens per client; it sees none of them here, so its own store stays empty and silent.
 */
import type { PipelinePolicy } from '@azure/core-rest-pipeline';

const HEADER = 'sync-token';
const TOKEN = /^([^=;,\s]+)=([^;,\s]+);sn=(\d+)$/;
/** One per shard of the store in practice; a bound against a server that invents ids. */
const MAX_IDS = 32;

interface Token {
  readonly value: string;
  readonly sequence: bigint;
}

/** The newest sync token per id of one endpoint. */
export class SyncTokens {
  readonly #tokens = new Map<string, Token>();

  /** Takes a response header; keeps what is newer than what is known. */
  learn(header: string | undefined): void {
    for (const text of header?.split(',') ?? []) {
      const [, id, value, sequence] = TOKEN.exec(text.trim()) ?? [];
      if (id && value && sequence) this.#keep(id, { value, sequence: BigInt(sequence) });
    }
  }

  /** The request header, undefined while nothing is known. */
  header(): string | undefined {
    const pairs = [...this.#tokens].map(([id, { value }]) => `${id}=${value}`);
    return pairs.length === 0 ? undefined : pairs.join(',');
  }

  #keep(id: string, token: Token): void {
    const known = this.#tokens.get(id);
    if (known && known.sequence >= token.sequence) return;
    this.#tokens.delete(id);
    this.#tokens.set(id, token);
    const [oldest] = this.#tokens.keys();
    if (this.#tokens.size > MAX_IDS && oldest !== undefined) this.#tokens.delete(oldest);
  }
}

/** Must run inside the SDK's own sync token policy, so that this one has the last word on the wire. */
export function syncTokenPolicy(tokens: SyncTokens): PipelinePolicy {
  return {
    name: 'sharedSyncTokens',
    async sendRequest(request, next) {
      const header = tokens.header();
      if (header === undefined) request.headers.delete(HEADER);
      else request.headers.set(HEADER, header);
      const response = await next(request);
      tokens.learn(response.headers.get(HEADER));
      response.headers.delete(HEADER);
      return response;
    },
  };
}
