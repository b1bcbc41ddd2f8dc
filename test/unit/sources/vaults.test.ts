import { expect } from 'chai';
import { type Result, throttled, unavailable } from '../../../src/domain/failure.ts';
import { referenceUri } from '../../../src/domain/secrets/references.ts';
import type { SecretReference, SecretValue } from '../../../src/domain/secrets/secret.ts';
import type { SecretAnswer } from '../../../src/ports/azure.ts';
import { BURST_MS, REFUSAL_MS } from '../../../src/sources/burst.ts';
import { Gate } from '../../../src/sources/gate.ts';
import { Vaults } from '../../../src/sources/vaults.ts';
import { MemoryAzure } from '../../support/memory-azure.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { deferred, identityOf, outcomeOf, patience, VAULT } from './fixtures.ts';

const OTHER = 'other.vault.azure.net';
const reference = (name: string, vault = VAULT): SecretReference => ({ vault, name });
const resultsOf = (answers: ReadonlyMap<string, SecretAnswer>): Map<string, Result<SecretValue>> =>
  new Map([...answers].map(([uri, { result }]) => [uri, result]));

describe('Vaults', () => {
  function setup(room?: number) {
    const clock = new VirtualClock();
    const azure = new MemoryAzure();
    for (const client of ['a', 'b']) for (const vault of [VAULT, OTHER]) azure.grant(client, vault);
    for (const name of ['one', 'two']) azure.setSecret(VAULT, name, { value: `${name}!` });
    azure.setSecret(OTHER, 'one', { value: 'other!' });
    const gate = new Gate({ clock });
    const vaults = new Vaults({ reader: azure, gate, clock, ...(room === undefined ? {} : { room }) });
    const readAll = async (references: readonly SecretReference[], client = 'a', oldest = -Infinity) =>
      resultsOf(await vaults.read(references, identityOf(client), { signal: patience(), oldest }));
    /** The value, or the reason there is none. */
    const read = async (name: string, { client = 'a', vault = VAULT, oldest = -Infinity } = {}) => {
      const [result] = (await readAll([reference(name, vault)], client, oldest)).values();
      return result?.ok ? result.value.value : result && outcomeOf(result);
    };
    return { clock, azure, vaults, readAll, read };
  }

  it('reads equal references once and gives each its result', async () => {
    const { azure, readAll } = setup();
    const results = await readAll([
      reference('one'),
      reference('two'),
      reference('one'),
      reference('missing'),
    ]);
    expect(azure.calls).to.have.length(3);
    expect([...results].map(([key, result]) => [key, outcomeOf(result)])).to.deep.equal([
      [referenceUri(reference('one')), 'ok'],
      [referenceUri(reference('two')), 'ok'],
      [referenceUri(reference('missing')), 'SecretNotFound'],
    ]);
  });

  it('shares reads of one identity that run together, and none between identities', async () => {
    const { azure, read } = setup();
    await Promise.all([read('one'), read('one'), read('one', { client: 'b' })]);
    expect(azure.calls).to.have.length(2);
  });

  it('shares what was read within a burst, of one vault as one identity', async () => {
    const { azure, clock, read } = setup();
    expect(await read('one')).to.equal('one!');
    azure.setSecret(VAULT, 'one', { value: 'rotated' });
    await clock.advance(BURST_MS - 1);
    expect(await read('one')).to.equal('one!');
    expect(await read('one', { client: 'b' })).to.equal('rotated');
    expect(await read('one', { vault: OTHER })).to.equal('other!');
    expect(azure.calls).to.have.length(3);
  });

  it('ends a burst by itself: nothing is held any more, and the next caller reads again', async () => {
    const { azure, clock, vaults, readAll, read } = setup();
    await readAll([reference('one'), reference('missing')]);
    expect([vaults.size, clock.pending]).to.deep.equal([1, 1]);
    azure.setSecret(VAULT, 'one', { value: 'rotated' });
    await clock.advance(BURST_MS);
    expect([vaults.size, clock.pending]).to.deep.equal([0, 0]);
    expect(await read('one')).to.equal('rotated');
  });

  it('does not lengthen a burst by what joins it later', async () => {
    const { clock, vaults, read } = setup();
    await read('one');
    await clock.advance(BURST_MS - 1);
    await read('two');
    await clock.advance(1);
    expect(vaults.size).to.equal(0);
  });

  it('gives a caller nothing that was asked for before the time it names', async () => {
    const { azure, clock, read } = setup();
    await read('one');
    azure.setSecret(VAULT, 'one', { value: 'rotated' });
    await clock.advance(100);
    expect(await read('one', { oldest: clock.now() - 100 })).to.equal('one!');
    expect(await read('one', { oldest: clock.now() - 99 })).to.equal('rotated');
    // The others have the newer one from here on.
    expect(await read('one')).to.equal('rotated');
    expect(azure.calls).to.have.length(2);
  });

  it('reads anew for a caller that wants nothing known, also within the same millisecond', async () => {
    const { azure, read } = setup();
    await read('one');
    azure.setSecret(VAULT, 'one', { value: 'rotated' });
    expect(await read('one', { oldest: Infinity })).to.equal('rotated');
  });

  it('lets such callers share a read that still waits for its turn', async () => {
    const { azure, clock, read, readAll } = setup();
    azure.delay = () => clock.sleep(50);
    const full = readAll(Array.from({ length: 24 }, (_, at) => reference(`s${at}`)));
    const waiting = [1, 2, 3].map(() => read('one', { oldest: Infinity }));
    await clock.advance(50);
    // Begun by now: too late to join.
    const late = read('one', { oldest: Infinity });
    await clock.advance(100);
    await Promise.all([full, late, ...waiting]);
    expect(azure.calls.filter(({ reference: asked }) => asked?.name === 'one')).to.have.length(2);
  });

  it('does not let a slow answer take the place of a newer one', async () => {
    const { azure, clock, read } = setup();
    const slow = deferred<void>();
    azure.delay = () => slow.promise;
    const first = read('one');
    await clock.advance(10);
    azure.setSecret(VAULT, 'one', { value: 'rotated' });
    azure.delay = async () => undefined;
    expect(await read('one', { oldest: clock.now() })).to.equal('rotated');
    slow.resolve();
    expect(await first).to.equal('one!');
    expect(await read('one')).to.equal('rotated');
    expect(azure.calls).to.have.length(2);
  });

  it('shares a refusal for a moment only, and never with a caller that saw it', async () => {
    const { azure, clock, read } = setup();
    azure.revoke('a', VAULT);
    expect(await read('one')).to.equal('VaultForbidden');
    expect(await read('one')).to.equal('VaultForbidden');
    expect(azure.calls).to.have.length(1);
    azure.grant('a', VAULT);
    expect(await read('one', { oldest: clock.now() + 1 })).to.equal('one!');
    azure.revoke('a', VAULT);
    expect(await read('two')).to.equal('VaultForbidden');
    azure.grant('a', VAULT);
    await clock.advance(REFUSAL_MS);
    expect(await read('two')).to.equal('two!');
  });

  it('takes a value away when a later read is refused, however late that is told', async () => {
    const { azure, clock, read } = setup();
    await read('one');
    azure.setSecret(VAULT, 'one', { value: 'off', disabled: true });
    azure.delay = () => clock.sleep(REFUSAL_MS + 1);
    const refused = read('one', { oldest: Infinity });
    await clock.advance(REFUSAL_MS + 1);
    expect(await refused).to.equal('SecretDisabled');
    const next = read('one');
    await clock.advance(REFUSAL_MS + 1);
    expect(await next).to.equal('SecretDisabled');
    expect(azure.calls).to.have.length(3);
  });

  it('keeps values through trouble on the way, and no trouble', async () => {
    const { azure, read } = setup();
    await read('one');
    azure.fault = () => unavailable('KubernetesUnavailable', 'no token right now');
    expect(await read('one', { oldest: Infinity })).to.equal('KubernetesUnavailable');
    expect(await read('two')).to.equal('KubernetesUnavailable');
    expect(await read('one')).to.equal('one!');
    azure.fault = () => undefined;
    expect(await read('two')).to.equal('two!');
  });

  it('holds only so much: what finds no room is read by each', async () => {
    const { azure, clock, read } = setup(100_000);
    for (const name of ['big', 'huge']) azure.setSecret(VAULT, name, { value: 'x'.repeat(60_000) });
    for (const name of ['big', 'big', 'huge', 'huge']) await read(name);
    expect(azure.calls).to.have.length(3);
    // The room of what was forgotten is free again.
    await clock.advance(BURST_MS);
    await read('huge');
    await read('huge');
    expect(azure.calls).to.have.length(4);
  });

  it('does not share what seems to be of the future when the clock was set back', async () => {
    const { azure, clock, vaults, read } = setup();
    await read('one');
    azure.setSecret(VAULT, 'one', { value: 'rotated' });
    clock.setBack(3_600_000);
    expect(await read('one')).to.equal('rotated');
    expect(await read('one')).to.equal('rotated');
    expect(azure.calls).to.have.length(2);
    await clock.advance(BURST_MS);
    expect([vaults.size, clock.pending]).to.deep.equal([0, 0]);
  });

  it('tells pinned and unpinned references apart', async () => {
    const { azure, readAll } = setup();
    const version = azure.setSecret(VAULT, 'one', { value: 'second' });
    azure.setSecret(VAULT, 'one', { value: 'third' });
    const results = await readAll([reference('one'), { ...reference('one'), version }]);
    const values = [...results.values()].map((result) => result.ok && result.value.value);
    expect(values).to.deep.equal(['third', 'second']);
  });

  it('stops asking a vault that wants a pause, and goes on with the others', async () => {
    const { azure, readAll } = setup();
    azure.fault = (_kind, host) =>
      host === VAULT ? throttled('VaultThrottled', 'pause', 10_000) : undefined;
    const many = Array.from({ length: 50 }, (_, at) => reference(`s${at}`));
    const results = await readAll([...many, reference('one', OTHER)]);
    expect([...results.values()].filter((result) => outcomeOf(result) === 'VaultThrottled')).to.have.length(
      50,
    );
    expect(azure.calls.filter(({ host }) => host === VAULT).length).to.be.at.most(24);
    expect(azure.calls.filter(({ host }) => host !== VAULT)).to.have.length(1);
  });

  it('tells everybody whose request it was that was answered', async () => {
    const { azure, clock, vaults } = setup();
    const ask = async (requestId: string, oldest = -Infinity) => {
      const answers = await vaults.read([reference('one'), reference('missing')], identityOf('a'), {
        signal: patience(),
        oldest,
        requestId,
      });
      return [...answers.values()].map((answer) => answer.requestId);
    };
    expect(await Promise.all([ask('first'), ask('second')])).to.deep.equal([
      ['first', 'first'],
      ['first', 'first'],
    ]);
    await clock.advance(1);
    expect(await ask('third')).to.deep.equal(['first', 'first']);
    expect(await ask('fourth', Infinity)).to.deep.equal(['fourth', 'fourth']);
    const sent = azure.calls.map(({ requestId }) => requestId);
    expect(sent).to.deep.equal(['first', 'first', 'fourth', 'fourth']);
  });

  it('names no request where the gate let none through', async () => {
    const { azure, vaults } = setup();
    azure.fault = () => throttled('VaultThrottled', 'pause', 10_000);
    const ask = (requestId: string) =>
      vaults.read([reference('one')], identityOf('a'), { signal: patience(), requestId });
    expect([...(await ask('sent')).values()]).to.have.nested.property('[0].requestId', 'sent');
    const [held] = (await ask('not sent')).values();
    expect(held?.result.ok).to.equal(false);
    expect(held).to.not.have.property('requestId');
  });

  it('cancels all when the caller gives up, and keeps nothing of it', async () => {
    const { azure, vaults } = setup();
    const leave = new AbortController();
    azure.delay = () => new Promise(() => undefined);
    const wanted = [reference('one'), reference('two')];
    const reading = vaults.read(wanted, identityOf('a'), { signal: leave.signal });
    leave.abort();
    expect([...resultsOf(await reading).values()].map(outcomeOf)).to.deep.equal(['cancelled', 'cancelled']);
    expect(vaults.size).to.equal(0);
  });

  it('gives nothing to a caller that has given up, though it is at hand', async () => {
    const { read, vaults } = setup();
    await read('one');
    const reading = vaults.read([reference('one')], identityOf('a'), { signal: AbortSignal.abort() });
    expect([...resultsOf(await reading).values()].map(outcomeOf)).to.deep.equal(['cancelled']);
  });

  describe('as lists', () => {
    const namesOf = async (vaults: Vaults, client = 'a', oldest = -Infinity) => {
      const { result } = await vaults.list(VAULT, identityOf(client), { signal: patience(), oldest });
      return result.ok ? result.value.map(({ name }) => name) : outcomeOf(result);
    };

    it('are shared within a burst, of one vault as one identity, and then kept nowhere', async () => {
      const { azure, clock, vaults } = setup();
      await Promise.all([namesOf(vaults), namesOf(vaults), namesOf(vaults, 'b')]);
      expect(await namesOf(vaults)).to.deep.equal(['one', 'two']);
      expect(azure.calls).to.have.length(2);
      await clock.advance(BURST_MS);
      expect([vaults.size, clock.pending]).to.deep.equal([0, 0]);
      azure.deleteSecret(VAULT, 'one');
      expect(await namesOf(vaults)).to.deep.equal(['two']);
    });

    it('are not given to who names a later time, and tell when they were asked for', async () => {
      const { azure, clock, vaults } = setup();
      await namesOf(vaults);
      azure.deleteSecret(VAULT, 'one');
      await clock.advance(1_000);
      expect(await namesOf(vaults)).to.deep.equal(['one', 'two']);
      expect(await namesOf(vaults, 'a', clock.now())).to.deep.equal(['two']);
      const { askedAt } = await vaults.list(VAULT, identityOf('a'), { signal: patience() });
      expect(askedAt).to.equal(clock.now());
    });

    it('are refused to who may not list, whoever else may', async () => {
      const { vaults } = setup();
      await namesOf(vaults);
      expect(await namesOf(vaults, 'nobody')).to.equal('VaultForbidden');
    });
  });
});
