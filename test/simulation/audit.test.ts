import { expect } from 'chai';
import { ENDPOINT, NAMESPACE, Simulation, VAULT } from '../support/simulation.ts';

const BINDINGS = ['one', 'two', 'three'];
const SECRETS = ['alpha', 'beta'];
const INTERVAL_MS = 60_000;

interface Read {
  readonly name: string;
  readonly version: string;
  readonly requestId: string;
  readonly outcome: string;
}

/** Every answer that a binding was given, as logged. */
const logged = ({ logger }: Simulation) =>
  logger.lines
    .filter(({ message }) => message === 'Secrets were read from a vault.')
    .flatMap(({ fields }) =>
      (fields['reads'] as Read[]).map((read) => ({ ...read, binding: String(fields['binding']) })),
    );

/** Every request of the vault, as the vault knows it. */
const asked = ({ azure }: Simulation) =>
  azure.calls
    .filter(({ kind }) => kind === 'secret')
    .map(({ reference, requestId }) => `${requestId} ${reference?.name}`);

/** Bindings of one identity that want the same secrets. */
async function synchronised(): Promise<Simulation> {
  const simulation = new Simulation();
  simulation.azure.delay = () => simulation.clock.sleep(20);
  for (const name of SECRETS) {
    simulation.azure.setSecret(VAULT, name, { value: `${name}-never-log-me` });
    simulation.azure.setReference(ENDPOINT, name, { vault: VAULT, name });
  }
  for (const name of BINDINGS) {
    await simulation.apply(
      {
        store: { endpoint: ENDPOINT },
        identity: { workloadIdentity: { serviceAccountName: 'orders' } },
        keyVault: { refreshInterval: `${INTERVAL_MS / 1_000}s` },
        target: { secret: { name } },
      },
      name,
    );
  }
  simulation.start();
  await simulation.clock.advance(20_000);
  return simulation;
}

describe('the audit trail of secrets', () => {
  it('leads every request of a vault back to all bindings that were given its answer', async () => {
    const simulation = await synchronised();
    await simulation.clock.advance(10 * INTERVAL_MS);
    const requests = asked(simulation);
    expect(requests.length).to.be.at.least(10 * SECRETS.length);
    expect(new Set(requests).size, 'an id and a name are one request').to.equal(requests.length);
    const told = logged(simulation);
    const ids = told.map(({ requestId, name }) => `${requestId} ${name}`);
    expect([...new Set(ids)].sort()).to.deep.equal([...requests].sort());
    for (const name of BINDINGS) {
      const own = told.filter(({ binding }) => binding === `${NAMESPACE}/${name}`);
      expect(own.length, name).to.be.at.least(10 * SECRETS.length);
    }
  });

  it('gives the requests of one reconcile one id, and those of another a different one', async () => {
    const simulation = await synchronised();
    await simulation.clock.advance(10 * INTERVAL_MS);
    const byId = Map.groupBy(asked(simulation), (request) => request.split(' ')[0]);
    for (const requests of byId.values()) expect(requests.length).to.be.at.most(SECRETS.length);
    expect(byId.size).to.be.at.least(10);
  });

  it('writes one line for each binding and round, and nothing while nothing is read', async () => {
    const simulation = await synchronised();
    await simulation.clock.advance(3 * INTERVAL_MS);
    simulation.logger.lines.length = 0;
    await simulation.clock.advance(10 * INTERVAL_MS);
    const { lines } = simulation.logger;
    expect(lines.filter(({ level }) => level !== 'debug')).to.have.length(10 * BINDINGS.length);
  });

  it('logs a read that a rotation follows once', async () => {
    const simulation = await synchronised();
    const version = simulation.azure.setSecret(VAULT, 'alpha', { value: 'rotated-never-log-me' });
    await simulation.clock.advance(INTERVAL_MS + 4_000);
    const rotated = logged(simulation).filter((read) => read.version === version);
    const reads = rotated.map(({ binding, requestId }) => `${binding} ${requestId}`);
    expect(new Set(rotated.map(({ binding }) => binding)).size).to.equal(BINDINGS.length);
    expect(new Set(reads).size).to.equal(reads.length);
  });

  it('logs refusals with their reason, and never a value', async () => {
    const simulation = await synchronised();
    simulation.azure.setSecret(VAULT, 'alpha', { value: 'disabled-never-log-me', disabled: true });
    await simulation.clock.advance(INTERVAL_MS + 4_000);
    expect(logged(simulation).map(({ outcome }) => outcome)).to.include('SecretDisabled');
    expect(JSON.stringify(simulation.logger.lines)).to.not.include('never-log-me');
  });
});
