import { expect } from 'chai';
import { type Failure, throttled, unavailable } from '../../../src/domain/failure.ts';
import { PROOF_MS } from '../../../src/sources/proofs.ts';
import { KEEP_CONTENT_MS } from '../../../src/sources/selection-state.ts';
import { ENDPOINT, HOST, okValue, outcomeOf, patience, select } from './fixtures.ts';
import { a, b, c, setup } from './selections-setup.ts';

describe('Selections', () => {
  describe('observing', () => {
    it('asks once per interval, whoever asks, for identities that have proved themselves', async () => {
      const { clock, selections, observe, log } = setup();
      selections.subscribe('x', [select()]);
      await observe(a);
      await observe(b);
      expect(log()).to.deep.equal(['head a', 'head b']);
      for (let turn = 0; turn < 10; turn += 1) {
        await clock.advance(30_000);
        // The first that is due asks, the others use what it saw.
        for (const identity of [a, b]) okValue(await observe(identity, 30_000));
      }
      expect(log()).to.have.length(12);
    });

    it('asks once per interval again, soon after the clock was set back', async () => {
      const { clock, selections, observe, log } = setup();
      selections.subscribe('x', [select()]);
      const look = async () => {
        for (const identity of [a, b]) okValue(await observe(identity, 30_000));
      };
      await look();
      clock.setBack(3_600_000);
      await look();
      const before = log().length;
      for (let turn = 0; turn < 10; turn += 1) {
        await clock.advance(30_000);
        await look();
      }
      expect(log().slice(before)).to.have.length(10);
    });

    it('makes each identity see for itself, and again after ten minutes', async () => {
      const { clock, selections, observe, log } = setup();
      selections.subscribe('x', [select()]);
      for (let minute = 0; minute <= 11; minute += 1) {
        await observe(a);
        await observe(b, 60_000);
        await clock.advance(60_000);
      }
      expect(log().filter((call) => call === 'head b')).to.have.length(2);
    });

    it('asks once for callers of one identity that come together', async () => {
      const { observe, log } = setup();
      const together = await Promise.all([observe(a), observe(a), observe(a, 5_000)]);
      expect(new Set(together.map(okValue)).size).to.equal(1);
      expect(log()).to.deep.equal(['head a']);
    });

    it('gives the time at which the request began', async () => {
      const { clock, azure, observe } = setup();
      azure.delay = () => clock.sleep(500);
      const startedAt = clock.now();
      const observing = observe(a);
      await clock.advance(500);
      expect(okValue(await observing).observedAt).to.equal(startedAt);
    });

    it('gives the time by which the store held what was seen, for as long as it holds it', async () => {
      const { clock, azure, selections, observe } = setup();
      selections.subscribe('x', [select()]);
      azure.delay = () => clock.sleep(500);
      const since = async () => {
        const observing = observe(a);
        await clock.advance(500);
        return okValue(await observing).since;
      };
      const first = clock.now() + 500;
      expect(await since()).to.equal(first);
      await clock.advance(60_000);
      expect(await since()).to.equal(first);
      azure.set(ENDPOINT, { key: 'color', value: 'blue' });
      const changed = clock.now() + 500;
      expect(await since()).to.equal(changed);
    });

    it('gives no time of the future by which the store held it, soon after the clock was set back', async () => {
      const { clock, selections, observe } = setup();
      selections.subscribe('x', [select()]);
      await observe(a);
      clock.setBack(3_600_000);
      expect(okValue(await observe(a)).since).to.equal(clock.now());
    });

    it('does not give an identity without a role what another has seen', async () => {
      const { azure, observe } = setup();
      await observe(a);
      azure.revoke('b', HOST);
      expect(outcomeOf(await observe(b, 60_000))).to.equal('StoreForbidden');
    });

    it('takes the proof away with the first refusal', async () => {
      const { azure, observe } = setup();
      await observe(a);
      await observe(b);
      azure.revoke('b', HOST);
      expect(outcomeOf(await observe(b))).to.equal('StoreForbidden');
      expect(outcomeOf(await observe(b, 600_000))).to.equal('StoreForbidden');
    });

    for (const failure of [
      unavailable('StoreUnreachable', 'down'),
      throttled('StoreThrottled', 'pause', 1_000),
    ]) {
      it(`keeps the proof through ${failure.kind}`, async () => {
        const { clock, azure, observe } = setup();
        await observe(a);
        azure.fault = () => failure as Failure;
        expect(outcomeOf(await observe(a))).to.equal(outcomeOf({ ok: false, failure }));
        azure.fault = () => undefined;
        await clock.advance(2_000);
        expect(outcomeOf(await observe(a, 60_000))).to.equal('ok');
        expect(azure.calls).to.have.length(2);
      });
    }

    it('keeps selections of the same filter on different stores apart', async () => {
      const { azure, selections } = setup();
      azure.grant('a', 'other.azconfig.io');
      const read = async (endpoint: string) =>
        okValue(await selections.content(select('*', endpoint), a, { signal: patience() })).settings.length;
      expect([await read(ENDPOINT), await read('https://other.azconfig.io')]).to.deep.equal([1, 0]);
    });

    it('cancels a caller at once', async () => {
      const { azure, selections } = setup();
      azure.delay = () => new Promise(() => undefined);
      const leave = new AbortController();
      const options = { maxAgeMs: 0, signal: leave.signal };
      const waiting = [selections.observe(select(), a, options), selections.content(select(), b, options)];
      leave.abort();
      expect((await Promise.all(waiting)).map(outcomeOf)).to.deep.equal(['cancelled', 'cancelled']);
    });
  });

  describe('reading', () => {
    it('reads once for all identities that prove themselves by HEAD', async () => {
      const { colors, log } = setup();
      expect(await colors(a)).to.deep.equal(['red']);
      expect(await colors(b)).to.deep.equal(['red']);
      expect(await colors(a)).to.deep.equal(['red']);
      expect(log()).to.deep.equal(['read a', 'head b']);
    });

    it('shares a read under way', async () => {
      const { azure, clock, colors, log } = setup();
      azure.delay = (kind) => clock.sleep(kind === 'read' ? 1_000 : 10);
      const reading = [colors(a), colors(b), colors(c)];
      await clock.advance(1_000);
      expect(await Promise.all(reading)).to.deep.equal([['red'], ['red'], ['red']]);
      expect(log().sort()).to.deep.equal(['head b', 'head c', 'read a']);
    });

    it('reads again for another when the read under way fails', async () => {
      const { azure, clock, content, log } = setup();
      azure.delay = (kind) => clock.sleep(kind === 'read' ? 1_000 : 10);
      azure.fault = (kind, _host, identity) =>
        kind === 'read' && identity === a
          ? { kind: 'blocked', reason: 'StoreForbidden', message: '' }
          : undefined;
      const reading = Promise.all([content(a), content(b), content(c)]);
      await clock.advance(5_000);
      expect((await reading).map(outcomeOf)).to.deep.equal(['StoreForbidden', 'ok', 'ok']);
      expect(log().filter((call) => call.startsWith('read'))).to.have.length(2);
    });

    it('does not give an identity without a role what another has read', async () => {
      const { azure, colors, content } = setup();
      await colors(a);
      azure.revoke('b', HOST);
      expect(outcomeOf(await content(b))).to.equal('StoreForbidden');
    });

    it('lets a revoked role pass unchanged content for ten minutes at most, and changed content not at all', async () => {
      const { clock, azure, selections, observe, content, colors } = setup();
      selections.subscribe('x', [select()]);
      await colors(b);
      azure.revoke('b', HOST);
      await clock.advance(PROOF_MS - 1_000);
      await colors(a);
      await observe(a);
      expect(outcomeOf(await content(b))).to.equal('ok');
      await clock.advance(2_000);
      expect(outcomeOf(await content(b))).to.equal('StoreForbidden');
      azure.grant('b', HOST);
      await colors(b);
      azure.revoke('b', HOST);
      azure.set(ENDPOINT, { key: 'color', value: 'blue' });
      await observe(a);
      expect(outcomeOf(await content(b))).to.equal('StoreForbidden');
    });

    it('gives the new content as soon as anyone has seen the change', async () => {
      const { azure, observe, colors } = setup();
      await colors(a);
      await colors(b);
      azure.set(ENDPOINT, { key: 'color', value: 'blue' });
      await observe(a);
      expect(await colors(b)).to.deep.equal(['blue']);
      expect(await colors(a)).to.deep.equal(['blue']);
    });

    it('notices that a page has gone', async () => {
      const { azure, observe, content } = setup();
      for (let at = 0; at < 150; at += 1) azure.set(ENDPOINT, { key: `n${at}`, value: 'x' });
      const before = okValue(await observe(a)).tags;
      for (let at = 60; at < 150; at += 1) azure.delete(ENDPOINT, `n${at}`);
      const after = okValue(await observe(a)).tags;
      expect([before.etags.length, after.etags.length]).to.deep.equal([2, 1]);
      expect(okValue(await content(a)).tags).to.deep.equal(after);
    });

    it('keeps content for a minute only', async () => {
      const { clock, colors, log } = setup();
      await colors(a);
      await clock.advance(KEEP_CONTENT_MS - 1);
      await colors(a);
      await clock.advance(1);
      await colors(a);
      expect(log()).to.deep.equal(['read a', 'read a']);
    });
  });
});
