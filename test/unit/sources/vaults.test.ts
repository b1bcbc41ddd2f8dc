import { expect } from 'chai';
import { throttled } from '../../../src/domain/failure.ts';
import { referenceUri } from '../../../src/domain/references.ts';
import { Gate } from '../../../src/sources/gate.ts';
import { Vaults } from '../../../src/sources/vaults.ts';
import { MemoryAzure } from '../../support/memory-azure.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { identityOf, outcomeOf, patience, VAULT } from './fixtures.ts';

describe('Vaults', () => {
  function setup() {
    const clock = new VirtualClock();
    const azure = new MemoryAzure();
    azure.grant('a', VAULT);
    azure.grant('b', VAULT);
    for (const name of ['one', 'two']) azure.setSecret(VAULT, name, { value: `${name}!` });
    const vaults = new Vaults({ reader: azure, gate: new Gate({ clock }), clock });
    return { clock, azure, vaults };
  }

  const reference = (name: string, vault = VAULT) => ({ vault, name });

  it('reads equal references once and gives each its result', async () => {
    const { azure, vaults } = setup();
    const wanted = [reference('one'), reference('two'), reference('one'), reference('missing')];
    const results = await vaults.read(wanted, identityOf('a'), patience());
    expect(azure.calls).to.have.length(3);
    expect([...results].map(([key, result]) => [key, outcomeOf(result)])).to.deep.equal([
      [referenceUri(reference('one')), 'ok'],
      [referenceUri(reference('two')), 'ok'],
      [referenceUri(reference('missing')), 'SecretNotFound'],
    ]);
  });

  it('shares reads of one identity that run together, and none between identities', async () => {
    const { azure, vaults } = setup();
    const read = (client: string) => vaults.read([reference('one')], identityOf(client), patience());
    await Promise.all([read('a'), read('a'), read('b')]);
    expect(azure.calls).to.have.length(2);
  });

  it('keeps nothing: the next call reads again', async () => {
    const { azure, vaults } = setup();
    await vaults.read([reference('one')], identityOf('a'), patience());
    await vaults.read([reference('one')], identityOf('a'), patience());
    expect(azure.calls).to.have.length(2);
  });

  it('tells pinned and unpinned references apart', async () => {
    const { azure, vaults } = setup();
    const version = azure.setSecret(VAULT, 'one', { value: 'second' });
    azure.setSecret(VAULT, 'one', { value: 'third' });
    const pinned = { ...reference('one'), version };
    const results = await vaults.read([reference('one'), pinned], identityOf('a'), patience());
    const values = [...results.values()].map((result) => result.ok && result.value.value);
    expect(values).to.deep.equal(['third', 'second']);
  });

  it('stops asking a vault that wants a pause, and goes on with the others', async () => {
    const { azure, vaults } = setup();
    azure.grant('a', 'other.vault.azure.net');
    azure.setSecret('other.vault.azure.net', 'one', { value: 'x' });
    azure.fault = (_kind, host) =>
      host === VAULT ? throttled('VaultThrottled', 'pause', 10_000) : undefined;
    const many = Array.from({ length: 50 }, (_, at) => reference(`s${at}`));
    const results = await vaults.read(
      [...many, reference('one', 'other.vault.azure.net')],
      identityOf('a'),
      patience(),
    );
    expect([...results.values()].filter((result) => outcomeOf(result) === 'VaultThrottled')).to.have.length(
      50,
    );
    expect(azure.calls.filter(({ host }) => host === VAULT).length).to.be.at.most(24);
    expect(azure.calls.filter(({ host }) => host !== VAULT)).to.have.length(1);
  });

  it('cancels all when the caller gives up', async () => {
    const { azure, vaults } = setup();
    const leave = new AbortController();
    azure.delay = () => new Promise(() => undefined);
    const reading = vaults.read([reference('one'), reference('two')], identityOf('a'), leave.signal);
    leave.abort();
    expect([...(await reading).values()].map(outcomeOf)).to.deep.equal(['cancelled', 'cancelled']);
  });
});
