import { expect } from 'chai';
import { check } from '../../src/adapters/schema/check.ts';
import type { BindingSpec } from '../../src/api/schema.ts';
import type { KubernetesObject } from '../../src/ports/kubernetes.ts';
import { CONFIG_MAPS } from '../support/memory-cluster/index.ts';
import { baseSpec, ENDPOINT, NAMESPACE, Simulation, VAULT } from '../support/simulation.ts';

const SECRET = 'hunter2-very-secret';
type Validate = NonNullable<BindingSpec['validate']>;

const gated = (validate: Validate, changes: Partial<BindingSpec> = {}): BindingSpec => ({
  ...baseSpec,
  ...changes,
  validate,
});
const inline = (schema: object): Validate => ({ schema: { inline: JSON.stringify(schema) } });
const TIMEOUT = { properties: { timeout: { pattern: '^[0-9]+$' } }, required: ['timeout'] };

class Gated extends Simulation {
  constructor() {
    super();
    this.azure.set(ENDPOINT, { key: 'timeout', value: '10' });
    this.azure.setSecret(VAULT, 'db', { value: SECRET });
    this.azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
  }

  async synced(spec: BindingSpec): Promise<void> {
    await this.apply(spec);
    this.start();
    await this.untilReady();
  }

  async refused(reason = 'ValidationFailed'): Promise<string> {
    await this.untilReason(reason);
    expect(JSON.stringify([this.binding()?.status, this.events, this.logger.lines])).not.to.include(SECRET);
    return this.condition('Ready')?.message ?? '';
  }

  /** Creates or changes the ConfigMap with the schema. */
  async schema(schema: unknown, key = 'schema.json'): Promise<void> {
    const metadata = { namespace: NAMESPACE, name: 'orders-schema' };
    const data = { [key]: JSON.stringify(schema) };
    const object: KubernetesObject & { data: object } = { metadata, data };
    const found = this.configMap('orders-schema');
    if (found === undefined) await this.cluster.admin.create(CONFIG_MAPS, object);
    else await this.cluster.admin.update(CONFIG_MAPS, { ...found, data } as typeof object);
  }
}

describe('the gate before the targets', () => {
  it('keeps a change out that breaks the schema, names the key, and lets the next one in', async () => {
    const simulation = new Gated();
    await simulation.synced(gated(inline(TIMEOUT)));
    simulation.azure.set(ENDPOINT, { key: 'timeout', value: 'soon' });
    simulation.azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    expect(await simulation.refused()).to.equal(
      'new content is not written, spec.validate refuses it: key "timeout" must match ^[0-9]+$; correct it in the store, or correct spec.validate',
    );
    expect(simulation.configMap()?.data).to.deep.equal({ timeout: '10' });
    expect(simulation.events.map(({ reason }) => reason)).to.include('ValidationFailed');
    simulation.azure.set(ENDPOINT, { key: 'timeout', value: '20' });
    await simulation.untilReady();
    expect(simulation.configMap()?.data).to.deep.equal({ timeout: '20', color: 'blue' });
  });

  it('creates nothing from content that does not pass', async () => {
    const simulation = new Gated();
    await simulation.apply(gated({ requiredKeys: ['timeout', 'region', 'password'] }));
    simulation.start();
    expect(await simulation.refused()).to.include('key "region" is missing');
    expect([simulation.configMap(), simulation.secret()]).to.deep.equal([undefined, undefined]);
    simulation.azure.set(ENDPOINT, { key: 'region', value: 'eu' });
    await simulation.untilReady();
  });

  it('holds secrets to the schema and never says what they are', async () => {
    const simulation = new Gated();
    const schema = { properties: { password: { type: 'string', maxLength: 5 } } };
    await simulation.apply(gated(inline(schema)));
    simulation.start();
    expect(await simulation.refused()).to.include('key "password" must have at most 5 characters');
    simulation.azure.setSecret(VAULT, 'db', { value: 'short' });
    await simulation.untilReady();
    expect(simulation.secretData()).to.deep.equal({ password: 'short' });
  });

  it('checks a secret that was rotated, and keeps the last good one', async () => {
    const simulation = new Gated();
    await simulation.synced(gated(inline({ properties: { password: { minLength: 5 } } })));
    simulation.azure.setSecret(VAULT, 'db', { value: 'bad' });
    await simulation.refused();
    expect(simulation.secretData()).to.deep.equal({ password: SECRET });
  });

  it('shows the schema a hierarchy where a target has a separator', async () => {
    const simulation = new Gated();
    simulation.azure.set(ENDPOINT, { key: 'retry:limit', value: '7', contentType: 'application/json' });
    const target = {
      configMap: { name: 'orders-config', format: 'Json', separator: ':' },
      secret: { name: 'orders-secrets' },
    } as const;
    const schema = { properties: { retry: { properties: { limit: { type: 'integer', maximum: 5 } } } } };
    await simulation.apply(gated(inline(schema), { target }));
    simulation.start();
    expect(await simulation.refused()).to.include('key "retry:limit" must be at most 5');
    simulation.azure.set(ENDPOINT, { key: 'retry:limit', value: '3', contentType: 'application/json' });
    await simulation.untilReady();
  });

  it('says that a reference fails, not that its key is missing', async () => {
    const simulation = new Gated();
    simulation.azure.deleteSecret(VAULT, 'db');
    await simulation.apply(gated(inline({ required: ['password'] })));
    simulation.start();
    await simulation.refused('SecretNotFound');
    simulation.azure.setSecret(VAULT, 'db', { value: SECRET });
    await simulation.untilReady();
  });

  it('follows a schema in a ConfigMap, from its creation, through each change', async () => {
    const simulation = new Gated();
    const spec = gated({ schema: { configMap: { name: 'orders-schema' } } });
    await simulation.apply(spec);
    simulation.start();
    expect(await simulation.refused('SchemaNotFound')).to.include('shop/orders-schema does not exist');
    await simulation.schema(TIMEOUT, 'other.json');
    await simulation.until(() => simulation.condition('Ready')?.message.includes('has no key') ?? false);
    await simulation.schema(TIMEOUT);
    await simulation.untilReady();
    await simulation.schema({ properties: { timeout: { maxLength: 1 } } });
    const before = simulation.clock.now();
    expect(await simulation.refused()).to.include('key "timeout" must have at most 1 characters');
    expect(simulation.clock.now() - before).to.be.at.most(40_000);
    expect(simulation.configMap()?.data).to.deep.equal({ timeout: '10' });
    await simulation.schema({ properties: { timeout: { maxLength: 2 } } });
    await simulation.untilReady();
  });

  it('writes nothing while nothing changes, and looks at the schema once per refresh', async () => {
    const simulation = new Gated();
    await simulation.schema(TIMEOUT);
    await simulation.apply(gated({ schema: { configMap: { name: 'orders-schema' } } }));
    let looks = 0;
    const counting = (call: { readonly verb: string; readonly name: string | undefined }) => {
      if (call.verb === 'get' && call.name === 'orders-schema') looks += 1;
      return 'proceed' as const;
    };
    simulation.start(counting);
    await simulation.untilReady();
    await simulation.clock.advance(60_000);
    const { writes } = simulation.client ?? {};
    looks = 0;
    await simulation.clock.advance(100_000);
    expect(looks).to.be.within(2, 4);
    expect(simulation.client?.writes).to.equal(writes);
    // Another process finds the version of the schema in the hashes of the targets, and reads nothing.
    await simulation.stop();
    const reads = simulation.azure.calls.filter(({ kind }) => kind !== 'head').length;
    simulation.start(counting);
    await simulation.clock.advance(20_000);
    expect(simulation.azure.calls.filter(({ kind }) => kind !== 'head').length).to.equal(reads);
    expect(simulation.client?.writes).to.equal(0);
  });

  it('says what is wrong with the schema itself', async () => {
    const simulation = new Gated();
    await simulation.apply(gated({ schema: { inline: '{' } }));
    simulation.start();
    expect(await simulation.refused('SchemaUnusable')).to.include('it is not the JSON text');
    await simulation.apply(gated(inline(TIMEOUT)));
    await simulation.untilReady();
  });

  it('lets a feature flag through beside content that passed', async () => {
    const simulation = new Gated();
    const target = {
      configMap: { name: 'orders-config', format: 'Json' },
      secret: { name: 'orders-secrets' },
    } as const;
    const strict = {
      ...TIMEOUT,
      properties: { ...TIMEOUT.properties, password: {} },
      additionalProperties: false,
    };
    const flag = (enabled: boolean) =>
      simulation.azure.set(ENDPOINT, {
        key: '.appconfig.featureflag/Beta',
        value: JSON.stringify({ id: 'Beta', enabled }),
        contentType: 'application/vnd.microsoft.appconfig.ff+json;charset=utf-8',
      });
    flag(false);
    await simulation.synced(gated(inline(strict), { target, featureFlags: {} }));
    flag(true);
    await simulation.until(
      () => simulation.configMap()?.data?.['settings.json']?.includes('"enabled": true') ?? false,
    );
    await simulation.untilReady();
  });

  it('writes nothing unchecked while there is no thread to check with, says so, and goes on by itself', async () => {
    const simulation = new Gated();
    let starved = false;
    simulation.schemas = {
      validate: async (schema, content) =>
        starved ? { kind: 'unchecked', problem: 'no threads are left' } : check(schema, content),
    };
    await simulation.synced(gated(inline(TIMEOUT)));
    starved = true;
    simulation.azure.set(ENDPOINT, { key: 'timeout', value: '20' });
    expect(await simulation.refused('SchemaUnusable')).to.contain('could not be checked');
    expect(simulation.configMap()?.data?.['timeout']).to.equal('10');
    expect(simulation.condition('Stalled')).to.equal(undefined);
    starved = false;
    await simulation.untilReady();
    expect(simulation.configMap()?.data?.['timeout']).to.equal('20');
  });

  it('delays no other binding while it checks for long', async () => {
    const simulation = new Gated();
    let checks = 0;
    const slow = async (schema: string, content: string) => {
      checks += 1;
      await simulation.clock.sleep(60_000);
      return check(schema, content);
    };
    simulation.schemas = { validate: slow };
    const other = { configMap: { name: 'other-config' }, secret: { name: 'other-secrets' } };
    await simulation.apply({ ...baseSpec, target: other }, 'other');
    for (let n = 0; n < 20; n += 1) {
      const target = { configMap: { name: `slow-${n}` }, secret: { name: `slow-secret-${n}` } };
      await simulation.apply(gated(inline({}), { target }), `slow-${n}`);
    }
    simulation.start();
    await simulation.untilReady('other');
    await simulation.until(() => checks === 20, 10_000);
    simulation.azure.set(ENDPOINT, { key: 'timeout', value: '20' });
    await simulation.until(() => simulation.configMap('other-config')?.data?.['timeout'] === '20', 40_000);
  });

  it('reads once for a refresh that is asked for, although it refuses what that gives', async () => {
    const simulation = new Gated();
    await simulation.synced(gated(inline(TIMEOUT)));
    simulation.azure.set(ENDPOINT, { key: 'timeout', value: 'soon' });
    await simulation.refused();
    await simulation.apply(gated(inline(TIMEOUT)), 'orders', { 'appconfig.dev/refresh': 'now' });
    await simulation.until(() => simulation.binding()?.status?.lastHandledRefresh === 'now', 60_000);
    const from = simulation.azure.calls.length;
    await simulation.clock.advance(3_600_000);
    const secrets = simulation.azure.calls.slice(from).filter(({ kind }) => kind === 'secret');
    // As often as without: every five minutes.
    expect(secrets.length).to.be.at.most(13);
  });
});
