/**
 * App Configuration and Key Vault in memory, behind the same ports as the real adapters.
 *
 * Guarantees: page ETags behave as the store's: 100 settings per page in ordinal order, and a page's ETag changes
 * with its items and with whether another page follows; roles are looked up at each call; every call is logged.
 * Assumptions: filters are an exact key, a list, or a prefix with a final `*`; a backslash escapes.
 * Time passes only where `delay` says so.
 */
import { createHash } from 'node:crypto';
import type { Reason } from '../../src/api/reasons.ts';
import { blocked, cancelled, type Failure, fail, ok, type Result } from '../../src/domain/failure.ts';
import type { Identity, TokenIdentity } from '../../src/domain/identity/identity.ts';
import type { ListedSecret, SecretReference, SecretValue } from '../../src/domain/secrets/secret.ts';
import { contentKind } from '../../src/domain/store/contenttypes.ts';
import { isSnapshot, type KeyFilter, type Selection, type Setting } from '../../src/domain/store/settings.ts';
import { type SnapshotState, snapshotNotFound, snapshotProblem } from '../../src/domain/store/snapshots.ts';
import type {
  ListRequest,
  PageTags,
  SecretReader,
  SecretRequest,
  SettingsPages,
  SettingsReader,
  StoreRequest,
} from '../../src/ports/azure.ts';
import type { FoundReplicas, ReplicaFinder } from '../../src/ports/replicas.ts';

export const PAGE_SIZE = 100;
/** Of the list of a vault. */
const LIST_PAGE_SIZE = 25;

export type AzureCallKind = 'head' | 'read' | 'secret' | 'list';

/** One call of a port. `pages` counts the requests it stands for. */
export interface AzureCall {
  readonly kind: AzureCallKind;
  readonly host: string;
  readonly selection?: StoreRequest;
  readonly reference?: SecretReference;
  /** Of secrets. */
  readonly requestId?: string;
  readonly identity: Identity;
  readonly pages: number;
  /** `ok`, or the reason or kind of the failure. */
  readonly outcome: string;
}

/** Decides what happens to a call: a failure instead of the truth, or undefined. */
export type AzureFault = (kind: AzureCallKind, host: string, identity: Identity) => Failure | undefined;

interface SecretVersion extends SecretValue {
  /** Stored spelling. */
  readonly name: string;
  readonly disabled: boolean;
  readonly managed: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly updatedAt: number;
}

type SecretInput = Omit<SecretValue, 'version'> &
  Partial<Pick<SecretVersion, 'disabled' | 'managed' | 'tags'>>;

type SettingInput = Omit<Setting, 'etag'> & { readonly tags?: Readonly<Record<string, string>> };
type StoredSetting = SettingInput & Setting & { readonly modifiedAt: number };

interface StoredSnapshot extends Omit<SnapshotState, 'etag'> {
  /** Tells one from another of the same name. */
  readonly made: number;
  readonly settings: readonly Setting[];
}

type SnapshotOptions = Partial<Omit<SnapshotState, 'etag'> & KeyFilter>;

/** Another host of a store: its content, or what that was once; page ETags are its own. */
interface MemoryReplica {
  readonly origin: string;
  frozen?: Map<string, StoredSetting>;
}

export class MemoryAzure implements SettingsReader, SecretReader, ReplicaFinder {
  readonly calls: AzureCall[] = [];
  /** Set to make calls fail. */
  fault: AzureFault = () => undefined;
  /** Awaited before a call is answered, with what was true when it arrived; set to let time pass. */
  delay: (kind: AzureCallKind, host: string) => Promise<void> = () => Promise.resolve();
  /** Awaited before a call looks at the state; set to let requests overtake each other. */
  arrival: (kind: AzureCallKind) => Promise<void> = () => Promise.resolve();
  readonly #stores = new Map<string, Map<string, StoredSetting>>();
  readonly #snapshots = new Map<string, StoredSnapshot>();
  readonly #secrets = new Map<string, SecretVersion[]>();
  readonly #grants = new Set<string>();
  readonly #replicas = new Map<string, MemoryReplica>();
  #version = 0;

  /** Lets `clientId` read `host`, a store or a vault. */
  grant(clientId: string, host: string): void {
    this.#grants.add(`${clientId} ${host}`);
  }

  revoke(clientId: string, host: string): void {
    this.#grants.delete(`${clientId} ${host}`);
  }

  isGranted(clientId: string, host: string): boolean {
    return this.#grants.has(`${clientId} ${host}`);
  }

  /** Serves the store of `endpoint` at `host`, too; DNS tells so at once, and so do the roles. */
  addReplica(endpoint: string, host: string): void {
    this.#replicas.set(`https://${host}`, { origin: endpoint });
  }

  removeReplica(host: string): void {
    this.#replicas.delete(`https://${host}`);
  }

  /** Changes of the store do not reach the replica any more. */
  freezeReplica(host: string): void {
    const replica = this.#replicas.get(`https://${host}`);
    if (replica) replica.frozen = new Map(this.#store(replica.origin));
  }

  thawReplica(host: string): void {
    delete this.#replicas.get(`https://${host}`)?.frozen;
  }

  /** Awaited before DNS answers; set to let it hang, or answer something else. */
  dns: (truth: FoundReplicas, signal: AbortSignal) => Promise<FoundReplicas> = (truth) =>
    Promise.resolve(truth);
  /** Lookups of replicas so far. */
  lookups = 0;

  findReplicas(host: string, signal: AbortSignal): Promise<FoundReplicas> {
    this.lookups += 1;
    const own = [...this.#replicas].filter(([, { origin }]) => origin === `https://${host}`);
    const hosts = own.map(([endpoint]) => new URL(endpoint).host);
    const replicas = [host, ...hosts].map((name) => ({ host: name, priority: 0, weight: 0 }));
    return this.dns({ replicas, complete: true }, signal);
  }

  /** Creates or replaces; identical content keeps its ETag. */
  set(endpoint: string, setting: SettingInput): void {
    const store = this.#store(endpoint);
    const id = idOf(setting.key, setting.label ?? null);
    const etag = digest(JSON.stringify([id, setting.value, setting.contentType, setting.tags]));
    if (store.get(id)?.etag === etag) return;
    this.#version += 1;
    store.set(id, { ...setting, etag, modifiedAt: this.#version * 1_000 });
  }

  delete(endpoint: string, key: string, label: string | null = null): void {
    this.#store(endpoint).delete(idOf(key, label));
  }

  /** A Key Vault reference as a setting. */
  setReference(
    endpoint: string,
    key: string,
    reference: SecretReference,
    label?: string,
    tags?: Readonly<Record<string, string>>,
  ): void {
    const { vault, name, version } = reference;
    const uri = `https://${vault}/secrets/${name}${version === undefined ? '' : `/${version}`}`;
    this.set(endpoint, {
      key,
      ...(label === undefined ? {} : { label }),
      ...(tags === undefined ? {} : { tags }),
      value: JSON.stringify({ uri }),
      contentType: 'application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8',
    });
  }

  /** A setting that stands for a snapshot. */
  setSnapshotReference(endpoint: string, key: string, snapshot: string): void {
    const contentType =
      'application/json; profile="https://azconfig.io/mime-profiles/snapshot-ref"; charset=utf-8';
    this.set(endpoint, { key, value: JSON.stringify({ snapshot_name: snapshot }), contentType });
  }

  /** Adds a version and returns its name. */
  setSecret(vault: string, name: string, secret: SecretInput): string {
    this.#version += 1;
    const version = digest(`${vault}/${name}/${this.#version}`);
    const id = secretId(vault, name);
    const versions = this.#secrets.get(id) ?? [];
    const fresh = { disabled: false, managed: false, tags: {}, updatedAt: this.#second() };
    this.#secrets.set(id, [...versions, { ...fresh, ...secret, name: versions[0]?.name ?? name, version }]);
    return version;
  }

  /** Changes the newest version, as an update of its attributes does. */
  changeSecret(vault: string, name: string, change: Partial<Omit<SecretInput, 'value'>>): void {
    const versions = this.#secrets.get(secretId(vault, name)) ?? [];
    const newest = versions.pop();
    if (newest) versions.push({ ...newest, ...change, updatedAt: this.#second() });
  }

  /** What time it is where the secrets are, in whole seconds; set to the clock of the test. */
  now: () => number = () => 0;
  #second(): number {
    return Math.floor(this.now() / 1000) * 1000;
  }

  deleteSecret(vault: string, name: string): void {
    this.#secrets.delete(secretId(vault, name));
  }

  /** ETags as a client would see them now. */
  tags(selection: Selection): PageTags {
    const answer = this.#answer(selection);
    if (!answer.ok) throw new Error(outcomeOf(answer));
    return { host: answer.value.host, etags: answer.value.etags };
  }

  async headPages(
    selection: StoreRequest,
    identity: Identity,
    _known: readonly string[],
    signal: AbortSignal,
  ): Promise<Result<PageTags>> {
    const seen = await this.#readStore('head', selection, identity, signal);
    return seen.ok ? ok({ host: seen.value.host, etags: seen.value.etags }) : seen;
  }

  readPages(
    selection: StoreRequest,
    identity: Identity,
    signal: AbortSignal,
  ): Promise<Result<SettingsPages>> {
    return this.#readStore('read', selection, identity, signal);
  }

  async readSecret(
    { requestId, ...reference }: SecretRequest,
    identity: TokenIdentity,
    signal: AbortSignal,
  ): Promise<Result<SecretValue>> {
    const host = reference.vault;
    await this.arrival('secret');
    const answer = this.#refusal('secret', host, identity, 'VaultForbidden') ?? this.#secret(reference);
    await this.delay('secret', host);
    const result = signal.aborted ? fail(cancelled) : answer;
    this.calls.push({
      kind: 'secret',
      host,
      reference,
      identity,
      ...(requestId === undefined ? {} : { requestId }),
      pages: 1,
      outcome: outcomeOf(result),
    });
    return result;
  }

  async listSecrets(
    { vault: host, requestId }: ListRequest,
    identity: TokenIdentity,
    signal: AbortSignal,
  ): Promise<Result<readonly ListedSecret[]>> {
    await this.arrival('list');
    const answer = this.#refusal('list', host, identity, 'VaultForbidden') ?? ok(this.#list(host));
    await this.delay('list', host);
    const result = signal.aborted ? fail(cancelled) : answer;
    this.calls.push({
      kind: 'list',
      host,
      identity,
      ...(requestId === undefined ? {} : { requestId }),
      pages: result.ok ? Math.max(1, Math.ceil(result.value.length / LIST_PAGE_SIZE)) : 1,
      outcome: outcomeOf(result),
    });
    return result;
  }

  #list(vault: string): readonly ListedSecret[] {
    return [...this.#secrets].flatMap(([id, versions]) => {
      const newest = versions.at(-1);
      if (newest === undefined || !id.startsWith(`${vault} `)) return [];
      const { name, disabled, managed, tags, updatedAt, contentType } = newest;
      const typed = contentType === undefined ? {} : { contentType };
      return [{ name, enabled: !disabled, managed, tags, updatedAt, ...typed }];
    });
  }

  async #readStore(
    kind: 'head' | 'read',
    selection: StoreRequest,
    identity: Identity,
    signal: AbortSignal,
  ): Promise<Result<SettingsPages>> {
    const host = new URL(selection.endpoint).host;
    await this.arrival(kind);
    const answer = this.#refusal(kind, host, identity, 'StoreForbidden') ?? this.#answer(selection);
    await this.delay(kind, host);
    const result = signal.aborted ? fail(cancelled) : answer;
    this.calls.push({
      kind,
      host,
      selection,
      identity,
      pages: result.ok ? result.value.etags.length : 1,
      outcome: outcomeOf(result),
    });
    return result;
  }

  #refusal(
    kind: AzureCallKind,
    host: string,
    identity: Identity,
    reason: 'StoreForbidden' | 'VaultForbidden',
  ): Result<never> | undefined {
    const fault = this.fault(kind, host, identity);
    if (fault) return fail(asOf(host, fault));
    const origin = this.#replicas.get(`https://${host}`)?.origin ?? `https://${host}`;
    if (this.isGranted(readerOf(identity), new URL(origin).host)) return undefined;
    return fail(blocked(reason, `Client ${readerOf(identity)} may not read ${host}: grant the reader role.`));
  }

  #secret(reference: SecretReference): Result<SecretValue> {
    const versions = this.#secrets.get(secretId(reference.vault, reference.name)) ?? [];
    const wanted =
      reference.version === undefined
        ? versions.at(-1)
        : versions.find(({ version }) => version === reference.version);
    const what = `secret ${reference.name} in ${reference.vault}`;
    if (!wanted) return fail(blocked('SecretNotFound', `There is no ${what}.`));
    const { disabled, name: _, managed: __, tags: ___, ...value } = wanted;
    return disabled ? fail(blocked('SecretDisabled', `The ${what} is disabled.`)) : ok(value);
  }

  /** What the store holds for `filter` now becomes a snapshot, in the given state. */
  snapshot(
    endpoint: string,
    name: string,
    { key = '*', label = null, ...state }: SnapshotOptions = {},
  ): void {
    const { settings } = this.#pages({ endpoint, filter: { key, label } });
    this.#version += 1;
    const fresh = { status: 'ready', composition: 'key', made: this.#version, settings };
    this.#snapshots.set(idOf(endpoint, name), { ...fresh, ...state });
  }

  /** Archives it, or changes whatever else of its state. */
  changeSnapshot(endpoint: string, name: string, change: Partial<Omit<SnapshotState, 'etag'>>): void {
    const snapshot = this.#snapshots.get(idOf(endpoint, name));
    if (snapshot) this.#snapshots.set(idOf(endpoint, name), { ...snapshot, ...change });
  }

  deleteSnapshot(endpoint: string, name: string): void {
    this.#snapshots.delete(idOf(endpoint, name));
  }

  #answer(selection: Selection): Result<SettingsPages> {
    const { endpoint, filter } = selection;
    if (!isSnapshot(filter)) return ok(this.#pages({ endpoint, filter }));
    const found = this.#snapshots.get(idOf(endpoint, filter.snapshot));
    if (!found) return fail(snapshotNotFound(filter.snapshot, endpoint));
    const { settings, made, ...rest } = found;
    const state = { ...rest, etag: digest(JSON.stringify([made, rest])) };
    const problem = snapshotProblem(filter.snapshot, endpoint, state);
    if (problem) return fail(problem);
    const { expiresAt } = state;
    return ok({
      host: new URL(endpoint).host,
      etags: [state.etag, 'first-page'],
      settings,
      ...(state.status === 'archived' ? { archived: expiresAt === undefined ? {} : { expiresAt } } : {}),
    });
  }

  #pages({ endpoint, filter }: { readonly endpoint: string; readonly filter: KeyFilter }): SettingsPages {
    const replica = this.#replicas.get(endpoint);
    const stored = replica?.frozen ?? this.#store(replica?.origin ?? endpoint);
    const found = [...stored.values()]
      .filter(({ key, label }) => (label ?? null) === filter.label && matches(key, filter.key))
      .filter(({ tags = {} }) => (filter.tags ?? []).every(([name, value]) => tags[name] === value))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    const settings = found.map(settingOf);
    const etags: string[] = [];
    for (let start = 0; start === 0 || start < settings.length; start += PAGE_SIZE) {
      const items = settings.slice(start, start + PAGE_SIZE).map(({ etag }) => etag);
      const salt = replica === undefined ? [] : [endpoint];
      etags.push(digest(JSON.stringify([items, start + PAGE_SIZE < settings.length, ...salt])));
    }
    const modifiedAt = Math.max(0, ...found.map((setting) => setting.modifiedAt));
    return { host: new URL(endpoint).host, etags, settings, modifiedAt };
  }

  #store(endpoint: string): Map<string, StoredSetting> {
    const store = this.#stores.get(endpoint) ?? new Map<string, StoredSetting>();
    this.#stores.set(endpoint, store);
    return store;
  }
}

/** As the adapter gives it: with tags only where it is a reference. */
function settingOf({ tags, modifiedAt: _, ...setting }: StoredSetting): Setting {
  const isTagged = tags !== undefined && contentKind(setting.contentType) === 'reference';
  return isTagged ? { ...setting, tags } : setting;
}

/** What roles are granted to: the client id, `node`, or the Secret that holds the access key. */
export const readerOf = (identity: Identity): string =>
  identity.kind === 'ConnectionString'
    ? identity.secretName
    : ('clientId' in identity && identity.clientId) || 'node';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
const idOf = (key: string, label: string | null): string => JSON.stringify([key, label]);
const secretId = (vault: string, name: string): string => `${vault} ${name.toLowerCase()}`;

function matches(key: string, filter: string): boolean {
  const literal = (text: string) => text.replace(/\\(.)/gsu, '$1');
  const prefix = /^(?<prefix>(?:[^\\]|\\.)*?)\*$/su.exec(filter)?.groups?.['prefix'];
  if (prefix !== undefined) return key.startsWith(literal(prefix));
  const members = filter.match(/(?:[^\\,]|\\.)+/gsu) ?? [];
  return members.map(literal).includes(key);
}

function outcomeOf(result: Result<unknown>): string {
  if (result.ok) return 'ok';
  return result.failure.kind === 'cancelled' ? 'cancelled' : result.failure.reason;
}

/** A fault that a test gives to every host is told in the words of each: a vault knows no reason of a store. */
function asOf(host: string, fault: Failure): Failure {
  if (fault.kind === 'cancelled') return fault;
  const reason = host.includes('.vault.') ? IN_A_VAULT[fault.reason] : IN_A_STORE[fault.reason];
  return reason === undefined ? fault : { ...fault, reason };
}
const IN_A_VAULT: Partial<Record<Reason, Reason>> = {
  StoreUnreachable: 'VaultUnreachable',
  StoreThrottled: 'VaultThrottled',
  StoreFirewall: 'VaultFirewall',
};
const IN_A_STORE: Partial<Record<Reason, Reason>> = { SecretNotFound: 'StoreRejected' };
