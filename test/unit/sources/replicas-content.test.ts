import { expect } from 'chai';
import { blocked } from '../../../src/domain/failure.ts';
import { BEHIND_MS } from '../../../src/sources/replica-versions.ts';
import type { Selections } from '../../../src/sources/selections.ts';
import { ENDPOINT, failureOf, HOST, identityOf, okValue, outcomeOf, patience, select } from './fixtures.ts';
import { busy, down, EU, replicated, someone, US } from './replicas-setup.ts';

/** A store whose replicas lack what was read last when its own host goes down. */
function lagging() {
  const parts = replicated();
  const { clock, azure, failing, selections, color, observe } = parts;
  // A selection without a subscriber is forgotten, and who was behind with it.
  selections.subscribe('shop/orders', [select()]);
  const fallBehind = async (value: string) => {
    await color();
    for (const host of [EU, US]) azure.freezeReplica(host);
    azure.set(ENDPOINT, { key: 'color', value });
    await observe();
    expect(await color()).to.equal(value);
    failing.set(HOST, down);
  };
  /** The own host, after so long. */
  const serveAgain = async (ms: number) => {
    failing.delete(HOST);
    await clock.advance(ms);
    await observe();
    await clock.settle();
    expect(outcomeOf(await observe())).to.equal('ok');
  };
  return { ...parts, fallBehind, serveAgain };
}

/** The keys of subscribers that are told of a change from now on. */
function changesOf(selections: Selections): readonly string[] {
  const told: string[] = [];
  selections.onChange((keys) => told.push(...keys));
  return told;
}

describe('the hosts of a store, by what they show,', () => {
  it('show the same content under one set of tags: a change of host changes nothing', async () => {
    const { azure, failing, selections, color, observe, asked, forget } = replicated();
    await color();
    const before = okValue(await observe()).tags;
    selections.subscribe('shop/orders', [select()]);
    const told = changesOf(selections);
    failing.set(HOST, down);
    expect(okValue(await observe()).tags).to.deep.equal(before);
    expect(okValue(await observe(select(), identityOf('b'))).tags).to.deep.equal(before);
    expect(
      asked('read').filter((host) => host !== HOST),
      'one read, to compare',
    ).to.have.length(1);
    forget();
    await observe();
    expect(asked('read'), 'idle is without bodies').to.deep.equal([]);
    expect(told).to.deep.equal([]);
    failing.delete(HOST);
    azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    expect(await color()).to.equal('red');
    expect(okValue(await observe()).tags).not.to.deep.equal(before);
    expect(await color()).to.equal('blue');
  });

  it('are compared once for all who ask at the same time', async () => {
    const { failing, azure, color, observe, asked, forget, clock } = replicated();
    await color();
    failing.set(HOST, down);
    await observe(select('c*'));
    forget();
    azure.delay = (kind) => (kind === 'read' ? clock.sleep(100) : Promise.resolve());
    const all = Promise.all(['a', 'b', 'c'].map((id) => observe(select(), identityOf(id))));
    await clock.advance(200);
    expect((await all).map(outcomeOf)).to.deep.equal(['ok', 'ok', 'ok']);
    expect(asked('read')).to.have.length(1);
  });

  it('give no proof to an identity that may not read', async () => {
    const { azure, failing, color, observe } = replicated();
    await color();
    failing.set(HOST, down);
    okValue(await observe());
    azure.revoke('b', HOST);
    expect(outcomeOf(await observe(select(), identityOf('b')))).to.equal('StoreForbidden');
  });

  it('that are behind are not believed: the other replica is asked', async () => {
    const { azure, failing, color, content, asked, observe, forget } = replicated();
    azure.freezeReplica(EU);
    azure.freezeReplica(US);
    azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    expect(await color()).to.equal('blue');
    failing.set(HOST, down);
    const failure = failureOf(await observe());
    expect('message' in failure && failure.message).to.include(
      `${EU} (ReplicaBehind), ${US} (ReplicaBehind)`,
    );
    forget();
    await observe();
    expect(asked('read'), 'known to be behind by its ETags').to.deep.equal([]);
    azure.thawReplica(EU);
    azure.thawReplica(US);
    expect(outcomeOf(await content())).to.equal('ok');
    expect(await color()).to.equal('blue');
  });

  it('that are behind are not believed either when the newest state was seen, but never read', async () => {
    const { azure, failing, color, observe } = replicated();
    azure.freezeReplica(EU);
    azure.freezeReplica(US);
    azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    await color();
    azure.set(ENDPOINT, { key: 'color', value: 'green' });
    await observe();
    failing.set(HOST, down);
    expect(outcomeOf(await observe())).to.equal('StoreUnreachable');
  });

  it('whose content could not be compared are not believed', async () => {
    for (const failure of [busy, down]) {
      const { clock, azure, selections, observe, color, fallBehind } = lagging();
      await fallBehind('blue');
      const told = changesOf(selections);
      azure.fault = (kind, host) => (host === HOST ? down : kind === 'read' ? failure : undefined);
      expect(outcomeOf(await observe())).to.equal('StoreUnreachable');
      azure.fault = (_kind, host) => (host === HOST ? down : undefined);
      await clock.advance(30_000);
      expect(outcomeOf(await observe()), 'compared now, and behind').to.equal('StoreUnreachable');
      expect(told).to.deep.equal([]);
      for (const host of [EU, US]) azure.thawReplica(host);
      expect(await color()).to.equal('blue');
    }
  });

  it('whose content could not be compared leave it to one that can be', async () => {
    for (const busyHost of [EU, US]) {
      const { azure, selections, observe, color } = replicated();
      await color();
      const before = okValue(await observe()).tags;
      selections.subscribe('shop/orders', [select()]);
      const told = changesOf(selections);
      azure.fault = (kind, host) =>
        host === HOST ? down : kind === 'read' && host === busyHost ? busy : undefined;
      expect(okValue(await observe()).tags).to.deep.equal(before);
      expect(told).to.deep.equal([]);
    }
  });

  it('are not believed by someone who left before their content was compared', async () => {
    const { clock, azure, selections, observe, fallBehind } = lagging();
    await fallBehind('blue');
    const told = changesOf(selections);
    azure.delay = (kind) => (kind === 'read' ? clock.sleep(1_000) : Promise.resolve());
    const leaving = new AbortController();
    const seen = selections.observe(select(), someone, { maxAgeMs: 0, signal: leaving.signal });
    await clock.advance(500);
    leaving.abort();
    expect(outcomeOf(await seen)).to.equal('cancelled');
    await clock.advance(1_000);
    expect(told).to.deep.equal([]);
    azure.delay = () => Promise.resolve();
    expect(outcomeOf(await observe())).to.equal('StoreUnreachable');
  });

  it('are compared by oneself when another identity was refused what was shared', async () => {
    const { clock, azure, selections, observe, fallBehind } = lagging();
    await fallBehind('blue');
    const told = changesOf(selections);
    azure.fault = (kind, host, { key }) => {
      if (host === HOST) return down;
      const refused = kind === 'read' && key === identityOf('a').key;
      return refused ? blocked('StoreForbidden', 'no') : undefined;
    };
    azure.delay = (kind) => (kind === 'read' ? clock.sleep(100) : Promise.resolve());
    const both = Promise.all(['a', 'b'].map((id) => observe(select(), identityOf(id))));
    await clock.advance(1_000);
    expect((await both).map(outcomeOf)).to.deep.equal(['StoreForbidden', 'StoreUnreachable']);
    expect(told).to.deep.equal([]);
  });

  it('are asked again when they change while they are compared', async () => {
    const { azure, selections, observe, color, fallBehind } = lagging();
    await fallBehind('blue');
    const before = okValue(
      await selections.observe(select(), someone, { maxAgeMs: 1, signal: patience() }),
    ).tags;
    const told = changesOf(selections);
    azure.arrival = async (kind) => {
      if (kind === 'read') for (const host of [EU, US]) azure.thawReplica(host);
    };
    expect(okValue(await observe()).tags).to.deep.equal(before);
    expect(told).to.deep.equal([]);
    expect(await color()).to.equal('blue');
  });

  it('are not believed when they change each time they are compared', async () => {
    const { azure, selections, observe, asked, forget, fallBehind } = lagging();
    await fallBehind('blue');
    const told = changesOf(selections);
    forget();
    const read = azure.readPages.bind(azure);
    let version = 0;
    azure.readPages = async (...request) => {
      const pages = okValue(await read(...request));
      version += 1;
      return { ok: true, value: { ...pages, etags: [`${version}`] } };
    };
    expect(outcomeOf(await observe())).to.equal('StoreUnreachable');
    expect(asked('read'), 'three times each').to.have.length(6);
    expect(told).to.deep.equal([]);
  });

  it('that are behind are not believed because an older answer of the own host came late', async () => {
    const { clock, azure, failing, selections, observe, color } = replicated();
    selections.subscribe('shop/orders', [select()]);
    await color();
    for (const host of [EU, US]) azure.freezeReplica(host);
    azure.delay = () => clock.sleep(1_000);
    const late = observe(select(), identityOf('b'));
    await clock.settle();
    azure.delay = () => Promise.resolve();
    azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    await observe();
    expect(await color()).to.equal('blue');
    failing.set(HOST, down);
    await clock.advance(1_000);
    expect(outcomeOf(await late)).to.equal('StoreUnreachable');
  });

  it('that stay behind are believed in the end: the newest setting may have been deleted', async () => {
    const { clock, azure, failing, selections, color, observe } = replicated();
    // One without a subscriber is forgotten, and who was behind with it.
    selections.subscribe('shop/orders', [select()]);
    azure.set(ENDPOINT, { key: 'newest', value: '1' });
    await color();
    azure.delete(ENDPOINT, 'newest');
    failing.set(HOST, down);
    expect(outcomeOf(await observe())).to.equal('StoreUnreachable');
    await clock.advance(BEHIND_MS);
    expect(outcomeOf(await observe())).to.equal('ok');
    expect(await color()).to.equal('red');
  });

  it('that stay behind are believed no later because the clock was set back', async () => {
    const { clock, azure, failing, selections, color, observe } = replicated();
    selections.subscribe('shop/orders', [select()]);
    azure.set(ENDPOINT, { key: 'newest', value: '1' });
    await color();
    azure.delete(ENDPOINT, 'newest');
    failing.set(HOST, down);
    await observe();
    clock.setBack(3_600_000);
    expect(outcomeOf(await observe())).to.equal('StoreUnreachable');
    await clock.advance(BEHIND_MS);
    expect(outcomeOf(await observe())).to.equal('ok');
  });

  it('that were behind once have their ten minutes again the next time', async () => {
    const { azure, observe, fallBehind, serveAgain } = lagging();
    await fallBehind('blue');
    expect(outcomeOf(await observe())).to.equal('StoreUnreachable');
    for (const host of [EU, US]) azure.thawReplica(host);
    expect(outcomeOf(await observe()), 'seen to have caught up').to.equal('ok');
    await serveAgain(BEHIND_MS + 60_000);
    await fallBehind('green');
    expect(outcomeOf(await observe())).to.equal('StoreUnreachable');
  });

  it('that were behind once have them, too, if nobody saw that they caught up', async () => {
    const { azure, observe, fallBehind, serveAgain } = lagging();
    await fallBehind('blue');
    expect(outcomeOf(await observe())).to.equal('StoreUnreachable');
    for (const host of [EU, US]) azure.thawReplica(host);
    await serveAgain(BEHIND_MS + 60_000);
    await fallBehind('green');
    expect(outcomeOf(await observe())).to.equal('StoreUnreachable');
  });

  it('do not go back to the own host while that is behind', async () => {
    const { clock, azure, failing, selections, color, observe, asked, forget } = replicated();
    // One without a subscriber is forgotten, and what it showed with it.
    selections.subscribe('shop/orders', [select()]);
    await color();
    failing.set(HOST, down);
    await observe();
    azure.set(ENDPOINT, { key: 'color', value: 'blue' });
    await observe();
    expect(await color()).to.equal('blue');
    // The origin comes back without the change: the memory store plays it by an older time of modification.
    failing.delete(HOST);
    const truth = azure.readPages.bind(azure);
    azure.readPages = async (request, ...rest) => {
      const pages = okValue(await truth(request, ...rest));
      if (new URL(request.endpoint).host !== HOST) return { ok: true, value: pages };
      const settings = pages.settings.map((setting) => ({ ...setting, value: 'red' }));
      return { ok: true, value: { ...pages, settings, modifiedAt: 1 } };
    };
    for (let round = 0; round < 5; round += 1) {
      await clock.advance(30_000);
      forget();
      expect(outcomeOf(await observe())).to.equal('ok');
      expect(await color()).to.equal('blue');
    }
    expect(asked()).to.include(HOST);
  });
});
