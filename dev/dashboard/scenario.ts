/**
 * Some minutes in the life of an operator, for the picture of its dashboard: a first sync, changes, content that the
 * gate refuses, a store that asks for pauses, a role that is taken away, a rollout that fails, and a team that names an
 * environment that there is not.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { namespaceFor } from '../demo/manifests.ts';
import { NAMESPACE, SERVICE_ACCOUNT, STORE, type Stage, storeRole, VAULT } from '../demo/stage.ts';

interface Team {
  readonly name: string;
  readonly serviceAccount: string;
  /** Default: that of the namespace. */
  readonly environment?: string;
}

const TEAMS = ['orders', 'basket', 'search', 'billing', 'mail', 'stock'].map(
  (name): Team => ({ name, serviceAccount: SERVICE_ACCOUNT }),
);
/** With an identity of its own, and so with tokens of its own. */
const NEWCOMER: Team = { name: 'reports', serviceAccount: 'reports', environment: 'prd' };

/** Seconds from the start, and what happens then. */
type Scene = readonly [at: number, happens: (stage: Stage) => Promise<unknown>];

const color =
  (value: string) =>
  ({ azure }: Stage) =>
    azure.control.setSetting({ store: STORE, key: 'orders:color', label: 'prod', value });
const pageSize =
  (value: string) =>
  ({ azure }: Stage) =>
    azure.control.setSetting({ store: STORE, key: 'orders:page-size', value });
const password =
  (value: string) =>
  ({ azure }: Stage) =>
    azure.control.setSecret({ vault: VAULT, name: 'db-password', value });

const SCENES: readonly Scene[] = [
  [15, ({ cluster }) => cluster.applyYaml(namespaceFor(NAMESPACE, 'prod'))],
  [16, ({ cluster, clientId }) => cluster.applyYaml(manifests(TEAMS.slice(0, 3), clientId))],
  [40, ({ cluster, clientId }) => cluster.applyYaml(manifests(TEAMS.slice(3), clientId))],
  [62, welcome],
  [75, color('blue')],
  [110, password('second-password')],
  [130, color('purple')],
  [160, pageSize('many')],
  [195, pageSize('20')],
  [220, color('red')],
  [245, ({ azure }) => azure.control.addFault(BUSY)],
  [275, ({ azure }) => azure.control.clearFaults()],
  [300, ({ azure, clientId }) => azure.control.removeRole(storeRole(clientId))],
  [350, ({ azure, clientId }) => azure.control.assignRole(storeRole(clientId))],
  [385, async ({ application }) => application.fail()],
  [386, color('transparent')],
  [440, async ({ application }) => application.recover()],
  [441, color('green')],
];
export const DURATION_S = 500;

const BUSY = { service: 'appconfig', status: 429, headers: { 'retry-after-ms': '6000' } } as const;

/** Plays it all; returns when the last scene has been played. */
export async function play(stage: Stage): Promise<void> {
  const startedAt = Date.now();
  for (const [at, happens] of SCENES) {
    await delay(Math.max(0, startedAt + at * 1_000 - Date.now()));
    await happens(stage);
  }
}

async function welcome({ azure, cluster, clientId }: Stage): Promise<void> {
  await azure.control.addFederatedCredential({
    clientId,
    name: NEWCOMER.name,
    issuer: cluster.issuer,
    subject: `system:serviceaccount:${NAMESPACE}:${NEWCOMER.serviceAccount}`,
    audience: 'api://AzureADTokenExchange',
  });
  await cluster.applyYaml(manifests([NEWCOMER], clientId));
}

const SCHEMA = JSON.stringify({ properties: { 'page-size': { pattern: '^[0-9]+$' } } });

const manifests = (teams: readonly Team[], clientId: string): string =>
  teams.map((team) => [serviceAccount(team, clientId), bindingAndWorkload(team)].join('---')).join('---');

const serviceAccount = (team: Team, clientId: string): string => `
apiVersion: v1
kind: ServiceAccount
metadata:
  namespace: ${NAMESPACE}
  name: ${team.serviceAccount}
  annotations: {azure.workload.identity/client-id: ${clientId}}
`;

const bindingAndWorkload = ({ name, serviceAccount, environment }: Team): string => `
apiVersion: appconfig.dev/v1alpha1
kind: AppConfigBinding
metadata: {namespace: ${NAMESPACE}, name: ${name}}
spec:
  store: {endpoint: "https://${STORE}.azconfig.io"}
  identity: {workloadIdentity: {serviceAccountName: ${serviceAccount}}}
${environment === undefined ? '' : `  environment: ${environment}\n`}  selectors: [{key: "orders:*"}]
  keys: {trimPrefixes: ["orders:"]}
  refresh: {interval: 10s}
  keyVault: {refreshInterval: 1m}
  target:
    configMap: {name: ${name}-config}
    secret: {name: ${name}-secrets}
  validate: {schema: {inline: '${SCHEMA}'}}
  rollout: {minInterval: 10s}
---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: ${NAMESPACE}, name: ${name}}
spec:
  replicas: 2
  progressDeadlineSeconds: 20
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      containers:
      - name: ${name}
        image: example/${name}
        envFrom:
        - configMapRef: {name: ${name}-config}
        - secretRef: {name: ${name}-secrets}
`;
