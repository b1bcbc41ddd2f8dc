import { expect } from 'chai';
import type { BindingSpec } from '../../src/api/schema.ts';
import { EC, RSA, setCertificate } from '../support/certificates.ts';
import { crashAtWrite } from '../support/memory-cluster/index.ts';
import { baseSpec, ENDPOINT, Simulation, VAULT } from '../support/simulation.ts';

/**
 * The operator is killed before and after each of its writes, and started again. The end state, and how often
 * each object was changed, must equal those of a run without a fault; only the number of status writes may differ.
 */

interface Outcome {
  readonly configMap: unknown;
  readonly secret: unknown;
  readonly certificate: unknown;
  readonly restarts: unknown;
  readonly changes: Readonly<Record<string, number>>;
}

const spec: BindingSpec = { ...baseSpec, keyVault: { all: [{ vault: 'contoso', prefix: 'listed-' }] } };

/** First sync, then a change of everything, with a Deployment that must restart exactly once. */
async function story(arm: (simulation: Simulation, part: 'first' | 'second') => void): Promise<Simulation> {
  const simulation = new Simulation();
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  simulation.azure.setSecret(VAULT, 'db', { value: 'one' });
  simulation.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
  simulation.azure.setSecret(VAULT, 'web', RSA);
  setCertificate(simulation, 'web-tls', { vault: VAULT, name: 'web' });
  for (const name of ['listed-a', 'listed-b']) simulation.azure.setSecret(VAULT, name, { value: name });
  simulation.azure.set(ENDPOINT, { key: 'listed-b', value: 'plain' });
  await simulation.addDeployment('web');
  await simulation.apply(spec);
  arm(simulation, 'first');
  await atRest(simulation);
  await simulation.clock.advance(60_000);
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
  simulation.azure.setSecret(VAULT, 'db', { value: 'two' });
  simulation.azure.setSecret(VAULT, 'web', EC);
  simulation.azure.deleteSecret(VAULT, 'listed-b');
  simulation.azure.setSecret(VAULT, 'listed-c', { value: 'new' });
  arm(simulation, 'second');
  await simulation.apply(spec, 'orders', { 'appconfig.dev/refresh': 'again' });
  await simulation.until(() => simulation.binding()?.status?.lastHandledRefresh === 'again');
  await simulation.completeRollouts('web');
  await simulation.clock.advance(400_000);
  return simulation;
}

const atRest = (simulation: Simulation): Promise<void> =>
  simulation.until(
    () =>
      simulation.condition('RolloutsComplete')?.status === 'True' &&
      simulation.condition('Ready')?.status === 'True',
  );

/** Starts an operator that dies at its n-th write, and another one in its place. */
function armCrash(simulation: Simulation, n: number, when: 'before' | 'after'): void {
  const crash = crashAtWrite(n, when);
  simulation.start((call) => {
    const verdict = crash(call);
    if (verdict !== 'proceed') simulation.clock.setTimer(1_000, () => simulation.start());
    return verdict;
  });
}

const MARKER = 'rollout.appconfig.dev/orders';

function outcomeOf(simulation: Simulation): Outcome {
  const changes: Record<string, number> = {};
  for (const { resource, name } of simulation.cluster.changes()) {
    if (resource === 'appconfigbindings/status') continue;
    const id = `${resource}/${name}`;
    changes[id] = (changes[id] ?? 0) + 1;
  }
  const markers = simulation.deployment('web')?.spec?.template?.metadata?.annotations ?? {};
  return {
    configMap: simulation.configMap()?.data,
    secret: simulation.secretData(),
    certificate: simulation.secretData('web-tls'),
    restarts: { marked: markers[MARKER] !== undefined, record: simulation.binding()?.status?.rollout },
    changes,
  };
}

/** How many writes an operator makes in each part, when nothing goes wrong. */
async function writesOf(part: 'first' | 'second'): Promise<number> {
  let counted = 0;
  await story((simulation, now) => {
    if (now === 'first' && part === 'first') {
      simulation.start((call) => {
        if (call.write !== undefined) counted = call.write + 1;
        return 'proceed';
      });
    } else if (now === 'first') simulation.start();
    else if (part === 'second') {
      simulation.client?.kill();
      simulation.start((call) => {
        if (call.write !== undefined) counted = call.write + 1;
        return 'proceed';
      });
    }
  });
  return counted;
}

const crashed = (part: 'first' | 'second', n: number, when: 'before' | 'after'): Promise<Simulation> =>
  story((simulation, now) => {
    if (now === 'first' && part === 'second') simulation.start();
    if (now !== part) return;
    simulation.client?.kill();
    armCrash(simulation, n, when);
  });

describe('a crash of the operator', function () {
  this.timeout(120_000);

  it('at any write of a first sync or of a change ends in the same state, with no write lost and none doubled', async () => {
    const reference = outcomeOf(await story((simulation, part) => part === 'first' && simulation.start()));
    expect(reference.restarts).to.deep.equal({ marked: true, record: '1/1' });
    expect(reference.changes['deployments/web']).to.equal(1);
    let cases = 0;
    for (const part of ['first', 'second'] as const) {
      const writes = await writesOf(part);
      for (let n = 0; n < writes; n += 1) {
        for (const when of ['before', 'after'] as const) {
          const name = `${part} part, ${when} write ${n}`;
          const simulation = await crashed(part, n, when).catch((error: unknown) => {
            throw new Error(name, { cause: error });
          });
          cases += 1;
          expect(outcomeOf(simulation), name).to.deep.equal(reference);
        }
      }
    }
    expect(cases).to.be.greaterThan(15);
  });
});
