import { expect } from 'chai';
import fc from 'fast-check';
import { blocked, fail, ok, type Result } from '../../../src/domain/failure.ts';
import type { Identity } from '../../../src/domain/identity.ts';
import type { SecretReference, SecretValue } from '../../../src/domain/settings.ts';
import type { SecretReader } from '../../../src/ports/azure.ts';
import type { PlannedPass } from '../../../src/reconcile/pass.ts';
import { readSecrets } from '../../../src/reconcile/steps/read-secrets.ts';
import { BURST_MS } from '../../../src/sources/burst.ts';
import { Gate } from '../../../src/sources/gate.ts';
import { Vaults } from '../../../src/sources/vaults.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { identityOf, patience, VAULT } from '../sources/fixtures.ts';

const BINDINGS = 4;
const IDENTITIES = ['a', 'b'];
const NAMES = ['one', 'two'];

type Action =
  | { readonly kind: 'read' | 'refresh'; readonly binding: number; readonly names: readonly string[] }
  | { readonly kind: 'identity'; readonly binding: number; readonly who: number }
  | { readonly kind: 'grant' | 'revoke'; readonly who: number }
  | { readonly kind: 'rotate'; readonly name: string }
  | { readonly kind: 'wait'; readonly ms: number };

const binding = fc.nat({ max: BINDINGS - 1 });
const who = fc.nat({ max: IDENTITIES.length - 1 });
const names = fc.subarray(NAMES, { minLength: 1 });
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('read', 'refresh'), binding, names }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('rotate'), name: fc.constantFrom(...NAMES) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.constantFrom(0, 1, 300, 2_000, 9_999, 12_000) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('identity'), binding, who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('grant', 'revoke'), who }) },
);

/** What a binding has of the world. */
interface Reader {
  identity: Identity;
  readonly memory: { vaultsAnsweredAt: number };
  busy: boolean;
  /** By secret: the newest version it was ever given. */
  readonly has: Map<string, number>;
  /** Its last answer came in this moment of the world. */
  answered: number;
}

/** A vault whose secrets count their rotations, bindings that read it, and all that was ever true. */
class World implements SecretReader {
  readonly clock = new VirtualClock();
  readonly vaults: Vaults;
  readonly bindings: Reader[];
  readonly #rotatedAt = new Map<string, number[]>(NAMES.map((name) => [name, [-Infinity]]));
  /** The moment of each identity's last grant; Infinity while it has none. */
  readonly #grantedSince = new Map(IDENTITIES.map((client) => [client, -1]));
  readonly #delays: readonly number[];
  #call = 0;
  #moment = 0;
  reads = 0;
  answers = 0;

  constructor(delays: readonly number[]) {
    this.#delays = delays;
    this.vaults = new Vaults({ reader: this, gate: new Gate({ clock: this.clock }), clock: this.clock });
    this.bindings = Array.from({ length: BINDINGS }, () => ({
      identity: identityOf('a'),
      memory: { vaultsAnsweredAt: 0 },
      busy: false,
      has: new Map(),
      answered: -1,
    }));
  }

  /** The way there and back take time, so that requests overtake each other. */
  async readSecret({ name }: SecretReference, { clientId }: Identity): Promise<Result<SecretValue>> {
    this.reads += 1;
    await this.#pause();
    const granted = this.#grantedSince.get(clientId) !== Infinity;
    const version = String(this.#version(name));
    await this.#pause();
    if (!granted) return fail(blocked('VaultForbidden', 'no role'));
    return ok({ value: `${clientId} ${name}`, version });
  }

  async run(actions: readonly Action[]): Promise<void> {
    const passes: Promise<void>[] = [];
    for (const step of actions) {
      this.#moment += 1;
      if (step.kind === 'wait') await this.clock.advance(step.ms);
      else if (step.kind === 'read' || step.kind === 'refresh') passes.push(this.#pass(step));
      else this.#change(step);
    }
    await this.clock.advance(60_000);
    await Promise.all(passes);
  }

  #change(step: Exclude<Action, { kind: 'wait' | 'read' | 'refresh' }>): void {
    if (step.kind === 'rotate') this.#rotatedAt.get(step.name)?.push(this.clock.now());
    else if (step.kind === 'identity') this.#switch(step.binding, IDENTITIES[step.who] ?? 'a');
    else {
      const client = IDENTITIES[step.who] ?? 'a';
      const already = step.kind === 'grant' && this.#grantedSince.get(client) !== Infinity;
      if (!already) this.#grantedSince.set(client, step.kind === 'grant' ? this.#moment : Infinity);
    }
  }

  #switch(index: number, client: string): void {
    const reader = this.bindings[index];
    if (reader && !reader.busy) reader.identity = identityOf(client);
  }

  /** One pass at a time, as the queue sees to. */
  async #pass({ kind, binding: index, names: wanted }: Action & { readonly names: readonly string[] }) {
    const reader = this.bindings[index];
    if (!reader || reader.busy) return;
    reader.busy = true;
    const { identity } = reader;
    const known = new Map(wanted.map((name) => [name, this.#version(name)]));
    const begun = this.clock.now();
    const pass = { memory: reader.memory, signal: patience(), refreshRequested: kind === 'refresh' };
    const references = wanted.map((name) => ({ vault: VAULT, name }));
    const deps = { secretsSource: this.vaults, clock: this.clock };
    const answers = await readSecrets(pass as unknown as PlannedPass, references, identity, deps);
    expect(answers.size).to.equal(wanted.length);
    for (const [at, result] of [...answers.values()].entries()) {
      const name = wanted[at] ?? '';
      if (result.ok) this.#judge(reader, name, result.value, begun, kind === 'refresh' ? known.get(name) : 0);
      else this.#judgeRefusal(reader, identity);
    }
    reader.answered = this.#moment;
    reader.busy = false;
  }

  #judge(reader: Reader, name: string, secret: SecretValue, begun: number, atLeast = 0): void {
    this.answers += 1;
    expect(secret.value, 'another identity').to.equal(`${reader.identity.clientId} ${name}`);
    const version = Number(secret.version);
    expect(version, 'back in time').to.be.at.least(reader.has.get(name) ?? 0);
    expect(version, 'older than the refresh').to.be.at.least(atLeast);
    const outdatedAt = this.#rotatedAt.get(name)?.[version + 1] ?? Infinity;
    expect(outdatedAt, 'older than a burst').to.be.at.least(begun - BURST_MS);
    reader.has.set(name, version);
  }

  /** Whose role was there before its last answer came is refused nothing. */
  #judgeRefusal(reader: Reader, { clientId }: Identity): void {
    const since = this.#grantedSince.get(clientId) ?? Infinity;
    expect(since, 'refused for what was repaired').to.be.at.least(reader.answered);
  }

  #version(name: string): number {
    return (this.#rotatedAt.get(name)?.length ?? 1) - 1;
  }

  #pause(): Promise<void> {
    return this.clock.sleep(this.#delays[this.#call++ % this.#delays.length] ?? 0);
  }
}

describe('secrets read by several bindings, in any order of rotations, grants and overlapping reads', () => {
  it('never go back in time, never come from another identity, and never are older than a refresh', async () => {
    const delays = fc.array(fc.constantFrom(0, 1, 50, 400, 5_000), { minLength: 1, maxLength: 7 });
    let [reads, answers] = [0, 0];
    await fc.assert(
      fc.asyncProperty(delays, fc.array(action, { maxLength: 40 }), async (pauses, actions) => {
        const world = new World(pauses);
        await world.run(actions);
        expect([world.vaults.size, world.clock.pending], 'held afterwards').to.deep.equal([0, 0]);
        reads += world.reads;
        answers += world.answers;
      }),
      { numRuns: 400 },
    );
    // Otherwise the test would prove little.
    expect(reads).to.be.lessThan(answers);
  }).timeout(60_000);
});
