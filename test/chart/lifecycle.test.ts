import { expect } from 'chai';
import { Objects, type SeenData, type SeenObject } from '../support/real/objects.ts';
import { CONFIG_MAP, furnish, newTeam, SECRET, type Team } from '../support/real/team.ts';
import { reader } from '../support/real/workloads.ts';
import type { World } from '../support/real/world.ts';
import { useHelm } from './support/chart.ts';
import { Release } from './support/release.ts';
import { exercisedIn, grantedBy } from './support/rights.ts';
import { setStage, strike } from './support/stage.ts';

/**
 * The life of a release on a real API server, told in order: each test goes on from where the one before ended.
 * Proxy and CA come from the chart's own values.
 */
const REPLICAS = 2;
/** The Lease lasts 15 s: a faster handover means that it was released. */
const HANDOVER_MS = 14_000;
const CRD = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/appconfigbindings.appconfig.dev';

/** Needed only when a binding is seen before its new namespace, or its new ServiceAccount, is. */
const IN_A_RACE = ['get namespaces', 'get serviceaccounts'];

describe('a release of the chart', function () {
  this.timeout(180_000);
  const helm = useHelm();
  let world: World;
  let release: Release;
  let team: Team;
  let values: { readonly extraCaCerts: { readonly pem: string }; readonly replicas: number };

  before(async function () {
    this.timeout(1_200_000);
    world = await setStage();
    release = new Release(world, 'appconfig-operator', 'appconfig-system');
    values = { extraCaCerts: { pem: world.azure.caPem }, replicas: REPLICAS };
  });
  after(async function () {
    this.timeout(60_000);
    if (world !== undefined) await strike(world);
  });

  /** Until the status tells of it too: what it tells depends on no test being faster. */
  const setAndSee = async (key: string, value: string, refresh: string): Promise<void> => {
    await team.set(key, value);
    await team.refresh(refresh);
    await team.until(`${key} = ${value}`, async () => {
      const { lastHandledRefresh } = await team.status();
      return lastHandledRefresh === refresh && (await team.configMap())?.data?.[key] === value;
    });
  };
  const resourceVersions = async (): Promise<readonly (string | undefined)[]> =>
    [await team.configMap(), await team.secret()].map((target) => target?.metadata.resourceVersion);

  it('is installed where only restricted pods are let in: two replicas are ready, one holds the Lease', async () => {
    await restrict(world, release.namespace);
    await release.install(values);
    expect(await release.readyPods()).to.have.length(REPLICAS);
    expect(await release.readyPods()).to.include(await release.untilLed(HANDOVER_MS));
  });

  it('gives a binding its targets, and restarts workloads of every kind', async () => {
    team = await newTeam(world);
    await furnish(team);
    for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet'] as const)
      await team.kubectl(['apply', '-f', '-'], reader(kind, kind.toLowerCase()));
    await team.apply();
    await team.untilReady();
    expect((await team.configMap())?.data).to.deep.equal({ color: 'blue' });
    expect(await team.secretData()).to.deep.equal({ password: 's3cret' });
    await team.until('all workloads to be known', async () => (await team.status()).rollout === '3/3');
    await setAndSee('color', 'green', 'a');
    await team.until('three finished rollouts', async () => {
      const { rollouts = [] } = await team.status();
      const finished = rollouts.filter((one) => one.restartedAt !== undefined && one.phase === 'Complete');
      return finished.length === 3;
    });
  });

  it('may read the Secrets that bindings name, and neither list nor watch them', async () => {
    const { namespace } = team;
    expect(await release.can('get', `secrets/${SECRET}`, '-n', namespace)).to.equal(true);
    for (const verb of ['list', 'watch', 'deletecollection']) {
      expect(await release.can(verb, 'secrets', '--all-namespaces'), verb).to.equal(false);
      expect(await release.can(verb, 'secrets', '-n', release.namespace), verb).to.equal(false);
    }
    expect(await release.can('update', 'appconfigbindings', '-n', namespace)).to.equal(false);
  });

  it('is upgraded without a moment at which fewer replicas are available', async () => {
    const before = await release.readyPods();
    let done = false;
    const upgrade = release.upgrade({ logLevel: 'debug' }).finally(() => {
      done = true;
    });
    const seen: number[] = [];
    while (!done) seen.push(await release.available());
    await upgrade;
    expect(Math.min(...seen)).to.equal(REPLICAS);
    // Helm waits for the new pods alone: an old one may be on its way out still, ready and leading.
    await team.until('the old pods to go', async () => {
      const left = (await release.pods()).map(({ metadata }) => metadata.name);
      return !left.some((name) => before.includes(name));
    });
    expect(await release.readyPods()).to.have.length(REPLICAS);
    expect(before).not.to.include(await release.untilLed(HANDOVER_MS));
    await setAndSee('color', 'red', 'b');
  });

  it('uses every right that it has, and asks for none that it lacks', async () => {
    await team.setSecret('db', 'changed');
    await setAndSee('color', 'grey', 'c');
    expect(await team.secretData()).to.deep.equal({ password: 'changed' });
    // A repeated event is one with the same note: its count is patched.
    await setAndSee('color', 'white', 'd');
    await setAndSee('color', 'black', 'e');
    // A target that someone else has written is a reason to ask for the binding as it stands.
    await team.kubectl(['patch', 'configmap', CONFIG_MAP, '-p', '{"data":{"color":"forged"}}']);
    await team.until(
      'the edit to be undone',
      async () => (await team.configMap())?.data?.['color'] === 'black',
    );
    await team.edit({ target: { configMap: { name: 'renamed-config' }, secret: { name: 'renamed' } } });
    await team.until(
      'the old targets to go',
      async () => !(await team.configMap()) && !(await team.secret()),
    );
    await team.edit({ target: { configMap: { name: CONFIG_MAP }, secret: { name: SECRET } } });
    await team.until('the targets to be back', async () => (await team.configMap()) && (await team.secret()));
    await mergeIntoForeignTargets(team);

    const requests = await release.requests();
    const refused = requests.filter(({ responseStatus }) => responseStatus?.code === 403);
    expect(exercisedIn(refused)).to.deep.equal([]);
    const isOwn = ({ objectRef }: (typeof requests)[number]) => objectRef?.namespace === release.namespace;
    const objects = await helm().objects();
    expect(exercisedIn(requests.filter(isOwn))).to.deep.equal(grantedBy(objects, 'Role', release.fullname));
    const everywhere = `${release.namespace}:${release.fullname}`;
    const exercised = new Set([...exercisedIn(requests.filter((request) => !isOwn(request))), ...IN_A_RACE]);
    expect([...exercised].sort()).to.deep.equal(grantedBy(objects, 'ClusterRole', everywhere));
  });

  let kept: readonly (string | undefined)[];

  it('leaves CRD, bindings and targets when it is uninstalled', async () => {
    await team.untilReady();
    kept = await resourceVersions();
    await release.uninstall();
    // Helm waits for its own objects; the garbage collector takes the pods.
    await team.until('the pods to end', async () => (await release.pods()).length === 0);
    expect((await world.cluster.api.request('GET', CRD)).status).to.equal(200);
    const binding = await team.binding();
    expect(binding?.metadata).to.be.an('object').that.does.not.have.property('deletionTimestamp');
    expect(await resourceVersions()).to.deep.equal(kept);
    expect(kept).not.to.include(undefined);
  });

  it('adopts everything when it is installed again, and rewrites nothing', async () => {
    await release.install(values);
    await release.untilAtWork();
    expect(await resourceVersions()).to.deep.equal(kept);
    await setAndSee('color', 'violet', 'f');
  });

  it('shares the cluster with a second release, each with rights only where it serves', async () => {
    const other = await newTeam(world);
    await furnish(other);
    await other.apply();
    await release.upgrade({ watchNamespaces: [team.namespace] });
    const second = await installSecond(world, other);
    await other.untilReady();
    expect(await other.secretData()).to.deep.equal({ password: 's3cret' });

    expect(await second.can('get', `secrets/${SECRET}`, '-n', other.namespace)).to.equal(true);
    expect(await second.can('get', `secrets/${SECRET}`, '-n', team.namespace)).to.equal(false);
    expect(await release.can('get', `secrets/${SECRET}`, '-n', other.namespace)).to.equal(false);
    const bindings = await world.cluster.kubectlOrThrow(['get', 'clusterrolebindings', '-o', 'name']);
    expect(bindings).not.to.include('appconfig');
    const refused = (await second.requests()).filter(({ responseStatus }) => responseStatus?.code === 403);
    expect(exercisedIn(refused)).to.deep.equal([]);

    await second.uninstall();
    expect((await world.cluster.api.request('GET', CRD)).status).to.equal(200);
    await setAndSee('color', 'gold', 'g');
  });
});

/** A namespace where only pods of the Pod Security Standard "restricted" are let in, as an ordinary one finds out. */
async function restrict({ cluster }: World, namespace: string): Promise<void> {
  await cluster.kubectlOrThrow(['create', 'namespace', namespace]);
  const level = 'pod-security.kubernetes.io/enforce=restricted';
  await cluster.kubectlOrThrow(['label', 'namespace', namespace, level]);
  const { exitCode, stderr } = await cluster.kubectl(['run', 'ordinary', '--image=ordinary'], { namespace });
  expect(exitCode).not.to.equal(0);
  expect(stderr).to.include('violates PodSecurity "restricted:latest"');
}

/** Keys are added to objects of others by a patch. */
async function mergeIntoForeignTargets(team: Team): Promise<void> {
  const labels = { 'merge.appconfig.dev/guest': 'true' };
  for (const plural of ['configmaps', 'secrets'])
    await team.objects.create(plural, team.namespace, { metadata: { name: 'shared', labels } });
  const shared = { name: 'shared' };
  await team.apply(
    team.spec({ target: { configMap: shared, secret: shared, creationPolicy: 'Merge' } }),
    'guest',
  );
  await team.untilReady('guest');
  await team.objects.delete('appconfigbindings', team.namespace, 'guest');
}

/** A release for one team, with the CA from a ConfigMap of its namespace. */
async function installSecond(world: World, { namespace }: Team): Promise<Release> {
  const second = new Release(world, 'team', 'appconfig-team');
  const { cluster, azure } = world;
  await cluster.kubectlOrThrow(['create', 'namespace', second.namespace]);
  const bundle: Pick<SeenData, 'data'> & { readonly metadata: Pick<SeenObject['metadata'], 'name'> } = {
    metadata: { name: 'company-ca' },
    data: { 'bundle.pem': azure.caPem },
  };
  await new Objects(cluster.api).create('configmaps', second.namespace, bundle);
  await second.install({
    crds: { install: false },
    watchNamespaces: [namespace],
    extraCaCerts: { configMap: { name: 'company-ca', key: 'bundle.pem' } },
  });
  return second;
}
