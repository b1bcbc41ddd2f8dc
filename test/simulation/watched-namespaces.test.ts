import { expect } from 'chai';
import type { AppConfigBinding } from '../../src/api/schema.ts';
import type { KubernetesError, KubernetesObject } from '../../src/ports/kubernetes.ts';
import {
  answers,
  BINDINGS,
  failWith,
  type Interceptor,
  SERVICE_ACCOUNTS,
} from '../support/memory-cluster/index.ts';
import { baseSpec, CLIENT_ID, ENDPOINT, NAMESPACE, Simulation, TENANT_ID } from '../support/simulation.ts';

const OTHER = 'default';
const BOTH = [`--watch-namespaces=${NAMESPACE},${OTHER}`];
const unavailable = { kind: 'status', code: 503, reason: 'ServiceUnavailable', causes: [] } as const;

/** One binding in each of two namespaces. */
async function withTwoNamespaces(): Promise<Simulation> {
  const simulation = new Simulation();
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  await simulation.apply(baseSpec);
  const annotations = {
    'azure.workload.identity/client-id': CLIENT_ID,
    'azure.workload.identity/tenant-id': TENANT_ID,
  };
  const { cluster } = simulation;
  cluster.seed(SERVICE_ACCOUNTS, { metadata: { namespace: OTHER, name: 'orders', annotations } });
  cluster.seed(BINDINGS, {
    apiVersion: 'appconfig.dev/v1alpha1',
    kind: 'AppConfigBinding',
    metadata: { namespace: OTHER, name: 'orders' },
    spec: baseSpec,
  } as KubernetesObject);
  return simulation;
}

/** Undefined: nobody has looked at the binding of the other namespace. */
function otherReady({ cluster }: Simulation): string | undefined {
  const ref = { type: BINDINGS, namespace: OTHER, name: 'orders' };
  const { status } = cluster.read<AppConfigBinding & KubernetesObject>(ref) ?? {};
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status;
}

/** Lists of these kinds get no answer but this one from the other namespace, until it is lifted. */
class Obstacle {
  #error: KubernetesError | undefined;
  readonly #resources: readonly string[];

  constructor(error: KubernetesError, resources: readonly string[]) {
    this.#error = error;
    this.#resources = resources;
  }

  readonly intercept: Interceptor = ({ verb, namespace, resource }) =>
    this.#error !== undefined && verb === 'list' && namespace === OTHER && this.#resources.includes(resource)
      ? failWith(this.#error)
      : 'proceed';

  lift(): void {
    this.#error = undefined;
  }
}

const ALL = ['appconfigbindings', 'configmaps', 'serviceaccounts'];

describe('of the namespaces that are served', () => {
  it('one that is gone keeps the operator from no other, and is served when it comes back', async () => {
    const simulation = await withTwoNamespaces();
    const gone = new Obstacle(answers.forbidden(), ALL);
    simulation.start(gone.intercept, BOTH);
    await simulation.untilReady();
    expect(simulation.operator?.manager.ready()).to.deep.equal({ ok: true });
    const warnings = simulation.logger.lines.filter(({ level }) => level === 'warn');
    expect(new Set(warnings.map(({ fields }) => fields['namespace']))).to.deep.equal(new Set([OTHER]));
    await simulation.clock.advance(3_600_000);
    expect(simulation.operator?.manager.live()).to.deep.equal({ ok: true });
    expect(otherReady(simulation)).to.equal(undefined);
    gone.lift();
    await simulation.until(() => otherReady(simulation) === 'True', 120_000);
  });

  it('one that refuses a part is not reconciled on half a view', async () => {
    for (const resource of ['configmaps', 'serviceaccounts']) {
      const simulation = await withTwoNamespaces();
      const partly = new Obstacle(answers.forbidden(), [resource]);
      simulation.start(partly.intercept, BOTH);
      await simulation.untilReady();
      await simulation.clock.advance(600_000);
      expect(otherReady(simulation), resource).to.equal(undefined);
      partly.lift();
      await simulation.until(() => otherReady(simulation) === 'True', 120_000);
    }
  });

  it('one that fails for a while is waited for', async () => {
    const simulation = await withTwoNamespaces();
    const down = new Obstacle(unavailable, ['appconfigbindings']);
    simulation.start(down.intercept, BOTH);
    await simulation.clock.advance(600_000);
    expect(simulation.operator?.manager.ready()).to.deep.equal({
      ok: false,
      reason: `caches not synced: appconfigbindings in ${OTHER}`,
    });
    expect(simulation.condition('Ready')).to.equal(undefined);
    down.lift();
    await simulation.until(() => otherReady(simulation) === 'True', 120_000);
    await simulation.untilReady();
  });

  it('none is readable where the rights were forgotten, and the operator is not ready', async () => {
    const simulation = await withTwoNamespaces();
    const forgotten = new Obstacle(answers.forbidden(), ALL);
    simulation.start(forgotten.intercept, [`--watch-namespaces=${OTHER}`]);
    await simulation.clock.advance(600_000);
    expect(simulation.operator?.manager.ready()).to.have.property('ok', false);
    expect(JSON.stringify(simulation.operator?.manager.ready())).to.contain(
      `appconfigbindings in ${OTHER} (refused)`,
    );
    forgotten.lift();
    await simulation.until(() => otherReady(simulation) === 'True', 120_000);
  });
});
