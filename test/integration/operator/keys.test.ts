import { expect } from 'chai';
import { useOperator } from '../../support/real/running.ts';

/** How keys of the store become keys of the targets, as kubectl shows it. */
describe('the keys of a binding on a real cluster', function () {
  this.timeout(180_000);
  const running = useOperator();

  it('lose the longest prefix that fits, and are then replaced in order', async () => {
    const team = await running().team();
    for (const key of ['app:db:host', 'app:orders:db/port']) await team.set(key, key);
    const replace = [
      { from: '/', to: ':' },
      { from: ':', to: '__' },
    ];
    await team.apply(team.spec({ keys: { trimPrefixes: ['app:', 'app:orders:'], replace } }));
    await team.untilReady();
    expect((await team.configMap())?.data).to.deep.equal({
      db__host: 'app:db:host',
      db__port: 'app:orders:db/port',
    });
  });

  it('that no target can hold are named, ten at most, and nothing is written until they are skipped', async () => {
    const team = await running().team();
    await team.set('good', '1');
    for (let number = 10; number < 22; number++) await team.set(`bad:${number}`, '1');
    await team.apply();
    const ready = await team.untilCondition('Ready', 'False', 'InvalidKey');
    expect(ready.message).to.include('12 keys: "bad:10"').and.to.include('"bad:19" and 2 more;');
    expect(ready.message).not.to.include('"bad:20"');
    expect(await team.configMap()).to.equal(undefined);
    await team.edit({ keys: { invalid: 'Skip' } });
    await team.untilReady();
    expect((await team.configMap())?.data).to.deep.equal({ good: '1' });
    await team.untilCondition('Warning', 'True', 'InvalidKey');
  });

  it('that become one are a warning, and the ordinally last is used', async () => {
    const team = await running().team();
    await team.set('a:x', 'first');
    await team.set('b:x', 'last');
    await team.apply(team.spec({ keys: { trimPrefixes: ['a:', 'b:'] } }));
    const warning = await team.untilCondition('Warning', 'True', 'KeyCollision');
    expect(warning.message).to.include('"a:x", "b:x"');
    expect((await team.configMap())?.data).to.deep.equal({ x: 'last' });
  });
});
