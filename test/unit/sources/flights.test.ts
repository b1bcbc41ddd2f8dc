import { expect } from 'chai';
import { ok, type Result } from '../../../src/domain/failure.ts';
import { Flights } from '../../../src/sources/flights.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { deferred, outcomeOf, patience } from './fixtures.ts';

describe('Flights', () => {
  it('share work under one key, and start anew when it has ended', async () => {
    const flights = new Flights<number>(new VirtualClock());
    let runs = 0;
    const work = async () => ok(++runs);
    const together = await Promise.all([1, 2, 3].map(() => flights.join('a', patience(), work)));
    expect(together).to.deep.equal([ok(1), ok(1), ok(1)]);
    expect(await flights.join('a', patience(), work)).to.deep.equal(ok(2));
    expect(await flights.join('b', patience(), work)).to.deep.equal(ok(3));
  });

  it('let one caller leave at once while the others wait on', async () => {
    const flights = new Flights<number>(new VirtualClock());
    const end = deferred<Result<number>>();
    let aborted = false;
    const work = (signal: AbortSignal) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return end.promise;
    };
    const leave = new AbortController();
    const [first, second] = [flights.join('a', leave.signal, work), flights.join('a', patience(), work)];
    leave.abort();
    expect(outcomeOf(await first)).to.equal('cancelled');
    expect(aborted).to.equal(false);
    end.resolve(ok(7));
    expect(await second).to.deep.equal(ok(7));
  });

  it('abort the work when the last caller has left, and start anew for the next', async () => {
    const flights = new Flights<number>(new VirtualClock());
    const signals: AbortSignal[] = [];
    const work = (signal: AbortSignal) => {
      signals.push(signal);
      return signals.length === 1 ? new Promise<Result<number>>(() => undefined) : Promise.resolve(ok(2));
    };
    const leave = new AbortController();
    const first = flights.join('a', leave.signal, work);
    leave.abort();
    expect(outcomeOf(await first)).to.equal('cancelled');
    expect(signals[0]?.aborted).to.equal(true);
    expect(await flights.join('a', patience(), work)).to.deep.equal(ok(2));
  });

  it('do not start for a caller that has already given up', async () => {
    const flights = new Flights<number>(new VirtualClock());
    let started = false;
    const result = await flights.join('a', AbortSignal.abort(), async () => {
      started = true;
      return ok(1);
    });
    expect([outcomeOf(result), started]).to.deep.equal(['cancelled', false]);
  });

  it('do not give a caller work that began too long ago', async () => {
    const clock = new VirtualClock();
    const flights = new Flights<number>(clock);
    const old = deferred<Result<number>>();
    const first = flights.join('a', patience(), () => old.promise);
    await clock.advance(100);
    const young = flights.join('a', patience(), async () => ok(2), clock.now() - 50);
    expect(await young).to.deep.equal(ok(2));
    old.resolve(ok(1));
    expect(await first).to.deep.equal(ok(1));
  });

  it('hand an exception of the work to every caller', async () => {
    const flights = new Flights<number>(new VirtualClock());
    const work = () => Promise.reject(new Error('bug'));
    const callers = [1, 2].map(() => flights.join('a', patience(), work).catch(String));
    expect(await Promise.all(callers)).to.deep.equal(['Error: bug', 'Error: bug']);
  });
});
