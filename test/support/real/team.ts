/**
 * An application team: a namespace with a ServiceAccount, and in Azure an application that trusts it, a store and
 * a vault it may read. Everything has names of its own, so that teams do not meet, neither in the cluster nor in Azure.
 */
import type { AppInfo, AzureControl } from '../../../dev/azure/control/client.ts';
import { CHINA, type CloudNames, PUBLIC, US_GOVERNMENT } from '../../../dev/azure/hosts.ts';
import type { Condition } from '../../../src/api/conditions.ts';
import type { AppConfigBinding, BindingSpec, BindingStatus } from '../../../src/api/schema.ts';
import { Objects, type SeenData, type SeenEvent, type SeenObject } from './objects.ts';
import type { OperatorProcess } from './operator.ts';
import { eventually } from './patience.ts';
import type { World } from './world.ts';

export type SeenBinding = AppConfigBinding & SeenObject;

export const BINDING = 'orders';
export const CONFIG_MAP = 'orders-config';
export const SECRET = 'orders-secrets';
export const SERVICE_ACCOUNT = 'orders';

let teams = 0;

export interface TeamOptions {
  /** Whose log a failure text shows. */
  readonly operator?: () => OperatorProcess;
  /** Where application, store and vault are; default: the public cloud. */
  readonly cloud?: CloudNames['cloud'];
}

const CLOUDS = { AzurePublic: PUBLIC, AzureUSGovernment: US_GOVERNMENT, AzureChina: CHINA } as const;

/** The control of one of the clouds. */
const controlOf = ({ azure }: World, cloud: TeamOptions['cloud'] = 'AzurePublic'): AzureControl =>
  ({ AzurePublic: azure, AzureUSGovernment: azure.usGovernment, AzureChina: azure.china })[cloud].control;

export class Team {
  readonly world: World;
  readonly namespace: string;
  readonly store: string;
  readonly vault: string;
  readonly app: AppInfo;
  readonly azure: AzureControl;
  readonly objects: Objects;
  readonly #cloud: CloudNames;
  readonly #operator: (() => OperatorProcess) | undefined;

  /** Use `newTeam`. */
  constructor(world: World, number: number, app: AppInfo, options: TeamOptions) {
    this.world = world;
    this.namespace = `team-${number}`;
    this.store = `store-${number}`;
    this.vault = `vault-${number}`;
    this.app = app;
    this.azure = controlOf(world, options.cloud);
    this.#cloud = CLOUDS[options.cloud ?? 'AzurePublic'];
    this.objects = new Objects(world.cluster.api);
    this.#operator = options.operator;
  }

  get storeHost(): string {
    return this.store + this.#cloud.storeSuffix;
  }
  get vaultHost(): string {
    return this.vault + this.#cloud.vaultSuffix;
  }
  get subject(): string {
    return `system:serviceaccount:${this.namespace}:${SERVICE_ACCOUNT}`;
  }

  /** A spec that reads everything, often. */
  spec(changes: Partial<BindingSpec> = {}): BindingSpec {
    return {
      store: { endpoint: `https://${this.storeHost}` },
      identity: { workloadIdentity: { serviceAccountName: SERVICE_ACCOUNT } },
      target: { configMap: { name: CONFIG_MAP }, secret: { name: SECRET } },
      refresh: { interval: '5s' },
      ...changes,
    };
  }

  async apply(spec: BindingSpec = this.spec(), name = BINDING): Promise<void> {
    await this.kubectl(['apply', '-f', '-'], {
      apiVersion: 'appconfig.dev/v1alpha1',
      kind: 'AppConfigBinding',
      metadata: { name },
      spec,
    });
  }

  /** Changes part of the binding's spec. */
  async edit(spec: object, name = BINDING): Promise<void> {
    await this.objects.patch('appconfigbindings', this.namespace, name, { spec });
  }

  /** Asks for an immediate refresh. */
  async refresh(value: string, name = BINDING): Promise<void> {
    const metadata = { annotations: { 'appconfig.dev/refresh': value } };
    await this.objects.patch('appconfigbindings', this.namespace, name, { metadata });
  }

  /** kubectl in this namespace; `input` goes to its standard input as JSON. */
  kubectl(args: readonly string[], input?: object): Promise<string> {
    const { namespace } = this;
    const stdin = input === undefined ? {} : { input: JSON.stringify(input) };
    return this.world.cluster.kubectlOrThrow(args, { namespace, ...stdin });
  }

  set(key: string, value: string, label?: string): Promise<unknown> {
    const labelled = label === undefined ? {} : { label };
    return this.azure.setSetting({ store: this.store, key, value, ...labelled });
  }
  setSecret(name: string, value: string): Promise<unknown> {
    return this.azure.setSecret({ vault: this.vault, name, value });
  }
  setReference(key: string, secret: string): Promise<unknown> {
    return this.azure.setKeyVaultReference({ store: this.store, key, vault: this.vault, secret });
  }

  /** Ends the faults of this team's store, vault and tenant. */
  async clearFaults(): Promise<void> {
    for (const { host, id, path } of await this.azure.listFaults()) {
      const mine = host === this.storeHost || host === this.vaultHost || path?.includes(this.app.tenantId);
      if (mine) await this.azure.removeFault(id);
    }
  }

  binding(name = BINDING): Promise<SeenBinding | undefined> {
    return this.objects.get('appconfigbindings', this.namespace, name);
  }
  async status(name = BINDING): Promise<BindingStatus> {
    return (await this.binding(name))?.status ?? {};
  }
  async condition(type: Condition['type'], name = BINDING): Promise<Condition | undefined> {
    return (await this.status(name)).conditions?.find((condition) => condition.type === type);
  }
  configMap(name = CONFIG_MAP): Promise<SeenData | undefined> {
    return this.objects.get('configmaps', this.namespace, name);
  }
  secret(name = SECRET): Promise<SeenData | undefined> {
    return this.objects.get('secrets', this.namespace, name);
  }
  /** Values of the Secret as text. */
  async secretData(name = SECRET): Promise<Readonly<Record<string, string>>> {
    const data = Object.entries((await this.secret(name))?.data ?? {});
    return Object.fromEntries(data.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
  }
  /** Events about the binding, oldest first as far as names tell. */
  async events(name = BINDING): Promise<readonly SeenEvent[]> {
    const events = await this.objects.list<SeenEvent>('events', this.namespace);
    return events.filter(({ regarding }) => regarding.kind === 'AppConfigBinding' && regarding.name === name);
  }

  /** Waits until `ask` gives neither undefined nor false; a failure tells the whole state of the team. */
  until<T>(what: string, ask: () => Promise<T | undefined | false>, deadlineMs?: number): Promise<T> {
    const patience = { what, explain: () => this.describe(), ...(deadlineMs ? { deadlineMs } : {}) };
    return eventually(ask, patience);
  }

  /** Waits until Ready is True for the spec as it is now. */
  untilReady(name = BINDING, deadlineMs?: number): Promise<SeenBinding> {
    const ask = async () => {
      const binding = await this.binding(name);
      const ready = binding?.status?.conditions?.find(({ type }) => type === 'Ready');
      const current = ready?.observedGeneration === binding?.metadata.generation;
      return ready?.status === 'True' && current && binding;
    };
    return this.until(`${this.namespace}/${name} to be Ready`, ask, deadlineMs);
  }

  /** Waits until a condition stands as wanted, and returns it. */
  untilCondition(
    type: Condition['type'],
    status: Condition['status'],
    reason: string,
    deadlineMs?: number,
  ): Promise<Condition> {
    const ask = async () => {
      const found = await this.condition(type);
      return found?.status === status && found.reason === reason && found;
    };
    return this.until(`${type}=${status}, ${reason} in ${this.namespace}`, ask, deadlineMs);
  }

  /** Waits for an event about the binding: the operator posts events after the write that they tell of. */
  untilEvent(reason: string): Promise<SeenEvent> {
    const ask = async () => (await this.events()).find((event) => event.reason === reason);
    return this.until(`the event ${reason} in ${this.namespace}`, ask);
  }

  /** For failure texts; no value of a Secret is in it. */
  async describe(): Promise<string> {
    const [status, events, configMap] = await Promise.all([this.status(), this.events(), this.configMap()]);
    const told = events.map(
      ({ type, reason, note, series }) => `${type} ${reason} x${series?.count ?? 1}: ${note}`,
    );
    const log = (await this.#operator?.().log()) ?? [];
    const mine = log.filter((line) => JSON.stringify(line).includes(this.namespace)).slice(-15);
    return [
      `status of ${this.namespace}/${BINDING}: ${JSON.stringify(status, null, 1)}`,
      `events:\n  ${told.join('\n  ')}`,
      `ConfigMap: ${JSON.stringify(configMap?.data)?.slice(0, 1000)}`,
      `log:\n  ${mine.map((line) => JSON.stringify(line)).join('\n  ')}`,
    ].join('\n');
  }
}

/** Which parts of the usual arrangement to leave out. */
export interface Arrangement extends TeamOptions {
  readonly serviceAccount?: false;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly federate?: false;
  readonly storeRole?: false;
  readonly vaultRole?: false;
  readonly storeTenant?: string;
  /** Tenant of application, store and vault; default: the one that exists from the start. */
  readonly tenant?: string;
}

/** Makes a team whose binding would work; what the arrangement says is left out. */
export async function newTeam(world: World, arrangement: Arrangement = {}): Promise<Team> {
  const number = ++teams;
  const tenantId = arrangement.tenant === undefined ? {} : { tenantId: arrangement.tenant };
  const app = await controlOf(world, arrangement.cloud).createApp({ name: `orders-${number}`, ...tenantId });
  const team = new Team(world, number, app, arrangement);
  await Promise.all([arrangeAzure(team, arrangement), arrangeCluster(team, arrangement)]);
  return team;
}

async function arrangeAzure(team: Team, arrangement: Arrangement): Promise<void> {
  const { app, azure, vault } = team;
  const { clientId: principal, tenantId } = app;
  await createStoreFor(team, arrangement);
  await azure.createVault({ name: vault, tenantId });
  if (arrangement.vaultRole !== false)
    await azure.assignRole({ role: 'KeyVaultSecretsUser', principal, vault });
  if (arrangement.federate !== false) await federate(team);
}

/** The team's store, empty, with its role. */
async function createStoreFor(
  { app, azure, store }: Team,
  { storeRole, storeTenant = app.tenantId }: Arrangement = {},
): Promise<void> {
  await azure.createStore({ name: store, tenantId: storeTenant });
  if (storeRole === false) return;
  await azure.assignRole({ role: 'AppConfigurationDataReader', principal: app.clientId, store });
}

/** The federated credential that a careful team would create; members can be given wrongly. */
export function federate(
  { app, azure, subject, world }: Team,
  wrong: { issuer?: string; subject?: string; audience?: string } = {},
): Promise<void> {
  return azure.addFederatedCredential({
    clientId: app.clientId,
    issuer: world.cluster.issuer,
    subject,
    ...wrong,
  });
}

async function arrangeCluster(team: Team, { serviceAccount, annotations }: Arrangement): Promise<void> {
  const { namespace } = team;
  const { api } = team.world.cluster;
  await api.request('POST', '/api/v1/namespaces', { body: { metadata: { name: namespace } } });
  if (serviceAccount !== false) await createServiceAccount(team, annotations);
}

export async function createServiceAccount(
  { app, namespace, objects }: Team,
  annotations: Readonly<Record<string, string>> = {
    'azure.workload.identity/client-id': app.clientId,
    'azure.workload.identity/tenant-id': app.tenantId,
  },
): Promise<void> {
  await objects.create('serviceaccounts', namespace, { metadata: { name: SERVICE_ACCOUNT, annotations } });
}

/** Adds or overwrites annotations of the team's ServiceAccount. */
export async function annotateServiceAccount(
  { namespace, objects }: Team,
  annotations: Readonly<Record<string, string>>,
): Promise<void> {
  await objects.patch('serviceaccounts', namespace, SERVICE_ACCOUNT, { metadata: { annotations } });
}

/** A team with one plain setting, one reference and a binding that is Ready. */
export async function syncedTeam(world: World, arrangement: Arrangement = {}): Promise<Team> {
  const team = await newTeam(world, arrangement);
  await furnish(team);
  await team.apply();
  await team.untilReady();
  return team;
}

/** color = blue, and password, which links to the secret `db`. */
export async function furnish(team: Team): Promise<void> {
  await team.set('color', 'blue');
  await team.setSecret('db', 's3cret');
  await team.setReference('password', 'db');
}
