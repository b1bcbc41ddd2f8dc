import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueServerIdentity, type ServerIdentity } from './certificates.ts';
import { type Clouds, createClouds, type Sovereign } from './clouds.ts';
import { AzureControl } from './control/client.ts';
import { pathOf, startControlServer } from './control/server.ts';
import { type DnsServer, startDnsServer } from './dns/server.ts';
import { lookUp } from './dns/zone.ts';
import { FrontDoor } from './frontdoor.ts';
import { CERTIFICATE_NAMES, PUBLIC, SOVEREIGN } from './hosts.ts';
import { answering } from './http/loopback.ts';
import { type IdentityProxy, startIdentityProxy } from './identitybinding/server.ts';
import type { Authorize } from './identitybinding/service.ts';
import { startMetadataServer } from './imds.ts';
import { startProxy } from './proxy.ts';
import type { Surroundings } from './surroundings.ts';

export interface AzureOptions {
  /** 0 or omitted: any free port. */
  readonly proxyPort?: number | undefined;
  readonly controlPort?: number | undefined;
  readonly dnsPort?: number | undefined;
  readonly metadataPort?: number | undefined;
}

/** Another cloud behind the same proxy: its own Entra, stores and vaults at its own host names. */
export interface SovereignCloud {
  readonly control: AzureControl;
  readonly controlUrl: string;
  readonly tenantId: string;
}

/** A running pretend Azure; the public cloud where no other is named. */
export interface Azure extends Readonly<Record<Sovereign, SovereignCloud>> {
  /** `http://127.0.0.1:PORT`, the value of HTTPS_PROXY. */
  readonly proxyUrl: string;
  /** PEM file with the CA, the value of NODE_EXTRA_CA_CERTS; removed by `stop`. */
  readonly caFile: string;
  readonly caPem: string;
  readonly controlUrl: string;
  readonly control: AzureControl;
  /** `127.0.0.1:PORT` of the DNS server that knows the replicas of stores (UDP and TCP). */
  readonly dnsServer: string;
  /** `http://127.0.0.1:PORT` of the instance metadata service, the value of AZURE_POD_IDENTITY_AUTHORITY_HOST. */
  readonly metadataUrl: string;
  /** The tenant that exists from the start. */
  readonly tenantId: string;
  /** The proxy that an AKS cluster has for identity bindings; `authorize` answers for the RBAC of that cluster. */
  startIdentityProxy(authorize: Authorize): Promise<IdentityProxy>;
  /** Environment of a client process: HTTPS_PROXY, NO_PROXY (loopback), NODE_EXTRA_CA_CERTS, and the metadata service. */
  env(): Record<string, string>;
  stop(): Promise<void>;
}

/**
 * Starts the pretend Azure in this process: CONNECT proxy, TLS for Azure's host names, DNS server, instance metadata
 * service, control API.
 *
 * Guarantees: only loopback ports; nothing outside the process is contacted except registered OIDC issuers.
 * Failure: rejects when a given port is taken; `stop` ends all connections, also hanging ones.
 */
export async function startAzure(options: AzureOptions = {}): Promise<Azure> {
  const [clouds, identity, folder] = await Promise.all([
    createClouds(),
    issueServerIdentity(CERTIFICATE_NAMES),
    mkdtemp(join(tmpdir(), 'pretend-azure-')),
  ]);
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, identity.caPem);
  const gate = await openGate(clouds, identity, options.proxyPort);
  const controlServer = await startControlServer(clouds, options.controlPort);
  const dns = await openDns(clouds, options.dnsPort);
  const metadata = await startMetadataServer(clouds.public, options.metadataPort);
  const control = new AzureControl(controlServer.url);
  const usGovernment = openSovereign(controlServer.url, 'usGovernment');
  const china = openSovereign(controlServer.url, 'china');
  const stop = async () => {
    for (const one of [control, usGovernment.control, china.control]) one.close();
    const removed = rm(folder, { recursive: true, force: true });
    await Promise.all([gate.stop(), controlServer.stop(), dns.stop(), metadata.stop(), removed]);
  };
  const { url: controlUrl } = controlServer;
  const env = () => ({
    HTTPS_PROXY: gate.url,
    NO_PROXY: '127.0.0.1,localhost',
    NODE_EXTRA_CA_CERTS: caFile,
    AZURE_POD_IDENTITY_AUTHORITY_HOST: metadata.url,
  });
  return {
    ...{ proxyUrl: gate.url, caFile, caPem: identity.caPem, controlUrl, control },
    startIdentityProxy: (authorize) => startIdentityProxy(clouds.public, authorize),
    ...{ usGovernment, china },
    ...{ tenantId: PUBLIC.tenant.id, dnsServer: dns.address, metadataUrl: metadata.url, env, stop },
  };
}

function openSovereign(url: string, name: Sovereign): SovereignCloud {
  const controlUrl = url + pathOf(SOVEREIGN[name]);
  return { control: new AzureControl(controlUrl), controlUrl, tenantId: SOVEREIGN[name].tenant.id };
}

/** The proxy in front of one TLS server that never listens: tunnels are handed to it as connections. */
async function openGate(clouds: Clouds, identity: ServerIdentity, port: number | undefined) {
  const door = new FrontDoor({
    ...doorParts(clouds.surroundings),
    resolve: (host) => clouds.resolve(host),
    isBlackHole: (host) => clouds.isBlackHole(host),
  });
  const handle = answering((request, response) => door.handle(request, response));
  const tls = createServer({ key: identity.keyPem, cert: identity.certPem }, handle);
  tls.keepAliveTimeout = 120_000;
  tls.on('clientError', (_error, socket) => socket.destroy());
  return startProxy({
    port,
    judge: (host, target) => clouds.judge(host, target),
    tunnel: (socket) => tls.emit('connection', socket),
    onConnect: (host, status) => logConnect(clouds.surroundings, host, status),
  });
}

/** Questions are log records of the service `dns`. */
function openDns(clouds: Clouds, port: number | undefined): Promise<DnsServer> {
  const { clock, dns, log } = clouds.surroundings;
  return startDnsServer({
    port,
    lookUp: (question) => lookUp(question, clouds.of(question.name) ?? clouds.public),
    trouble: (name, transport) => dns.take(name, transport),
    onQuestion: ({ name, type }, transport, rcode) => {
      const time = new Date(clock.now()).toISOString();
      log.add({
        time,
        service: 'dns',
        host: name,
        method: type,
        path: transport,
        query: '',
        status: rcode,
      });
    },
  });
}

function doorParts({ clock, faults, log }: Surroundings) {
  return { clock, faults, log };
}

function logConnect({ clock, log }: Surroundings, host: string, status: number): void {
  const time = new Date(clock.now()).toISOString();
  log.add({ time, service: 'proxy', host, method: 'CONNECT', path: '', query: '', status });
}
