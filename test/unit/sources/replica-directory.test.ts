import { expect } from 'chai';
import type { FoundReplicas } from '../../../src/ports/replicas.ts';
import { FIRST_RETRY_MS, LOOKUP_MS, REFRESH_MS } from '../../../src/sources/replica-directory.ts';
import { HOST, patience } from './fixtures.ts';
import { EU, replicated, US } from './replicas-setup.ts';

const nothing: FoundReplicas = { replicas: [], complete: false };

describe('the directory of replicas', () => {
  const setup = async () => {
    const world = replicated();
    await world.clock.settle();
    const names = () => world.directory.known(HOST).map(({ host }) => host);
    return { ...world, names };
  };
  /** DNS that never answers, and obeys its signal. */
  const silence = (_truth: FoundReplicas, signal: AbortSignal) =>
    new Promise<FoundReplicas>((resolve) => signal.addEventListener('abort', () => resolve(nothing)));

  it('knows what DNS names, and asks again after half an hour', async () => {
    const { clock, azure, names } = await setup();
    expect(names()).to.deep.equal([EU, US]);
    azure.removeReplica(US);
    await clock.advance(REFRESH_MS - 1);
    expect(names()).to.deep.equal([EU, US]);
    expect(azure.lookups).to.equal(1);
    await clock.advance(REFRESH_MS / 10);
    names();
    await clock.settle();
    expect(names()).to.deep.equal([EU]);
    expect(azure.lookups).to.equal(2);
  });

  it('asks once for all who want to know at the same time', async () => {
    const { azure, clock, directory } = replicated();
    for (let index = 0; index < 10; index += 1) directory.known(HOST);
    await Promise.all([0, 1].map(() => directory.firstLookup(HOST, 2_000, patience())));
    await clock.settle();
    expect(azure.lookups).to.equal(1);
  });

  it('keeps what it knows while DNS is in trouble, and asks again ever more rarely', async () => {
    const { clock, azure, names } = await setup();
    azure.dns = () => Promise.resolve(nothing);
    const times: number[] = [];
    for (let lookups = azure.lookups, minute = 0; minute < 240; minute += 1) {
      await clock.advance(60_000);
      expect(names()).to.deep.equal([EU, US]);
      await clock.settle();
      if (azure.lookups > lookups) times.push(minute);
      lookups = azure.lookups;
    }
    expect(times.length).to.be.within(8, 13);
  });

  it('adds what an incomplete answer names, and takes nothing away for it', async () => {
    const { clock, azure, names } = await setup();
    azure.dns = () =>
      Promise.resolve({
        replicas: [{ host: 'shop-asia.azconfig.io', priority: 0, weight: 0 }],
        complete: false,
      });
    await clock.advance(REFRESH_MS * 2);
    names();
    await clock.settle();
    expect(names().toSorted()).to.deep.equal(['shop-asia.azconfig.io', EU, US]);
  });

  it('lets nobody wait longer than he likes, from the first question on', async () => {
    const { clock, azure, directory } = replicated();
    azure.dns = silence;
    const fresh = 'other.azconfig.io';
    const waited = async (patienceMs: number) => {
      const startedAt = clock.now();
      await directory.firstLookup(fresh, patienceMs, patience());
      return clock.now() - startedAt;
    };
    const first = Promise.all([waited(250), waited(2_000)]);
    await clock.advance(1_000);
    const second = Promise.all([waited(250), waited(2_000)]);
    await clock.advance(LOOKUP_MS);
    expect([await first, await second, await waited(2_000)]).to.deep.equal([[250, 2_000], [0, 1_000], 0]);
  });

  it('lets those who wait go on as soon as DNS has answered', async () => {
    const { clock, directory } = replicated();
    await directory.firstLookup('other.azconfig.io', 2_000, patience());
    expect(clock.now()).to.equal(Date.UTC(2026, 0, 1));
  });

  it('lets a caller go who gave up', async () => {
    const { clock, azure, directory } = replicated();
    azure.dns = silence;
    const caller = new AbortController();
    const waiting = directory.firstLookup('other.azconfig.io', 2_000, caller.signal);
    caller.abort();
    await waiting;
    expect(clock.now()).to.equal(Date.UTC(2026, 0, 1));
  });

  it('asks again soon when no host answers, though not all the time', async () => {
    const { clock, azure, directory } = await setup();
    for (let second = 0; second < 120; second += 1) {
      directory.doubt(HOST);
      await clock.advance(1_000);
    }
    expect(azure.lookups - 1).to.be.within(2, 120_000 / FIRST_RETRY_MS);
  });

  it('takes an exception for an answer in vain: nothing ends, and it is asked again as after any other', async () => {
    const { azure, clock, names } = await setup();
    azure.dns = () => Promise.reject(new Error('bug'));
    await clock.advance(2 * REFRESH_MS);
    const { lookups } = azure;
    for (let turn = 0; turn < 5; turn += 1) {
      expect(names()).to.deep.equal([EU, US]);
      await clock.settle();
    }
    expect([azure.lookups - lookups, clock.pending]).to.deep.equal([1, 0]);
  });

  it('leaves no timer behind', async () => {
    const { clock, azure, directory } = await setup();
    await directory.firstLookup('other.azconfig.io', 2_000, patience());
    azure.dns = silence;
    void directory.firstLookup('third.azconfig.io', 2_000, patience());
    await clock.advance(LOOKUP_MS);
    expect(clock.pending).to.equal(0);
  });

  it('forgets stores that nobody asks about', async () => {
    const { clock, azure, directory, names } = await setup();
    await clock.advance(5 * REFRESH_MS);
    directory.known('other.azconfig.io');
    azure.dns = () => Promise.resolve(nothing);
    expect(names()).to.deep.equal([]);
  });
});
