import { until } from '../cluster/wait.ts';
import { manifests, namespaceFor } from './manifests.ts';
import { aside, chapter, held, shown } from './narrator.ts';
import { installOperator, NAMESPACE, STORE, type Stage, storeRole, TEST_NAMESPACE, VAULT } from './stage.ts';

/**
 * The demo as a sequence of claims. Each is checked on the cluster; the first that does not hold ends the demo
 * with an error.
 */

const PATIENCE_MS = 30_000;

/** kubectl in the team's namespace, shown with its output. */
async function show({ cluster }: Stage, ...args: string[]): Promise<string> {
  const output = await cluster.kubectlOrThrow(args, { namespace: NAMESPACE });
  shown(`kubectl -n ${NAMESPACE} ${args.map(quoted).join(' ')}`, output);
  return output;
}

const quoted = (argument: string): string =>
  /^[\w@%+=:,./{}-]+$/.test(argument) ? argument : `'${argument}'`;

const ask = ({ cluster }: Stage, ...args: string[]): Promise<string> =>
  cluster.kubectlOrThrow(args, { namespace: NAMESPACE });

/** Waits for a claim and tells that it holds. */
async function claim(what: string, holds: () => Promise<boolean>): Promise<void> {
  await until(holds, { what, deadlineMs: PATIENCE_MS, everyMs: 200 });
  held(what);
}

/** Asks for an immediate refresh: the demo does not wait for the interval. */
async function refresh(stage: Stage): Promise<void> {
  const value = `appconfig.dev/refresh=${++refreshes}`;
  await ask(stage, 'annotate', 'acb', 'orders', '--overwrite', value);
}
let refreshes = 1;

const READY = '{.status.conditions[?(@.type=="Ready")]';
const ROLLOUTS = '{.status.conditions[?(@.type=="RolloutsComplete")]';

const rolloutIs = (stage: Stage, field: 'status' | 'reason', value: string) => async (): Promise<boolean> =>
  (await ask(stage, 'get', 'acb', 'orders', '-o', `jsonpath=${ROLLOUTS}.${field}}`)) === value;

const readyIs = (stage: Stage, field: 'status' | 'reason', value: string) => async (): Promise<boolean> =>
  (await ask(stage, 'get', 'acb', 'orders', '-o', `jsonpath=${READY}.${field}}`)) === value;

const dataOf = async (stage: Stage, target: string): Promise<Record<string, string>> =>
  JSON.parse(await ask(stage, 'get', target, '-o', 'jsonpath={.data}'));

const secretText = async (stage: Stage, key: string): Promise<string> =>
  Buffer.from((await dataOf(stage, 'secret/orders-secrets'))[key] ?? '', 'base64').toString();

export async function tell(stage: Stage): Promise<void> {
  await install(stage);
  await firstBinding(stage);
  await changes(stage);
  await nonsense(stage);
  await badRollout(stage);
  await trouble(stage);
  await secondEnvironment(stage);
}

async function install(stage: Stage): Promise<void> {
  chapter('A platform team installs the operator with Helm');
  const args = await installOperator(stage);
  shown(
    `helm -n appconfig-system ${args.slice(0, 2).join(' ')} ./charts/appconfig-operator --wait …`,
    'deployed',
  );
  shown(
    'kubectl -n appconfig-system get pods',
    await stage.cluster.kubectlOrThrow(['get', 'pods'], { namespace: 'appconfig-system' }),
  );
  held('the operator runs as a real process under the RBAC of its chart, and is ready');
}

async function firstBinding(stage: Stage): Promise<void> {
  chapter('An application team applies a ServiceAccount, an AppConfigBinding and a Deployment');
  await stage.cluster.applyYaml(namespaceFor(NAMESPACE, 'prod'));
  await stage.cluster.applyYaml(manifests(NAMESPACE, stage.clientId));
  await claim('the binding is Ready', readyIs(stage, 'status', 'True'));
  await show(stage, 'get', 'acb');
  await show(stage, 'get', 'configmap', 'orders-config', '-o', 'jsonpath={.data}');
  const settings = await dataOf(stage, 'configmap/orders-config');
  if (settings['color'] !== 'green' || settings['page-size'] !== '20')
    throw new Error('the ConfigMap is not what the store holds');
  held('the value for the environment of the namespace, "prod", overrides the one without a label');
  await show(stage, 'describe', 'secret', 'orders-secrets');
  if ((await secretText(stage, 'db-password')) !== 'first-password')
    throw new Error('the Secret is not what the vault holds');
  held('the Key Vault secret is in the Secret');
  const rest = await ask(stage, 'get', 'configmaps,appconfigbindings,events,deployments', '-o', 'yaml');
  if (rest.includes('first-password')) throw new Error('the secret is in another object than its Secret');
  held('and in no ConfigMap, binding, event or Deployment of the namespace');
  await ask(stage, 'rollout', 'status', 'deployment/orders', '--timeout=30s');
  await claim(
    'the operator knows the workload that uses the targets',
    async () => (await ask(stage, 'get', 'acb', 'orders', '-o', 'jsonpath={.status.rollout}')) === '1/1',
  );
  await show(stage, 'events', '--for', 'appconfigbinding/orders');
}

async function changes(stage: Stage): Promise<void> {
  chapter('Someone changes a setting and rotates the secret');
  const { control } = stage.azure;
  const before = await ask(stage, 'get', 'deployment', 'orders', '-o', 'jsonpath={.metadata.generation}');
  await control.setSetting({ store: STORE, key: 'orders:color', label: 'prod', value: 'purple' });
  await control.setSecret({ vault: VAULT, name: 'db-password', value: 'second-password' });
  aside('in Azure: orders:color (prod) is now purple, db-password has a new version');
  aside('within refresh.interval (30 s) all would follow by themselves; the annotation asks for it now');
  await show(stage, 'annotate', 'acb', 'orders', '--overwrite', 'appconfig.dev/refresh=1');
  await claim(
    'the ConfigMap holds the new setting',
    async () => (await dataOf(stage, 'configmap/orders-config'))['color'] === 'purple',
  );
  await claim(
    'the Secret holds the new version',
    async () => (await secretText(stage, 'db-password')) === 'second-password',
  );
  await claim(
    'the Deployment was restarted once',
    async () =>
      Number(await ask(stage, 'get', 'deployment', 'orders', '-o', 'jsonpath={.metadata.generation}')) ===
      Number(before) + 1,
  );
  await show(stage, 'rollout', 'status', 'deployment/orders', '--timeout=30s');
  await claim('the binding says that the rollout is complete', rolloutIs(stage, 'status', 'True'));
  await show(stage, 'get', 'acb', 'orders', '-o', 'wide');
}

async function nonsense(stage: Stage): Promise<void> {
  chapter('Someone saves a page size that is no number, and the gate keeps it out');
  const { control } = stage.azure;
  await control.setSetting({ store: STORE, key: 'orders:page-size', value: 'many' });
  aside('in Azure: orders:page-size is now "many"; spec.validate wants digits');
  await refresh(stage);
  await claim('the binding says so', readyIs(stage, 'reason', 'ValidationFailed'));
  await show(stage, 'get', 'acb', 'orders', '-o', `jsonpath=${READY}.message}`);
  if ((await dataOf(stage, 'configmap/orders-config'))['page-size'] !== '20')
    throw new Error('the gate let it through');
  held('the ConfigMap keeps its last good content, and nothing is restarted');
  await control.setSetting({ store: STORE, key: 'orders:page-size', value: '20' });
  await refresh(stage);
  await claim('corrected, the binding is Ready again', readyIs(stage, 'status', 'True'));
}

async function badRollout(stage: Stage): Promise<void> {
  chapter('A valid value with which the application does not become ready');
  const { application } = stage;
  const { control } = stage.azure;
  application.fail();
  await control.setSetting({ store: STORE, key: 'orders:color', label: 'prod', value: 'transparent' });
  aside('in Azure: orders:color (prod) is now transparent; new pods of the application do not cope with it');
  await refresh(stage);
  await claim('the binding says that the rollout failed', rolloutIs(stage, 'reason', 'RolloutFailed'));
  await show(stage, 'get', 'acb');
  await show(stage, 'get', 'acb', 'orders', '-o', `jsonpath=${ROLLOUTS}.message}`);
  if (!(await readyIs(stage, 'status', 'True')())) throw new Error('a rollout made the binding not Ready');
  held('the binding itself is Ready: the targets hold what the store holds');
  const available = await ask(
    stage,
    'get',
    'deployment',
    'orders',
    '-o',
    'jsonpath={.status.availableReplicas}',
  );
  if (available !== '2') throw new Error(`${available} pods are available instead of 2`);
  held('both old pods still serve: Kubernetes stops none before its successor is ready');
  application.recover();
  await control.setSetting({ store: STORE, key: 'orders:color', label: 'prod', value: 'purple' });
  aside('in Azure: orders:color (prod) is purple again');
  await refresh(stage);
  await claim('with the value put back the rollout completes', rolloutIs(stage, 'status', 'True'));
}

async function secondEnvironment(stage: Stage): Promise<void> {
  chapter('A second environment: the same manifests in a namespace with another label');
  const { cluster } = stage;
  await cluster.applyYaml(namespaceFor(TEST_NAMESPACE, 'test'));
  await cluster.applyYaml(manifests(TEST_NAMESPACE, stage.clientId));
  const inTest = (...args: string[]) => cluster.kubectlOrThrow(args, { namespace: TEST_NAMESPACE });
  await claim(
    'the binding there is Ready',
    async () => (await inTest('get', 'acb', 'orders', '-o', `jsonpath=${READY}.status}`)) === 'True',
  );
  await show(stage, 'get', 'acb', '--all-namespaces');
  const data = await inTest('get', 'configmap', 'orders-config', '-o', 'jsonpath={.data}');
  shown(`kubectl -n ${TEST_NAMESPACE} get configmap orders-config -o jsonpath={.data}`, data);
  if (JSON.parse(data)['color'] !== 'yellow') throw new Error('the value is not the one labelled "test"');
  held('the label of the namespace chose the values labelled "test"');
}

async function trouble(stage: Stage): Promise<void> {
  chapter('Someone takes the role assignment away');
  const { control } = stage.azure;
  await control.removeRole(storeRole(stage.clientId));
  await refresh(stage);
  await claim('the binding is not Ready and says why', readyIs(stage, 'reason', 'StoreForbidden'));
  await show(stage, 'get', 'acb');
  await show(stage, 'get', 'acb', 'orders', '-o', `jsonpath=${READY}.message}`);
  if ((await dataOf(stage, 'configmap/orders-config'))['color'] !== 'purple')
    throw new Error('the ConfigMap lost its content');
  held('the last good content stays where it is');
  chapter('The role comes back');
  await control.assignRole(storeRole(stage.clientId));
  await refresh(stage);
  await claim('the binding is Ready again, by itself', readyIs(stage, 'status', 'True'));
  await show(stage, 'get', 'acb');
}
