import { Agent, request } from 'node:http';
import type { z } from 'zod';
import type { Fault } from '../faults.ts';
import type { CloudNames } from '../hosts.ts';
import type { RequestRecord } from '../requestlog.ts';
import type * as schemas from './schemas.ts';
import type { Seed, SeedInput } from './seed-schema.ts';

type Input<Name extends keyof typeof schemas> = z.input<(typeof schemas)[Name]>;

export type TenantInfo = { id: string; name: string };
export type AppInfo = { name: string; tenantId: string; clientId: string; objectId: string };
export type StoreInfo = { name: string; endpoint: string; tenantId: string };
export type AccessKeyInfo = {
  name: string;
  id: string;
  secret: string;
  readOnly: boolean;
  connectionString: string;
};
export type VaultInfo = { name: string; uri: string; tenantId: string };

/**
 * The control API of one cloud as typed methods, one HTTP request each; tests and the demo steer the pretend Azure with it.
 * Failure: every method rejects with the server's error text.
 */
export class AzureControl {
  readonly url: string;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(url: string) {
    this.url = url;
  }

  /** A further tenant; one exists from the start. */
  createTenant = (input: Input<'tenant'> = {}) => this.#call<TenantInfo>('createTenant', input);
  /** An app registration with its service principal, in the default tenant unless named. */
  createApp = (input: Input<'app'>) => this.#call<AppInfo>('createApp', input);
  setAppDisabled = (input: Input<'appState'>) => this.#call<void>('setAppDisabled', input);
  addFederatedCredential = (input: Input<'federatedCredential'>) =>
    this.#call<void>('addFederatedCredential', input);
  removeFederatedCredential = (input: Input<'credentialSelector'>) =>
    this.#call<{ removed: number }>('removeFederatedCredential', input);
  /** As `az aks identity-binding create` does: AKS may then show assertions for the application. */
  createIdentityBinding = (input: Input<'identityBinding'>) =>
    this.#call<void>('createIdentityBinding', input);
  removeIdentityBinding = (input: Input<'identityBinding'>) =>
    this.#call<void>('removeIdentityBinding', input);
  /** The value is told here and in `dump` only. */
  addClientSecret = (input: Input<'clientSecret'>) =>
    this.#call<{ keyId: string; value: string }>('addClientSecret', input);
  removeClientSecret = (input: Input<'clientSecretKey'>) =>
    this.#call<{ removed: boolean }>('removeClientSecret', input);
  addClientCertificate = (input: Input<'clientCertificate'>) =>
    this.#call<{ keyId: string; thumbprint: string }>('addClientCertificate', input);
  removeClientCertificate = (input: Input<'clientSecretKey'>) =>
    this.#call<{ removed: boolean }>('removeClientCertificate', input);
  /** Which apps are managed identities of the virtual machine that IMDS answers on. */
  setNodeIdentities = (input: Input<'nodeIdentities'>) => this.#call<void>('setNodeIdentities', input);
  /** Lets Entra read this issuer's keys over https, trusting the given CA. */
  registerIssuer = (input: Input<'issuer'>) => this.#call<void>('registerIssuer', input);
  setTokenLifetime = (seconds: number) => this.#call<void>('setTokenLifetime', { seconds });
  /** An access token without a token request, well-formed or deliberately wrong. */
  issueToken = (input: Input<'forgedToken'>) =>
    this.#call<{ token: string }>('issueToken', input).then(({ token }) => token);
  assignRole = (input: Input<'roleAssignment'>) => this.#call<void>('assignRole', input);
  removeRole = (input: Input<'roleAssignment'>) => this.#call<{ removed: boolean }>('removeRole', input);

  createStore = (input: Input<'store'>) => this.#call<StoreInfo>('createStore', input);
  /** Afterwards CONNECT to it fails and open connections break on their next request. */
  deleteStore = (name: string) => this.#call<void>('deleteStore', { name });
  setStoreNetwork = (input: Input<'storeNetwork'>) => this.#call<void>('setStoreNetwork', input);
  /** From now on, writes stay invisible for so long to readers without a sync token. */
  setHiddenWrites = (input: Input<'hiddenWrites'>) => this.#call<void>('setHiddenWrites', input);
  setDailyQuota = (input: Input<'dailyQuota'>) => this.#call<void>('setDailyQuota', input);
  setSetting = (input: Input<'setting'>) => this.#call<{ etag: string }>('setSetting', input);
  /** Many settings in one write. */
  setSettings = (input: Input<'settings'>) => this.#call<void>('setSettings', input);
  setKeyVaultReference = (input: Input<'reference'>) =>
    this.#call<{ etag: string }>('setKeyVaultReference', input);
  deleteSetting = (input: Input<'settingPosition'>) =>
    this.#call<{ deleted: boolean }>('deleteSetting', input);
  lockSetting = (input: Input<'settingLock'>) => this.#call<{ found: boolean }>('lockSetting', input);

  /** With secrets and connection strings; of a replica, `{store}-{replica}`, with its own endpoint. */
  listAccessKeys = (store: string) => this.#call<AccessKeyInfo[]>('listAccessKeys', { store });
  /** The old id and secret stop to work at once. */
  regenerateAccessKey = (input: Input<'accessKey'>) =>
    this.#call<AccessKeyInfo>('regenerateAccessKey', input);
  setLocalAuth = (input: Input<'localAuth'>) => this.#call<void>('setLocalAuth', input);

  createReplica = (input: Input<'replica'>) =>
    this.#call<{ name: string; endpoint: string }>('createReplica', input);
  setReplica = (input: Input<'replicaState'>) => this.#call<void>('setReplica', input);
  deleteReplica = (store: string) => this.#call<void>('deleteReplica', { store });

  createSnapshot = (input: Input<'snapshot'>) =>
    this.#call<{ status: string; items: number }>('createSnapshot', input);
  /** How long builds take and how they end, from now on. */
  setSnapshotBuilds = (input: Input<'snapshotBuilds'>) => this.#call<void>('setSnapshotBuilds', input);
  archiveSnapshot = (input: Input<'snapshotName'>) => this.#call<void>('archiveSnapshot', input);
  recoverSnapshot = (input: Input<'snapshotName'>) => this.#call<void>('recoverSnapshot', input);
  /** A setting that stands for a snapshot. */
  setSnapshotReference = (input: Input<'snapshotReference'>) =>
    this.#call<{ etag: string }>('setSnapshotReference', input);

  /** Shapes the answers of the DNS server; the first trouble that matches a question counts. */
  addDnsTrouble = (input: Input<'dnsTrouble'>) => this.#call<void>('addDnsTrouble', input);
  /** An SRV record beside those of the zone. */
  addDnsRecord = (input: Input<'dnsRecord'>) => this.#call<void>('addDnsRecord', input);
  /** Removes troubles and extra records. */
  clearDns = () => this.#call<void>('clearDns', {});

  createVault = (input: Input<'vault'>) => this.#call<VaultInfo>('createVault', input);
  deleteVault = (name: string) => this.#call<void>('deleteVault', { name });
  setVaultNetwork = (input: Input<'vaultNetwork'>) => this.#call<void>('setVaultNetwork', input);
  /** A new version; `id` is the versioned secret identifier. */
  setSecret = (input: Input<'secret'>) => this.#call<{ id: string; version: string }>('setSecret', input);
  /** A certificate with a fresh key, as a new version of its secret; `leaf` is PEM. */
  issueCertificate = (input: Input<'certificate'>) =>
    this.#call<{ id: string; version: string; leaf: string }>('issueCertificate', input);
  /** Enables, disables, expires (Unix seconds) a version, the newest unless named. */
  changeSecret = (input: Input<'secretChange'>) => this.#call<void>('changeSecret', input);
  deleteSecret = (input: Input<'secretName'>) => this.#call<void>('deleteSecret', input);
  recoverSecret = (input: Input<'secretName'>) => this.#call<void>('recoverSecret', input);
  purgeSecret = (input: Input<'secretName'>) => this.#call<void>('purgeSecret', input);

  /** By which names this cloud goes. */
  getCloud = () => this.#call<CloudNames>('getCloud', {});

  getClock = () => this.#call<{ now: string }>('getClock', {});
  setClock = (input: Input<'clock'>) => this.#call<{ now: string }>('setClock', input);
  /** Resolves with the id of the fault. */
  addFault = (input: Input<'fault'>) => this.#call<{ id: string }>('addFault', input).then(({ id }) => id);
  removeFault = (id: string) => this.#call<{ removed: boolean }>('removeFault', { id });
  clearFaults = () => this.#call<void>('clearFaults', {});
  listFaults = () => this.#call<Fault[]>('listFaults', {});
  /** Requests since the last clear, oldest first. */
  requests = (filter: Input<'requestFilter'> = {}) => this.#call<RequestRecord[]>('requests', filter);
  /** The same as numbers, by `service METHOD status`. */
  countRequests = (filter: Input<'requestFilter'> = {}) =>
    this.#call<Record<string, number>>('countRequests', filter);
  clearRequests = () => this.#call<void>('clearRequests', {});

  seed = (document: SeedInput) => this.#call<void>('seed', document);
  /** The whole state, secret values included. */
  dump = () => this.#call<Seed>('dump', {});
  reset = () => this.#call<void>('reset', {});

  /** Closes the idle connections to the control port. */
  close(): void {
    this.#agent.destroy();
  }

  #call<Result>(name: string, input: object): Promise<Result> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json' };
      const call = request(
        `${this.url}/${name}`,
        { method: 'POST', agent: this.#agent, headers },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const value = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Result & { error?: string };
            if (response.statusCode === 200) resolve(value);
            else reject(new Error(`pretend Azure, ${name}: ${value.error}`));
          });
        },
      );
      call.on('error', reject);
      call.end(JSON.stringify(input));
    });
  }
}
