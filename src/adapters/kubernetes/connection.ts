/** TLS material of a connection; PEM. */
export interface TlsMaterial {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** Name to verify, and to send as SNI, instead of the host of the server. */
  readonly serverName?: string;
  /** Only for a kubeconfig that says `insecure-skip-tls-verify`. */
  readonly insecure?: boolean;
}

/** What one call needs to reach the API server. */
export interface Endpoint {
  /** `https://host:port`, perhaps with a base path, without a trailing slash. */
  readonly server: string;
  readonly tls: TlsMaterial;
  /** Authentication, e.g. `authorization`. Never logged. */
  readonly headers: Readonly<Record<string, string>>;
  /** An HTTP proxy to tunnel through. */
  readonly proxyUrl?: string;
}

/** A way to a cluster. Tokens and certificates rotate, so each call asks again; answers are cached where they come from. */
export interface Connection {
  /** @throws ConnectionError when the material cannot be read. */
  endpoint(): Promise<Endpoint>;
}

/** The material to connect with is missing or broken. `code` is a constant or an errno, safe to log. */
export class ConnectionError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'ConnectionError';
    this.code = code;
  }
}
