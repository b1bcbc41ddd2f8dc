import { expect } from 'chai';
import fc from 'fast-check';
import { BEHIND_MS } from '../../../src/sources/replica-versions.ts';
import { LONGEST_PAUSE_MS } from '../../../src/sources/trouble.ts';
import { ENDPOINT, HOST, identityOf, okValue, select } from './fixtures.ts';
import { down, EU, replicated, US } from './replicas-setup.ts';

const HOSTS = [HOST, EU, US];
const host = fc.constantFrom(...HOSTS);

/** After ten minutes a replica that is behind is believed; a history is shorter, but for waits while none is. */
const wait = fc.record({
  kind: fc.constant('wait' as const),
  ms: fc.constantFrom(0, 900, 5_000, 15_000, BEHIND_MS),
});
const action = fc.oneof(
  fc.record({ kind: fc.constantFrom('fail' as const, 'heal' as const, 'mute' as const), host }),
  fc.record({ kind: fc.constantFrom('freeze' as const, 'thaw' as const), host: fc.constantFrom(EU, US) }),
  fc.constant({ kind: 'change' as const }),
  { arbitrary: wait, weight: 2 },
  {
    arbitrary: fc.record({ kind: fc.constantFrom('observe' as const, 'read' as const), who: fc.nat(2) }),
    weight: 4,
  },
  // Three at once, whose answers take so long, one after the other.
  fc.record({ delays: fc.array(fc.constantFrom(0, 100, 700, 3_000), { minLength: 1, maxLength: 6 }) }),
);
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

/** A store with a version in a setting, hosts that come and go, and all that was read from it. */
class World {
  readonly #parts = replicated();
  readonly #frozen = new Set<string>();
  /** Hosts that tell ETags and no content. */
  readonly #mute = new Set<string>();
  /** When a host failed last. */
  readonly #failedAt = new Map<string, number>();
  readonly #balanced: boolean;
  #version = 0;
  #given = -1;

  constructor(balanced: boolean) {
    this.#balanced = balanced;
    const { azure, failing, selections } = this.#parts;
    azure.fault = (kind, name) =>
      failing.get(name) ?? (kind === 'read' && this.#mute.has(name) ? down : undefined);
    selections.subscribe('shop/orders', [this.#selection()]);
  }

  async play(actions: readonly Action[]): Promise<void> {
    this.#change();
    await this.#parts.clock.settle();
    for (const one of actions) {
      await this.#act(one);
      await this.#parts.clock.settle();
    }
    await this.#endWell();
  }

  async #act(one: Action): Promise<void> {
    const { clock, azure, failing } = this.#parts;
    for (const name of [...failing.keys(), ...this.#mute]) this.#failedAt.set(name, clock.now());
    if ('delays' in one) return this.#crowd(one.delays);
    if ('who' in one) await this.#ask(one.kind, one.who);
    else if ('ms' in one) await clock.advance(this.#frozen.size > 0 ? Math.min(one.ms, 15_000) : one.ms);
    else if (!('host' in one)) this.#change();
    else if (one.kind === 'fail') failing.set(one.host, down);
    else if (one.kind === 'heal') this.#heal(one.host);
    else if (one.kind === 'mute') this.#mute.add(one.host);
    else if (one.kind === 'freeze') azure.freezeReplica(one.host);
    else azure.thawReplica(one.host);
    if (one.kind === 'freeze') this.#frozen.add(one.host);
    if (one.kind === 'thaw') this.#frozen.delete(one.host);
  }

  #heal(name: string): void {
    this.#parts.failing.delete(name);
    this.#mute.delete(name);
  }

  async #ask(kind: 'observe' | 'read', who: number): Promise<void> {
    const well = HOSTS.some((name) => this.#isWell(name));
    const { observe, content } = this.#parts;
    const identity = identityOf('abc'[who] ?? 'a');
    const seen = await observe(this.#selection(), identity);
    if (well) expect(seen.ok, JSON.stringify(seen)).to.equal(true);
    if (kind === 'observe' || !seen.ok) return;
    const read = await content(this.#selection(), identity);
    if (well) expect(read.ok, JSON.stringify(read)).to.equal(true);
    if (read.ok) this.#take(Number(read.value.settings[0]?.value));
  }

  async #crowd(delays: readonly number[]): Promise<void> {
    const { azure, clock, observe, content } = this.#parts;
    let call = 0;
    azure.delay = () => clock.sleep(delays[call++ % delays.length] ?? 0);
    const reads = ['a', 'b', 'c'].map(async (id) => {
      const seen = await observe(this.#selection(), identityOf(id));
      return seen.ok ? content(this.#selection(), identityOf(id)) : seen;
    });
    await clock.advance(30_000);
    azure.delay = () => Promise.resolve();
    const versions = (await Promise.all(reads)).flatMap((read) =>
      read.ok ? Number(read.value.settings[0]?.value) : [],
    );
    this.#take(...versions);
  }

  /** What was read at the same time, after everything that was read before. */
  #take(...versions: readonly number[]): void {
    const before = this.#given;
    for (const version of versions) expect(version, 'never back in time').to.be.at.least(before);
    this.#given = Math.max(before, ...versions);
  }

  /** Neither failing nor held back for having failed, nor behind. */
  #isWell(name: string): boolean {
    const { clock, failing } = this.#parts;
    const rested = clock.now() - (this.#failedAt.get(name) ?? -Infinity) > LONGEST_PAUSE_MS;
    return !failing.has(name) && !this.#mute.has(name) && rested && !this.#frozen.has(name);
  }

  async #endWell(): Promise<void> {
    const { azure, clock, content, observe } = this.#parts;
    for (const name of HOSTS) this.#heal(name);
    for (const name of [EU, US]) azure.thawReplica(name);
    await clock.advance(LONGEST_PAUSE_MS);
    okValue(await observe(this.#selection()));
    expect(okValue(await content(this.#selection())).settings[0]?.value).to.equal(`${this.#version}`);
  }

  #change(): void {
    this.#version += 1;
    this.#parts.azure.set(ENDPOINT, { key: 'color', value: `${this.#version}` });
  }

  #selection() {
    return { ...select(), ...(this.#balanced ? { replicas: 'balanced' as const } : {}) };
  }
}

describe('the hosts of a store, whatever fails', () => {
  it('are read as long as one of them is well, and never back in time', async () => {
    const histories = fc.array(action, { maxLength: 19, size: 'max' });
    await fc.assert(
      fc.asyncProperty(histories, fc.boolean(), (actions, balanced) => new World(balanced).play(actions)),
      { numRuns: 1_000 },
    );
  });
});
