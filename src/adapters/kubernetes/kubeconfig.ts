/**
 * The connection of a developer: a kubeconfig, with whatever way to log in it names.
 *
 * `@kubernetes/client-node` reads and authenticates (exec plugins, OIDC, token files); connections are ours: its own
 * agent opens a connection per call and, behind a proxy, is cached by the *name* of cluster and user, so that rotated
 * certificates are never seen. It is imported lazily, since loading it costs 20 MB.
 */
import type { RequestOptions } from 'node:https';
import { type Connection, ConnectionError, type Endpoint, type TlsMaterial } from './connection.ts';

export interface KubeconfigOptions {
  /** Default: KUBECONFIG, then `~/.kube/config`, as kubectl does. */
  readonly path?: string;
  /** Default: the file's current context. */
  readonly context?: string;
}

interface Source {
  readonly server: string;
  readonly proxyUrl: string | undefined;
  authenticate(options: RequestOptions): Promise<void>;
}

export function kubeconfigConnection(options: KubeconfigOptions = {}): Connection {
  let source: Promise<Source> | undefined;
  return {
    async endpoint() {
      source ??= load(options);
      return authenticated(await source);
    },
  };
}

async function load({ path, context }: KubeconfigOptions): Promise<Source> {
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js');
  const config = new KubeConfig();
  if (path === undefined) config.loadFromDefault();
  else config.loadFromFile(path);
  if (context !== undefined) config.setCurrentContext(context);
  const cluster = config.getCurrentCluster();
  if (cluster === null)
    throw new ConnectionError('NoCluster', 'The kubeconfig names no cluster for the context.');
  checkUrl('PlainHttp', cluster.server, /^https:/, 'The API server of the kubeconfig must be an https URL.');
  if (cluster.proxyUrl) {
    checkUrl(
      'ProxyUnsupported',
      cluster.proxyUrl,
      /^https?:/,
      'Only http and https URLs are supported as proxy-url.',
    );
  }
  return {
    server: cluster.server.replace(/\/+$/, ''),
    proxyUrl: cluster.proxyUrl || undefined,
    authenticate: (request) => config.applyToHTTPSOptions(request),
  };
}

function checkUrl(code: string, url: string, allowed: RegExp, message: string): void {
  if (!allowed.test(url)) throw new ConnectionError(code, message);
}

async function authenticated({ server, proxyUrl, authenticate }: Source): Promise<Endpoint> {
  const request: RequestOptions = {};
  try {
    await authenticate(request);
  } catch {
    // The text of an exec plugin or an identity provider is not ours to repeat.
    throw new ConnectionError(
      'AuthenticationFailed',
      'The authentication that the kubeconfig asks for failed.',
    );
  }
  return {
    server,
    tls: tlsOf(request),
    headers: headersOf(request),
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
  };
}

function tlsOf({ ca, cert, key, servername, rejectUnauthorized }: RequestOptions): TlsMaterial {
  return {
    ...pem('ca', ca),
    ...pem('cert', cert),
    ...pem('key', key),
    ...(servername === undefined ? {} : { serverName: servername }),
    ...(rejectUnauthorized === false ? { insecure: true } : {}),
  };
}

const pem = (name: 'ca' | 'cert' | 'key', value: unknown): TlsMaterial =>
  typeof value === 'string' || Buffer.isBuffer(value) ? { [name]: value } : {};

function headersOf({ headers = {}, auth }: RequestOptions): Record<string, string> {
  const basic = auth ? { authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {};
  const rest = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name.toLowerCase(), String(value)] as const],
  );
  return { ...basic, ...Object.fromEntries(rest) };
}
