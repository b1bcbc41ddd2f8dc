import { expect } from 'chai';
import { blocked, unavailable } from '../../../src/domain/failure.ts';
import { PATIENCE_MS } from '../../../src/sources/replicas.ts';
import { failureOf, HOST, identityOf, outcomeOf, patience, select } from './fixtures.ts';
import { busy, down, EU, replicated, US } from './replicas-setup.ts';

const other = (host: string | undefined) => (host === EU ? US : EU);

describe('the hosts of a store', () => {
  it('are asked one after the other when they fail, the own one first', async () => {
    for (const failure of [down, busy, unavailable('StoreNotFound', 'no such name')]) {
      const { failing, color, asked } = replicated();
      failing.set(HOST, failure);
      expect(await color()).to.equal('red');
      expect(asked()[0]).to.equal(HOST);
      expect(asked()).to.have.length(2);
    }
  });

  it('are not asked when one refuses: the others would, too', async () => {
    for (const reason of ['StoreForbidden', 'StoreRejected', 'StoreNotFound', 'StoreFirewall'] as const) {
      const { failing, observe, asked } = replicated();
      failing.set(HOST, blocked(reason, 'no'));
      expect(outcomeOf(await observe())).to.equal(reason);
      expect(asked()).to.deep.equal([HOST]);
    }
  });

  it('are not asked when the failure is of the identity', async () => {
    const { failing, observe, asked } = replicated();
    failing.set(HOST, unavailable('EntraUnavailable', 'down'));
    expect(outcomeOf(await observe())).to.equal('EntraUnavailable');
    expect(asked()).to.deep.equal([HOST]);
  });

  it('are not asked when the binding says so', async () => {
    const { failing, observe, asked } = replicated();
    failing.set(HOST, down);
    expect(outcomeOf(await observe({ ...select(), replicas: 'ignored' }))).to.equal('StoreUnreachable');
    expect(asked()).to.deep.equal([HOST]);
  });

  it('are named when all of them fail, with the shortest pause', async () => {
    const { failing, observe } = replicated();
    failing.set(HOST, busy);
    failing.set(EU, down);
    failing.set(US, { ...busy, retryAfterMs: 5_000 } as typeof busy);
    const failure = failureOf(await observe());
    expect(failure).to.deep.include({ kind: 'throttled', reason: 'StoreThrottled' });
    expect('message' in failure && failure.message).to.equal(
      `busy Its other hosts do not serve either: ${EU} (StoreUnreachable), ${US} (StoreThrottled).`,
    );
    expect('retryAfterMs' in failure && failure.retryAfterMs).to.be.within(1, 5_000);
  });

  it('fail with the same words, in whatever order they were asked', async () => {
    const { clock, failing, observe } = replicated();
    for (const host of [EU, US, HOST]) failing.set(host, down);
    const words = new Set<string>();
    for (let round = 0; round < 10; round += 1) {
      const failure = failureOf(await observe());
      words.add('message' in failure ? failure.message : '');
      await clock.advance(7_000);
    }
    expect(words.size).to.equal(1);
  });

  it('in trouble are asked last, by all selections, until a probe in the background finds them well', async () => {
    const { clock, failing, color, observe, asked, forget } = replicated();
    await color();
    failing.set(HOST, down);
    await observe();
    forget();
    await observe(select('c*'));
    expect(asked()).not.to.include(HOST);
    failing.delete(HOST);
    await clock.advance(5_000);
    forget();
    await observe();
    await clock.settle();
    expect(asked().toSorted(), 'someone served, and the probe').to.have.length(2).and.to.include(HOST);
    forget();
    await observe();
    expect(asked()).to.deep.equal([HOST]);
  });

  it('that hang cost the first caller a moment and the others nothing', async () => {
    const { clock, azure, failing, observe } = replicated();
    failing.set(HOST, down);
    azure.delay = (_kind, host) => (host === HOST ? clock.sleep(PATIENCE_MS) : Promise.resolve());
    const startedAt = clock.now();
    const first = Promise.all(['a', 'b', 'c'].map((id) => observe(select(), identityOf(id))));
    await clock.advance(PATIENCE_MS);
    expect((await first).map(outcomeOf)).to.deep.equal(['ok', 'ok', 'ok']);
    // Whatever the time of the next probe, nobody waits for it.
    for (let second = 0; second < 200; second += 1) {
      const before = clock.now();
      await observe(select('c*'));
      expect(clock.now()).to.equal(before);
      await clock.advance(1_000);
    }
    expect(clock.now() - startedAt).to.equal(202_000);
    const probes = azure.calls.filter(({ host }) => host === HOST).length;
    expect(probes, 'rarely').to.be.within(5, 15);
  });

  it('get a short patience while another is well, and the usual one where none is', async () => {
    const { clock, azure, failing, observe } = replicated();
    await clock.settle();
    failing.set(HOST, down);
    failing.set(EU, down);
    failing.set(US, down);
    await observe();
    const patiences = azure.calls.map(({ selection }) => selection?.patienceMs);
    expect(patiences).to.deep.equal([PATIENCE_MS, PATIENCE_MS, undefined]);
  });

  it('are known before the first read, if DNS answers within a quarter of a second', async () => {
    const { clock, azure, observe } = replicated();
    const endpoint = 'https://other.azconfig.io';
    azure.grant('a', 'other.azconfig.io');
    azure.addReplica(endpoint, 'other-eu.azconfig.io');
    azure.dns = (truth) => clock.sleep(200).then(() => truth);
    const answer = observe(select('*', endpoint));
    await clock.advance(200);
    expect(outcomeOf(await answer)).to.equal('ok');
    expect(azure.calls.map(({ host, selection }) => [host, selection?.patienceMs])).to.deep.equal([
      ['other.azconfig.io', PATIENCE_MS],
    ]);
  });

  it('are not waited for any longer', async () => {
    const { clock, azure, observe, asked } = replicated();
    azure.grant('a', 'other.azconfig.io');
    azure.dns = (truth) => clock.sleep(5_000).then(() => truth);
    const answer = observe(select('*', 'https://other.azconfig.io'));
    await clock.advance(250);
    expect(asked()).to.deep.equal(['other.azconfig.io']);
    expect(outcomeOf(await answer)).to.equal('ok');
  });

  it('have no patience to keep where there is only one', async () => {
    const { azure, observe } = replicated();
    azure.removeReplica(EU);
    azure.removeReplica(US);
    await observe({ ...select(), replicas: 'ignored' });
    expect(azure.calls.map(({ selection }) => selection?.patienceMs)).to.deep.equal([undefined]);
  });

  it('share selections evenly when the load is balanced, and keep each at its host', async () => {
    const { observe, asked, forget } = replicated();
    const keys = Array.from({ length: 90 }, (_, index) => `k${index}`);
    const round = async () => {
      forget();
      for (const key of keys) await observe({ ...select(key), replicas: 'balanced' });
      return asked();
    };
    const first = await round();
    for (const host of [HOST, EU, US])
      expect(first.filter((name) => name === host).length, host).to.be.within(15, 45);
    expect(await round()).to.deep.equal(first);
  });

  it('move only the selections of a host that fails, and take them back', async () => {
    const { clock, failing, observe, asked, forget } = replicated();
    const keys = Array.from({ length: 30 }, (_, index) => `k${index}`);
    const round = async () => {
      forget();
      const hosts: (string | undefined)[] = [];
      for (const key of keys) {
        const before = asked('head').length;
        await observe({ ...select(key), replicas: 'balanced' });
        hosts.push(
          asked('head')
            .slice(before)
            .find((host) => !failing.has(host)),
        );
      }
      return hosts;
    };
    const first = await round();
    failing.set(EU, down);
    const second = await round();
    for (const [index, host] of first.entries())
      if (host !== EU) expect(second[index]).to.equal(host);
      else expect([HOST, US]).to.include(second[index]);
    failing.delete(EU);
    await clock.advance(60_000);
    await observe(select());
    await clock.settle();
    expect(await round()).to.deep.equal(first);
  });

  it('leave at once with a caller who gave up', async () => {
    const { failing, selections, asked } = replicated();
    failing.set(HOST, down);
    const signal = AbortSignal.abort();
    const answer = await selections.observe(select(), identityOf('a'), { maxAgeMs: 0, signal });
    expect(outcomeOf(answer)).to.equal('cancelled');
    expect(asked()).to.deep.equal([]);
    expect(patience().aborted).to.equal(false);
  });

  it('spread the selections of a store that is down over its replicas', async () => {
    const { failing, observe, asked, forget } = replicated();
    failing.set(HOST, down);
    await observe();
    forget();
    for (let index = 0; index < 30; index += 1) await observe(select(`k${index}`));
    const first = asked('head')[0];
    expect(asked('head').filter((host) => host === other(first)).length).to.be.within(5, 25);
  });
});
