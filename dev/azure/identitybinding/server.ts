import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { issueServerIdentity } from '../certificates.ts';
import type { Cloud } from '../cloud.ts';
import { newSigningKey } from '../entra/keys.ts';
import { FrontDoor } from '../frontdoor.ts';
import { answering, onLoopback } from '../http/loopback.ts';
import { type Authorize, IdentityBindingService } from './service.ts';

/** A running proxy for identity bindings. */
export interface IdentityProxy {
  readonly url: string;
  /** The only name by which it takes a TLS connection, as an API server of AKS leads to it by that name. */
  readonly serverName: string;
  readonly caPem: string;
  /** PEM file with the CA, removed by `stop`. */
  readonly caFile: string;
  /** What the webhook of Azure Workload Identity sets in a pod that asks for identity bindings. */
  env(): Record<string, string>;
  stop(): Promise<void>;
}

/**
 * A TLS server on loopback with a CA of its own, in front of the pretend Entra of `cloud`.
 *
 * Failure: a client that calls it by another name, or by none, gets no certificate.
 */
export async function startIdentityProxy(cloud: Cloud, authorize: Authorize): Promise<IdentityProxy> {
  const serverName = `a${randomBytes(16).toString('hex')}.ests.aks`;
  const [identity, key, folder] = await Promise.all([
    issueServerIdentity([serverName]),
    newSigningKey('identity-bindings-1'),
    mkdtemp(join(tmpdir(), 'identity-proxy-')),
  ]);
  const caFile = join(folder, 'ca.crt');
  await writeFile(caFile, identity.caPem);
  const context = createSecureContext({ key: identity.keyPem, cert: identity.certPem });
  const door = doorTo(cloud, new IdentityBindingService(cloud, cloud.entra, key, authorize));
  const server = createServer(
    {
      SNICallback: (name, done) =>
        name === serverName ? done(null, context) : done(new Error('no such server name')),
    },
    answering((request, response) => door.handle(request, response)),
  );
  server.on('tlsClientError', () => undefined);
  const listening = await onLoopback(server, 0);
  const url = `https://127.0.0.1:${listening.port}`;
  const stop = async () => {
    await rm(folder, { recursive: true, force: true });
    await listening.stop();
  };
  const env = () => ({
    AZURE_KUBERNETES_TOKEN_PROXY: url,
    AZURE_KUBERNETES_SNI_NAME: serverName,
    AZURE_KUBERNETES_CA_FILE: caFile,
  });
  return { url, serverName, caPem: identity.caPem, caFile, env, stop };
}

function doorTo({ clock, faults, log }: Cloud, service: IdentityBindingService): FrontDoor {
  return new FrontDoor({ clock, faults, log, resolve: () => service, isBlackHole: () => false });
}
