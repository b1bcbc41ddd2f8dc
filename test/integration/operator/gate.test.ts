import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { HELD, letReady } from '../../support/real/held-pods.ts';
import { useOperator } from '../../support/real/running.ts';
import { generationOf, readsKey, withWorkloads } from '../../support/real/workloads.ts';

describe('the gate before the targets', function () {
  this.timeout(180_000);
  const running = useOperator({ flags: ['--drift-interval=2s'] });

  const TIMEOUT = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    required: ['color'],
    properties: { color: { enum: ['blue', 'green'] }, password: { maxLength: 20 } },
  };

  it('keeps content out that breaks the schema, says which key, and never the value of a secret', async () => {
    const team = await running().syncedTeam();
    await team.edit({ validate: { schema: { inline: JSON.stringify(TIMEOUT) } } });
    await team.untilReady();
    const refusedValue = `refused-${randomBytes(16).toString('hex')}`;
    await team.setSecret('db', refusedValue);
    await team.edit({ keyVault: { refreshInterval: '1m' } });
    await team.refresh('now');
    const refused = await team.untilCondition('Ready', 'False', 'ValidationFailed');
    expect(refused.message).to.include('key "password" must have at most 20 characters');
    expect(await team.secretData()).to.deep.equal({ password: 's3cret' });
    expect((await team.untilEvent('ValidationFailed')).note).to.include('key "password"');
    const told = JSON.stringify([await team.status(), await team.events(), await running().operator.log()]);
    expect(told).to.include('ValidationFailed');
    for (const value of [refusedValue, Buffer.from(refusedValue).toString('base64').slice(0, -4), 's3cret'])
      expect(told).not.to.include(value);
    await team.setSecret('db', 'n3wer');
    await team.refresh('again');
    await team.untilReady();
    expect(await team.secretData()).to.deep.equal({ password: 'n3wer' });
  });

  it('follows a schema in a ConfigMap', async () => {
    const team = await running().syncedTeam();
    const { namespace, objects } = team;
    await team.edit({
      validate: { schema: { configMap: { name: 'orders-schema' } }, requiredKeys: ['color'] },
    });
    await team.untilCondition('Ready', 'False', 'SchemaNotFound');
    const data = { 'schema.json': JSON.stringify(TIMEOUT) };
    await objects.create('configmaps', namespace, { metadata: { name: 'orders-schema' }, data });
    await team.untilReady();
    await team.set('color', 'red');
    await team.untilCondition('Ready', 'False', 'ValidationFailed');
    expect((await team.configMap())?.data).to.deep.equal({ color: 'blue' });
    const wider = { ...TIMEOUT, properties: {} };
    await objects.patch('configmaps', namespace, 'orders-schema', {
      data: { 'schema.json': JSON.stringify(wider) },
    });
    await team.until('the change', async () => (await team.configMap())?.data?.['color'] === 'red');
    await team.untilReady();
  });

  it('outlives a pattern that backtracks without end, and goes on serving others', async () => {
    const [team, other] = [await running().syncedTeam(), await running().syncedTeam()];
    const evil = { properties: { color: { pattern: '^(b+)+$' } } };
    await team.set('color', `${'b'.repeat(60)}!`);
    await team.edit({ validate: { schema: { inline: JSON.stringify(evil) } } });
    const refused = await team.untilCondition('Ready', 'False', 'SchemaUnusable');
    expect(refused.message).to.include('takes too long');
    await other.set('color', 'green');
    await other.until('the other team', async () => (await other.configMap())?.data?.['color'] === 'green');
  });

  it('lets a rollout go on to its end, and the restart that is due after it be made, while it refuses newer content', async () => {
    const team = await running().team();
    const workloads = [readsKey('a', 'color', HELD), readsKey('b', 'color')];
    await team.kubectl(['apply', '-f', '-'], workloads[0]);
    await letReady(team, 'a');
    await withWorkloads(team, workloads, { minInterval: '0s' });
    await team.edit({ validate: { schema: { inline: '{"properties": {"size": {"maxLength": 5}}}' } } });
    await team.untilReady();
    const [a, b] = [await generationOf(team, 'a'), await generationOf(team, 'b')];
    const rollouts = async () =>
      Object.fromEntries(((await team.status()).rollouts ?? []).map(({ name, phase }) => [name, phase]));
    await team.set('color', 'green');
    await team.until('the first to roll out, and the second to wait', async () => {
      const phases = await rollouts();
      return phases['a'] === 'Progressing' && phases['b'] === 'Pending';
    });
    await team.set('size', 'endless');
    await team.untilCondition('Ready', 'False', 'ValidationFailed');
    expect(await rollouts()).to.deep.equal({ a: 'Progressing', b: 'Pending' });
    await letReady(team, 'a');
    await team.until('the restart of the second', async () => (await generationOf(team, 'b')) === b + 1);
    await team.untilCondition('RolloutsComplete', 'True', 'Completed');
    expect(await team.status()).to.include({ rollout: '2/2' });
    expect(await team.condition('Ready')).to.include({ status: 'False', reason: 'ValidationFailed' });
    expect((await team.configMap())?.data).to.deep.equal({ color: 'green', size: 'large' });
    expect(await generationOf(team, 'a')).to.equal(a + 1);
  });
});
