import { expect } from 'chai';
import { useOperator } from '../../support/real/running.ts';
import type { Team } from '../../support/real/team.ts';

describe('all secrets of a vault, on a real cluster', function () {
  this.timeout(180_000);
  const running = useOperator();

  const apply = async (team: Team, all: object): Promise<void> => {
    const { store: _, selectors: __, target, ...rest } = team.spec();
    await team.apply({
      ...rest,
      keyVault: { all: [{ vault: team.vault, ...all }] },
      target: { ...(target.secret ? { secret: target.secret } : {}) },
    });
  };

  it('come and go, more than a page of them, without a store', async () => {
    const team = await running().team();
    const names = Array.from({ length: 30 }, (_, index) => `orders-${index}`);
    for (const name of names) await team.setSecret(name, `value of ${name}`);
    await team.setSecret('mail', 'not selected');
    await team.azure.issueCertificate({ vault: team.vault, name: 'orders-web' });
    await apply(team, { prefix: 'orders-' });
    await team.untilReady();
    expect(await team.secretData()).to.deep.equal(
      Object.fromEntries(names.map((name) => [name, `value of ${name}`])),
    );
    expect((await team.condition('Ready'))?.message).to.include(`30 secrets of ${team.vaultHost}`);
    await team.setSecret('orders-0', 'rotated');
    await team.setSecret('orders-new', 'new');
    await team.azure.deleteSecret({ vault: team.vault, name: 'orders-1' });
    await team.refresh('1');
    await team.until('the changes', async () => {
      const data = await team.secretData();
      return data['orders-0'] === 'rotated' && data['orders-new'] === 'new' && !('orders-1' in data);
    });
    expect(
      await team.azure.requests({ service: 'appconfig', host: `${team.store}.azconfig.io` }),
    ).to.deep.equal([]);
  });

  it('stay where they are when the vault may not be listed any more', async () => {
    const team = await running().team();
    await team.setSecret('db', 'first');
    await apply(team, {});
    await team.untilReady();
    const principal = team.app.clientId;
    await team.azure.removeRole({ role: 'KeyVaultSecretsUser', principal, vault: team.vault });
    await team.refresh('1');
    const ready = await team.untilCondition('Ready', 'False', 'VaultForbidden');
    expect(ready.message).to.include(`may not list the secrets of ${team.vaultHost}`);
    expect(await team.secretData()).to.deep.equal({ db: 'first' });
    const { remedies = [] } = await team.status();
    expect(remedies[0]?.commands.join('\n')).to.include('--role "Key Vault Secrets User"');
    await team.azure.assignRole({ role: 'KeyVaultSecretsUser', principal, vault: team.vault });
    await team.untilReady();
  });

  it('need a Secret, as the API server says', async () => {
    const team = await running().team();
    const { store: _, selectors: __, ...rest } = team.spec();
    const spec = {
      ...rest,
      keyVault: { all: [{ vault: team.vault }] },
      target: { configMap: { name: 'c' } },
    };
    const refused = await team.apply(spec).catch(String);
    expect(refused).to.include('keyVault.all needs a Secret for what it reads: set target.secret');
  });
});
