import { expect } from 'chai';
import type { BindingSpec } from '../../src/api/schema.ts';
import { SECRETS } from '../support/memory-cluster/index.ts';
import { baseSpec, ENDPOINT, NAMESPACE, Simulation, VAULT } from '../support/simulation.ts';

type Target = BindingSpec['target'];
type SecretTarget = NonNullable<Target['secret']>;

const FORMATS = ['KeyValue', 'Json', 'Yaml', 'Properties', 'DotEnv'] as const;
const NAME = 'orders-secrets';
const OLD = 'db-1: "#" \\ $x';

const specOf = (target: Target, rest: Partial<BindingSpec> = {}): BindingSpec => ({
  ...baseSpec,
  target,
  ...rest,
});
const secretOnly = (secret: Omit<SecretTarget, 'name'>): BindingSpec =>
  specOf({ secret: { name: NAME, ...secret } });

/** A binding with two references and a plain value, once it is Ready. */
async function running(spec: BindingSpec): Promise<Simulation> {
  const simulation = new Simulation();
  simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
  simulation.azure.setSecret(VAULT, 'db', { value: OLD });
  simulation.azure.setSecret(VAULT, 'other', { value: 'other-1' });
  simulation.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
  simulation.azure.setReference(ENDPOINT, 'token', { vault: VAULT, name: 'other' });
  await simulation.apply(spec);
  simulation.start();
  await simulation.untilReady();
  return simulation;
}

const secretReads = ({ azure }: Simulation): readonly (string | undefined)[] =>
  azure.calls.filter(({ kind }) => kind === 'secret').map(({ reference }) => reference?.name);

const applyAndRefresh = (simulation: Simulation, spec: BindingSpec): Promise<void> =>
  simulation.apply(spec, 'orders', { 'appconfig.dev/refresh': '1' });

const fileOf = (simulation: Simulation, file = 'settings.json'): Record<string, unknown> =>
  JSON.parse(simulation.secretData()[file] ?? '{}');

describe('a Secret in any format', () => {
  for (const format of FORMATS) {
    it(`keeps the last value of a reference that fails, and takes the new one of another (${format})`, async () => {
      const simulation = await running(secretOnly({ format }));
      simulation.azure.setSecret(VAULT, 'db', { value: 'x', disabled: true });
      simulation.azure.setSecret(VAULT, 'other', { value: 'other-2' });
      const before = simulation.secretData();
      await applyAndRefresh(simulation, secretOnly({ format }));
      await simulation.untilReason('SecretDisabled');
      const changed = Object.entries(before).map(([key, text]) => [key, text.replace('other-1', 'other-2')]);
      expect(simulation.secretData()).to.deep.equal(Object.fromEntries(changed));
    });

    it(`is written again for a setting without reading a secret again (${format})`, async () => {
      const simulation = await running(secretOnly({ format, include: 'All' }));
      simulation.azure.calls.length = 0;
      simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
      await simulation.until(() => Object.values(simulation.secretData()).join().includes('green'));
      expect(secretReads(simulation)).to.deep.equal([]);
    });

    it(`is known to be right after a restart without reading anything (${format})`, async () => {
      const simulation = await running(secretOnly({ format, include: 'All' }));
      await simulation.stop();
      simulation.azure.calls.length = 0;
      simulation.start();
      await simulation.clock.advance(60_000);
      expect(new Set(simulation.azure.calls.map(({ kind }) => kind))).to.deep.equal(new Set(['head']));
    });
  }

  it('keeps the last value of a failed reference through a change of the format', async () => {
    const simulation = await running(secretOnly({ format: 'Yaml' }));
    simulation.azure.setSecret(VAULT, 'db', { value: 'x', disabled: true });
    await applyAndRefresh(simulation, secretOnly({ format: 'Json', separator: ':' }));
    await simulation.until(() => simulation.secretData()['settings.json'] !== undefined);
    expect(fileOf(simulation)).to.deep.equal({ password: OLD, token: 'other-1' });
  });

  it('takes no edit of a file for a value of a vault', async () => {
    const simulation = await running(secretOnly({ format: 'Json' }));
    const secret = simulation.secret();
    if (secret === undefined) throw new Error('no Secret');
    const forged = JSON.stringify({ password: 'forged', token: 'other-1' });
    const data = { 'settings.json': Buffer.from(forged).toString('base64') };
    await simulation.cluster.admin.update(SECRETS, { ...secret, data });
    await simulation.until(() => fileOf(simulation)['password'] === OLD);
  });
});

describe('a Secret that includes everything', () => {
  it('holds plain values and secrets in one file, and the ConfigMap no value of a vault', async () => {
    const simulation = await running(
      specOf({
        configMap: { name: 'orders-config', format: 'Json' },
        secret: { name: NAME, format: 'Json', include: 'All' },
      }),
    );
    expect(fileOf(simulation)).to.deep.equal({ color: 'blue', password: OLD, token: 'other-1' });
    expect(simulation.configMap()?.data).to.deep.equal({ 'settings.json': '{\n  "color": "blue"\n}\n' });
  });

  it('keeps a plain value until the reference that replaces it resolves', async () => {
    const simulation = await running(secretOnly({ format: 'Yaml', include: 'All' }));
    simulation.azure.setReference(ENDPOINT, 'color', { vault: VAULT, name: 'color' });
    simulation.azure.set(ENDPOINT, { key: 'size', value: 'L' });
    await simulation.untilReason('SecretNotFound');
    expect(simulation.secretData()['settings.yaml']).to.match(/^color: "blue"\n[\s\S]*size: "L"\n/);
  });

  it('keeps no value of another secret for a key whose reference changed', async () => {
    const simulation = await running(secretOnly({ format: 'Json', include: 'All' }));
    simulation.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'missing' });
    await simulation.untilReason('SecretNotFound');
    expect(fileOf(simulation)).to.deep.equal({ color: 'blue', token: 'other-1' });
  });
});

describe('the type of a Secret', () => {
  const tls = secretOnly({
    type: 'kubernetes.io/tls',
  });
  const keys = {
    replace: [
      { from: 'password', to: 'tls.key' },
      { from: 'token', to: 'tls.crt' },
    ],
  };

  it('is that of the spec from its creation', async () => {
    const simulation = await running({ ...tls, keys });
    expect(simulation.secret()?.type).to.equal('kubernetes.io/tls');
    expect(simulation.secretData()).to.deep.equal({ 'tls.crt': 'other-1', 'tls.key': OLD });
  });

  it('that needs other keys is told before anything is written', async () => {
    const simulation = new Simulation();
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    await simulation.apply(tls);
    simulation.start();
    await simulation.untilReason('SecretTypeUnfit');
    expect(simulation.condition('Ready')?.message).to.contain('needs the keys tls.crt and tls.key');
    expect(simulation.secret()).to.equal(undefined);
  });

  it('that would have to change is refused with the remedy, and deleting the Secret is one', async () => {
    const simulation = await running(secretOnly({}));
    await simulation.apply({ ...tls, keys });
    await simulation.untilReason('TargetNotOwned');
    expect(simulation.condition('Ready')?.message).to.match(
      /its type is Opaque instead of kubernetes\.io\/tls, .* delete it, and it is made anew/,
    );
    expect(simulation.secretData()).to.deep.equal({ password: OLD, token: 'other-1' });
    await simulation.cluster.admin.delete({ type: SECRETS, namespace: NAMESPACE, name: NAME });
    await simulation.until(() => simulation.secret()?.type === 'kubernetes.io/tls');
  });
});

describe('keys that a target cannot hold', () => {
  it('stop the writing of both targets and are named', async () => {
    const simulation = await running(baseSpec);
    simulation.azure.set(ENDPOINT, { key: 'a:b', value: 'x' });
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    await simulation.untilReason('InvalidKey');
    expect(simulation.condition('Ready')?.message).to.contain('"a:b"');
    expect(simulation.configMap()?.data).to.deep.equal({ color: 'blue' });
  });

  it('are left out with a Warning if the spec says so, and their references are not read', async () => {
    const simulation = await running({ ...baseSpec, keys: { invalid: 'Skip' } });
    simulation.azure.calls.length = 0;
    simulation.azure.set(ENDPOINT, { key: 'a:b', value: 'x' });
    simulation.azure.setReference(ENDPOINT, 'c:d', { vault: VAULT, name: 'missing' });
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'green' });
    await simulation.untilReason('InvalidKey', 'Warning');
    expect(simulation.condition('Warning')?.message)
      .to.match(
        /ConfigMap orders-config leaves out key "a:b", as spec\.keys\.invalid says; a key of a ConfigMap/,
      )
      .and.to.match(/Secret orders-secrets leaves out key "c:d"/);
    expect(simulation.condition('Ready')?.status).to.equal('True');
    expect(simulation.configMap()?.data).to.deep.equal({ color: 'green' });
    expect(secretReads(simulation)).to.deep.equal([]);
  });

  it('empty no target when they are all there is', async () => {
    const simulation = await running({ ...baseSpec, keys: { invalid: 'Skip' } });
    for (const key of ['color', 'password', 'token']) simulation.azure.delete(ENDPOINT, key);
    simulation.azure.set(ENDPOINT, { key: 'a:b', value: 'x' });
    await simulation.untilReason('InvalidKey');
    expect(simulation.configMap()?.data).to.deep.equal({ color: 'blue' });
  });

  it('are told ten at most when settings collide, and the rest is counted', async () => {
    const simulation = await running({ ...baseSpec, keys: { replace: [{ from: ':', to: '_' }] } });
    for (let index = 0; index < 12; index += 1) {
      simulation.azure.set(ENDPOINT, { key: `k${index}_x`, value: 'last' });
      simulation.azure.set(ENDPOINT, { key: `k${index}:x`, value: 'first' });
    }
    await simulation.untilReason('KeyCollision', 'Warning');
    const message = simulation.condition('Warning')?.message ?? '';
    expect(message.match(/all become key/g)).to.have.length(10);
    expect(message).to.match(/"k0_x" is used; .*; 2 more keys have several sources$/);
    expect(simulation.configMap()?.data?.['k0_x']).to.equal('last');
  });

  it('become legal by replacements', async () => {
    const simulation = await running({ ...baseSpec, keys: { replace: [{ from: ':', to: '__' }] } });
    simulation.azure.set(ENDPOINT, { key: 'a:b', value: 'x' });
    await simulation.until(() => simulation.configMap()?.data?.['a__b'] === 'x');
  });
});
