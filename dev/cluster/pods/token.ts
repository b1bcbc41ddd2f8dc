import type { ApiClient } from '../api.ts';
import type { Pod } from './types.ts';

/** What a projected volume says about its token. */
export interface TokenSource {
  readonly audience?: string;
  readonly expirationSeconds?: number;
}

interface TokenRequest {
  readonly status: { readonly token: string; readonly expirationTimestamp: string };
}

/** Gets the ServiceAccount tokens of one pod and renews them for as long as the pod lives. */
export class TokenKeeper {
  readonly #api: ApiClient;
  readonly #pod: Pod;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(api: ApiClient, pod: Pod) {
    this.#api = api;
    this.#pod = pod;
  }

  /** Writes a token now, and a new one each time 80 % of its life is over, as the kubelet does. */
  async keep(source: TokenSource, write: (token: string) => Promise<void>): Promise<void> {
    const { token, expirationTimestamp } = await this.#request(source);
    await write(token);
    const life = Date.parse(expirationTimestamp) - Date.now();
    this.#later(0.8 * life, source, write);
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #later(milliseconds: number, source: TokenSource, write: (token: string) => Promise<void>): void {
    // Node's timers hold at most 2^31 - 1 ms; a token that lives for a year needs no renewal here.
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        this.keep(source, write).catch(() => this.#later(10_000, source, write));
      },
      Math.min(milliseconds, 2 ** 31 - 1),
    );
    timer.unref();
    this.#timers.add(timer);
  }

  async #request({ audience, expirationSeconds = 3600 }: TokenSource): Promise<TokenRequest['status']> {
    const { namespace, name, uid } = this.#pod.metadata;
    const account = this.#pod.spec.serviceAccountName ?? 'default';
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
    const spec = {
      audiences: audience === undefined ? [] : [audience],
      expirationSeconds,
      boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
    };
    const { status, body } = await this.#api.request<TokenRequest>('POST', path, { body: { spec } });
    if (status !== 201) throw new Error(`a token for ServiceAccount ${account} was refused with ${status}`);
    return body.status;
  }
}
