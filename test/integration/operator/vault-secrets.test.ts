import { expect } from 'chai';
import { useOperator } from '../../support/real/running.ts';

describe('secrets that a binding names itself, on a real cluster', function () {
  this.timeout(180_000);
  const running = useOperator();

  it('are written without a store, and follow their rotation', async () => {
    const team = await running().team();
    await team.setSecret('db', 'first');
    const { store: _, selectors: __, target, ...rest } = team.spec();
    await team.apply({
      ...rest,
      keyVault: { secrets: [{ vault: team.vault, name: 'db', key: 'password' }] },
      target: { ...(target.secret ? { secret: target.secret } : {}) },
    });
    await team.untilReady();
    expect(await team.secretData()).to.deep.equal({ password: 'first' });
    expect((await team.condition('Ready'))?.message).to.include(`1 secrets of ${team.vault}.vault.azure.net`);
    await team.setSecret('db', 'second');
    await team.refresh('1');
    await team.until('the rotation', async () => (await team.secretData())['password'] === 'second');
    expect(
      await team.azure.requests({ service: 'appconfig', host: `${team.store}.azconfig.io` }),
    ).to.deep.equal([]);
  });
});
