import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect } from 'chai';
import type { BindingSpec } from '../../src/api/schema.ts';
import { EC, RSA, setCertificate, TLS_TAG } from '../support/certificates.ts';
import { SECRETS } from '../support/memory-cluster/index.ts';
import { change, container, generationOf } from '../support/rollouts.ts';
import { baseSpec, CLIENT_ID, ENDPOINT, NAMESPACE, Simulation, VAULT } from '../support/simulation.ts';

const web = { vault: VAULT, name: 'web' };
const ref = (name: string) => ({ type: SECRETS, namespace: NAMESPACE, name });

/** At rest with `web-tls` → a certificate, `password` → a secret, and one plain setting. */
async function running(spec: BindingSpec = baseSpec): Promise<Simulation> {
  const simulation = new Simulation();
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  simulation.azure.setSecret(VAULT, 'db', { value: 'db-1' });
  simulation.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
  simulation.azure.setSecret(VAULT, 'web', RSA);
  setCertificate(simulation, 'web-tls', web);
  await simulation.apply(spec);
  simulation.start();
  await simulation.untilReady();
  await simulation.until(() => simulation.condition('RolloutsComplete') !== undefined, 15_000);
  return simulation;
}

const refresh = (simulation: Simulation, token: string): Promise<void> =>
  simulation.apply(simulation.binding()?.spec ?? baseSpec, 'orders', { 'appconfig.dev/refresh': token });

const secretReads = ({ azure }: Simulation): number =>
  azure.calls.filter(({ kind }) => kind === 'secret').length;

/** The subject of the certificate in a Secret, if its key belongs to it. */
function subjectIn(simulation: Simulation, name = 'web-tls'): string | undefined {
  const { 'tls.crt': certificate, 'tls.key': key } = simulation.secretData(name);
  if (certificate === undefined || key === undefined) return undefined;
  const leaf = new X509Certificate(certificate);
  expect(leaf.checkPrivateKey(createPrivateKey(key))).to.equal(true);
  return leaf.subject;
}

const targets = (simulation: Simulation) =>
  simulation.binding()?.status?.targets?.map(({ kind, name, holds }) => [kind, name, holds]);

describe('Certificates', () => {
  it('become a Secret of their own, named after the key, of the type that ingresses read', async () => {
    const simulation = await running();
    expect(simulation.secret('web-tls')?.type).to.equal('kubernetes.io/tls');
    expect(Object.keys(simulation.secretData('web-tls'))).to.have.members(['tls.crt', 'tls.key']);
    expect(subjectIn(simulation)).to.equal('CN=leaf');
    expect(simulation.secretData()).to.deep.equal({ password: 'db-1' });
    expect(targets(simulation)).to.deep.equal([
      ['Secret', 'orders-secrets', undefined],
      ['Secret', 'web-tls', 'Certificate'],
      ['ConfigMap', 'orders-config', undefined],
    ]);
    const { references, secrets, settings } = simulation.binding()?.status ?? {};
    expect({ references, secrets, settings }).to.deep.equal({
      references: { total: 2, resolved: 2 },
      secrets: 1,
      settings: 3,
    });
  });

  it('need no Secret in the spec', async () => {
    const simulation = new Simulation();
    simulation.azure.setSecret(VAULT, 'web', RSA);
    setCertificate(simulation, 'web-tls', web);
    await simulation.apply({ ...baseSpec, target: { configMap: { name: 'orders-config' } } });
    simulation.start();
    await simulation.untilReady();
    expect(subjectIn(simulation)).to.equal('CN=leaf');
    simulation.azure.setSecret(VAULT, 'web', EC);
    await simulation.until(() => subjectIn(simulation) === 'CN=ec');
  });

  it('follow their newest version, key and certificate together', async () => {
    const simulation = await running();
    simulation.azure.setSecret(VAULT, 'web', EC);
    await simulation.until(() => subjectIn(simulation) === 'CN=ec');
    const changes = simulation.cluster.changes().filter(({ name }) => name === 'web-tls');
    expect(changes).to.have.length(2);
    await simulation.untilReady();
  });

  it('are not read after a restart with nothing changed, nor when a setting changes', async () => {
    const simulation = await running();
    await simulation.stop();
    simulation.azure.calls.length = 0;
    const writes = simulation.cluster.changes().length;
    simulation.start();
    await simulation.clock.advance(60_000);
    expect(simulation.cluster.changes().length).to.equal(writes);
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    await simulation.until(() => simulation.configMap()?.data?.['color'] === 'green');
    await simulation.untilReady();
    expect(secretReads(simulation)).to.equal(0);
    expect(targets(simulation)).to.have.length(3);
  });

  it('cost nothing but a look at their metadata while nothing changes', async () => {
    const simulation = await running();
    await simulation.stop();
    const calls: string[] = [];
    simulation.start((call) => {
      if (call.resource === 'secrets') calls.push(`${call.verb} ${call.name ?? ''}`);
      return 'proceed';
    });
    await simulation.clock.advance(60_000);
    calls.length = 0;
    const writes = simulation.cluster.changes().length;
    await simulation.clock.advance(1_800_000);
    expect(simulation.cluster.changes().length).to.equal(writes);
    // Every five minutes, and whole once more with each look at the workloads that use one: here there are none.
    expect(calls.filter((call) => call === 'get web-tls').length).to.be.within(5, 7);
    expect(new Set(calls)).to.deep.equal(new Set(['get web-tls', 'get orders-secrets']));
  });

  it('are put back when someone edits or deletes them', async () => {
    const simulation = await running();
    await simulation.cluster.admin.delete(ref('web-tls'));
    await simulation.until(() => subjectIn(simulation) === 'CN=leaf');
    await simulation.cluster.admin.mergePatch(ref('web-tls'), { data: { 'tls.key': 'AAAA' } });
    await simulation.until(() => simulation.secretData('web-tls')['tls.key'] !== '\0\0\0');
    expect(subjectIn(simulation)).to.equal('CN=leaf');
  });

  it('take their Secret with them when the reference, or its tag, goes', async () => {
    const simulation = await running();
    setCertificate(simulation, 'second-tls', web);
    await simulation.until(() => subjectIn(simulation, 'second-tls') === 'CN=leaf');
    simulation.azure.delete(ENDPOINT, 'second-tls');
    await simulation.until(() => simulation.secret('second-tls') === undefined);
    simulation.azure.setReference(ENDPOINT, 'web-tls', web);
    await simulation.until(() => simulation.secret('web-tls') === undefined);
    expect(simulation.secretData()).to.deep.equal({ password: 'db-1', 'web-tls': RSA.value });
    await simulation.untilReady();
    expect(targets(simulation)).to.have.length(2);
  });

  it('move to another Secret when their key changes, and the old one goes', async () => {
    const simulation = await running();
    await simulation.apply({ ...baseSpec, keys: { replace: [{ from: 'web', to: 'shop' }] } });
    await simulation.until(() => subjectIn(simulation, 'shop-tls') === 'CN=leaf');
    await simulation.until(() => simulation.secret('web-tls') === undefined);
  });

  it('are never written over a Secret of someone else', async () => {
    const simulation = await running();
    const data = { 'tls.crt': 'AAAA', 'tls.key': 'AAAA' };
    const foreign = {
      metadata: { namespace: NAMESPACE, name: 'other-tls' },
      type: 'kubernetes.io/tls',
      data,
    };
    await simulation.cluster.admin.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', ...foreign });
    setCertificate(simulation, 'other-tls', web);
    await simulation.untilReason('TargetNotOwned');
    expect(simulation.secret('other-tls')?.data).to.deep.equal(data);
    expect(simulation.condition('Ready')?.message)
      .to.contain('change its key with spec.keys')
      .and.not.contain('spec.target');
  });

  it('keep the last pair while the newest version is none, and nothing is quoted', async () => {
    const simulation = await running();
    simulation.azure.setSecret(VAULT, 'web', { value: 'canary-value' });
    simulation.azure.setSecret(VAULT, 'db', { value: 'db-2' });
    await refresh(simulation, '1');
    await simulation.untilReason('InvalidSecretValue');
    expect(subjectIn(simulation)).to.equal('CN=leaf');
    expect(simulation.secretData()).to.deep.equal({ password: 'db-2' });
    expect(simulation.condition('Ready')?.message).to.contain('secret web of contoso.vault.azure.net');
    const told = [simulation.binding(), simulation.events, simulation.logger.lines];
    expect(JSON.stringify(told)).not.to.contain('canary');
    simulation.azure.setSecret(VAULT, 'web', EC);
    await simulation.untilReady();
    expect(subjectIn(simulation)).to.equal('CN=ec');
  });

  it('stay when they can be neither read nor proven, until they can', async () => {
    const simulation = await running();
    simulation.azure.revoke(CLIENT_ID, VAULT);
    await simulation.cluster.admin.mergePatch(ref('web-tls'), { data: { 'tls.key': 'AAAA' } });
    await simulation.untilReason('VaultForbidden');
    await simulation.clock.advance(600_000);
    expect(simulation.secret('web-tls')).not.to.equal(undefined);
    expect(targets(simulation)).to.deep.include(['Secret', 'web-tls', 'Certificate']);
    simulation.azure.grant(CLIENT_ID, VAULT);
    await simulation.untilReady();
    expect(subjectIn(simulation)).to.equal('CN=leaf');
  });

  for (const [what, [reference, tags]] of Object.entries({
    reference: [{ vault: 'contoso.vault.azure.nte', name: 'web' }, TLS_TAG],
    tag: [web, { '.kubernetes.secret.type': 'kubernetes.io/tsl' }],
  } as const)) {
    const misspell = ({ azure }: Simulation): void =>
      azure.setReference(ENDPOINT, 'web-tls', reference, undefined, tags);

    it(`stay while their ${what} is misspelt, until it is corrected`, async () => {
      const simulation = await running();
      const uid = simulation.secret('web-tls')?.metadata.uid;
      misspell(simulation);
      await simulation.untilReason('InvalidReference');
      await simulation.clock.advance(600_000);
      expect(simulation.secret('web-tls')?.metadata.uid).to.equal(uid);
      expect(targets(simulation)).to.deep.include(['Secret', 'web-tls', 'Certificate']);
      simulation.azure.setSecret(VAULT, 'web', EC);
      setCertificate(simulation, 'web-tls', web);
      await simulation.untilReady();
      expect(subjectIn(simulation)).to.equal('CN=ec');
      expect(simulation.secret('web-tls')?.metadata.uid).to.equal(uid);
    });

    it(`are not said to want a Secret in the spec while their ${what} is misspelt`, async () => {
      const selectors = [{ key: 'color' }, { key: 'web-tls' }];
      const simulation = await running({
        ...baseSpec,
        selectors,
        target: { configMap: { name: 'orders-config' } },
      });
      simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
      misspell(simulation);
      await simulation.untilReason('InvalidReference');
      await simulation.until(() => simulation.configMap()?.data?.['color'] === 'green');
      expect(subjectIn(simulation)).to.equal('CN=leaf');
    });
  }

  it('block the first creation of everything while one is broken', async () => {
    const simulation = new Simulation();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    simulation.azure.setSecret(VAULT, 'web', { value: 'no certificate' });
    setCertificate(simulation, 'web-tls', web);
    await simulation.apply(baseSpec);
    simulation.start();
    await simulation.untilReason('InvalidSecretValue');
    expect([simulation.configMap(), simulation.secret(), simulation.secret('web-tls')]).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
    simulation.azure.setSecret(VAULT, 'web', EC);
    await simulation.untilReady();
    expect(subjectIn(simulation)).to.equal('CN=ec');
  });

  for (const [key, why] of [
    ['Web:Tls', 'is no name of a Kubernetes object'],
    ['orders-secrets', 'is the name in spec.target.secret'],
  ] as const) {
    it(`name the key that no Secret can be named after: ${key}`, async () => {
      const simulation = await running();
      setCertificate(simulation, key, web);
      await simulation.untilReason('InvalidKey');
      expect(simulation.condition('Ready')?.message).to.contain(`${JSON.stringify(key)} ${why}`);
      expect(simulation.secretData()).to.deep.equal({ password: 'db-1' });
    });
  }

  it('are told when the tag asks for a type that is none of them', async () => {
    const simulation = await running();
    const tags = { '.kubernetes.secret.type': 'kubernetes.io/canary' };
    simulation.azure.setReference(ENDPOINT, 'web-tls', web, undefined, tags);
    await simulation.untilReason('InvalidReference');
    expect(simulation.condition('Ready')?.message)
      .to.contain('.kubernetes.secret.type')
      .and.not.contain('canary');
  });

  it('restart workloads that read them only at their start, and no others', async () => {
    const simulation = await running();
    const mounting = (subPath: object) => ({
      volumes: [{ name: 'tls', secret: { secretName: 'web-tls' } }],
      containers: [{ name: 'app', image: 'app', volumeMounts: [{ name: 'tls', ...subPath }] }],
    });
    await simulation.addDeployment('live', mounting({}));
    await simulation.addDeployment('once', mounting({ subPath: 'tls.crt' }));
    await simulation.clock.advance(700_000);
    const generations = () =>
      ['live', 'once'].map((name) => simulation.deployment(name)?.metadata.generation);
    expect(generations()).to.deep.equal([1, 1]);
    simulation.azure.setSecret(VAULT, 'web', EC);
    await simulation.until(() => generations()[1] === 2);
    await simulation.clock.advance(60_000);
    expect(generations()).to.deep.equal([1, 2]);
  });

  it('that go with their tag restart no workload that still mounts them', async () => {
    const simulation = await running();
    const mounts = [{ name: 'v', mountPath: '/tls/tls.crt', subPath: 'tls.crt' }];
    const env = [{ name: 'C', valueFrom: { configMapKeyRef: { name: 'orders-config', key: 'color' } } }];
    await simulation.addDeployment('web', {
      ...container({ env, volumeMounts: mounts }),
      volumes: [{ name: 'v', secret: { secretName: 'web-tls' } }],
    });
    await simulation.clock.advance(900_000);
    await change(simulation, 'size', 'XL');
    await simulation.clock.advance(900_000);
    expect(generationOf(simulation, 'web')).to.equal(1);
    simulation.azure.delete(ENDPOINT, 'web-tls');
    await simulation.until(() => simulation.secret('web-tls') === undefined);
    await simulation.clock.advance(900_000);
    expect(generationOf(simulation, 'web')).to.equal(1);
  });

  it('with a time of their own are told when they have expired', async () => {
    const simulation = await running();
    const expiresAt = simulation.clock.now() + 3_600_000;
    simulation.azure.setSecret(VAULT, 'web', { ...EC, expiresAt });
    await refresh(simulation, '1');
    await simulation.until(() => subjectIn(simulation) === 'CN=ec');
    await simulation.untilReason('SecretOutOfDate', 'Warning', 'orders', 4_000_000);
    expect(simulation.condition('Warning')?.message).to.contain('"web-tls" is expired');
  });

  it('are left as they are when only flags change', async () => {
    const configMap = { name: 'orders-config', format: 'Json' } as const;
    const simulation = await running();
    const setFlag = (enabled: boolean) =>
      simulation.azure.set(ENDPOINT, {
        key: '.appconfig.featureflag/Beta',
        value: JSON.stringify({ id: 'Beta', enabled }),
        contentType: 'application/vnd.microsoft.appconfig.ff+json;charset=utf-8',
      });
    const file = () => simulation.configMap()?.data?.['settings.json'] ?? '{}';
    const isOn = () => JSON.parse(file()).feature_management?.feature_flags[0].enabled;
    setFlag(true);
    await simulation.apply({
      ...baseSpec,
      featureFlags: {},
      selectors: [{ key: 'color' }, { key: 'web-tls' }],
      target: { configMap, secret: { name: 'orders-secrets' } },
    });
    await simulation.until(() => isOn() === true);
    await simulation.untilReady();
    simulation.azure.calls.length = 0;
    setFlag(false);
    await simulation.until(() => isOn() === false);
    await simulation.untilReady();
    expect(simulation.azure.calls.filter(({ kind }) => kind === 'read')).to.have.length(1);
    expect(targets(simulation)).to.deep.include(['Secret', 'web-tls', 'Certificate']);
    expect(subjectIn(simulation)).to.equal('CN=leaf');
  });
});
