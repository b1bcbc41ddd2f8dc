import { expect } from 'chai';
import fc from 'fast-check';
import { blocked, fail, ok, type Result } from '../../../src/domain/failure.ts';
import type { TokenIdentity } from '../../../src/domain/identity/identity.ts';
import type { SecretReference, SecretValue } from '../../../src/domain/secrets/secret.ts';
import type { SecretReader } from '../../../src/ports/azure.ts';
import type { PlannedPass } from '../../../src/reconcile/pass.ts';
import { readSecrets } from '../../../src/reconcile/steps/read-secrets.ts';
import { BURST_MS } from '../../../src/sources/burst.ts';
import { Gate } from '../../../src/sources/gate.ts';
import { Vaults } from '../../../src/sources/vaults.ts';
import { readerOf } from '../../support/memory-azure.ts';
import { RecordingLogger } from '../../support/memory-cluster/doubles.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { identityOf, patience, VAULT } from '../sources/fixtures.ts';

const BINDINGS = 4;
const IDENTITIES = ['a', 'b'];
const NAMES = ['one', 'two'];

interface Pass {
  readonly kind: 'read' | 'refresh';
  readonly binding: number;
  readonly names: readonly string[];
}

type Action =
  | Pass
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

/** A binding, and what it has of the world. */
interface Reader {
  identity: TokenIdentity;
  readonly memory: { vaultsAnsweredAt: number };
  busy: boolean;
  /** By secret: the newest version it was ever given. */
  readonly has: Map<string, number>;
  /** The number of requests there had been when its last answers came. */
  answered: number;
}

/** A vault whose secrets count their rotations, and the bindings that read it. Answers tell whose they are. */
class World implements SecretReader {
  readonly clock = new VirtualClock();
  readonly vaults: Vaults;
  readonly bindings: Reader[];
  /** When each request began. */
  readonly requests: number[] = [];
  answers = 0;
  readonly #versions = new Map<string, number>();
  readonly #refused = new Set<string>();
  readonly #delays: readonly number[];
  #pauses = 0;

  constructor(delays: readonly number[]) {
    this.#delays = delays;
    this.vaults = new Vaults({ reader: this, gate: new Gate({ clock: this.clock }), clock: this.clock });
    this.bindings = Array.from({ length: BINDINGS }, () => ({
      identity: identityOf('a'),
      memory: { vaultsAnsweredAt: 0 },
      busy: false,
      has: new Map(),
      answered: 0,
    }));
  }

  /** The way there and back take time, so that requests overtake each other. */
  async readSecret({ name }: SecretReference, identity: TokenIdentity): Promise<Result<SecretValue>> {
    const clientId = readerOf(identity);
    const value = `${clientId} ${name} ${this.requests.push(this.clock.now())}`;
    await this.#pause();
    const refused = this.#refused.has(clientId);
    const version = String(this.#version(name));
    await this.#pause();
    return refused ? fail(blocked('VaultForbidden', value)) : ok({ value, version });
  }

  listSecrets(): Promise<Result<never>> {
    throw new Error('nobody lists');
  }

  async run(actions: readonly Action[]): Promise<void> {
    const passes: Promise<void>[] = [];
    for (const step of actions) {
      if (step.kind === 'wait') await this.clock.advance(step.ms);
      else if ('names' in step) passes.push(this.#pass(step));
      else this.#change(step);
    }
    await this.clock.advance(60_000);
    await Promise.all(passes);
  }

  #change(step: Exclude<Action, Pass | { kind: 'wait' }>): void {
    if (step.kind === 'rotate') {
      this.#versions.set(step.name, this.#version(step.name) + 1);
      return;
    }
    const client = IDENTITIES[step.who] ?? '';
    if ('binding' in step) {
      const reader = this.bindings[step.binding];
      if (reader && !reader.busy) reader.identity = identityOf(client);
    } else if (step.kind === 'grant') this.#refused.delete(client);
    else this.#refused.add(client);
  }

  /** One pass of a binding at a time, as the queue sees to. */
  async #pass({ kind, binding: index, names: wanted }: Pass): Promise<void> {
    const reader = this.bindings[index];
    if (!reader || reader.busy) return;
    reader.busy = true;
    const refreshRequested = kind === 'refresh';
    const begun = { at: this.clock.now(), requests: this.requests.length };
    const logger = new RecordingLogger();
    const pass = { memory: reader.memory, signal: patience(), refreshRequested, logger, requestId: 'pass' };
    const references = wanted.map((name) => ({ vault: VAULT, name }));
    const deps = { secretsSource: this.vaults, clock: this.clock };
    const { identity } = reader;
    const readers = { store: identity, vault: () => ok(identity), group: identity.key };
    const answers = await readSecrets(pass as unknown as PlannedPass, references, readers, deps);
    expect(answers.size).to.equal(wanted.length);
    for (const [at, answer] of [...answers.values()].entries()) {
      const request = this.#judge(reader, wanted[at] ?? '', answer);
      if (refreshRequested) expect(request, 'older than the refresh').to.be.greaterThan(begun.requests);
      const askedAt = this.requests[request - 1];
      expect(askedAt, 'older than a burst').to.be.greaterThan(begun.at - BURST_MS);
    }
    reader.answered = this.requests.length;
    reader.busy = false;
  }

  /** Returns the request that is answered, counted from 1. */
  #judge(reader: Reader, name: string, answer: Result<SecretValue>): number {
    this.answers += 1;
    const told = answer.ok ? answer.value.value : 'message' in answer.failure && answer.failure.message;
    const [client, secret, request] = String(told).split(' ');
    expect([client, secret], 'of another').to.deep.equal([readerOf(reader.identity), name]);
    expect(Number(request), 'older than the last answers').to.be.greaterThan(reader.answered);
    if (answer.ok) {
      expect(Number(answer.value.version), 'back in time').to.be.at.least(reader.has.get(name) ?? 0);
      reader.has.set(name, Number(answer.value.version));
    }
    return Number(request);
  }

  #version(name: string): number {
    return this.#versions.get(name) ?? 0;
  }

  #pause(): Promise<void> {
    return this.clock.sleep(this.#delays[this.#pauses++ % this.#delays.length] ?? 0);
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
        reads += world.requests.length;
        answers += world.answers;
      }),
      { numRuns: 400 },
    );
    // Otherwise the test would prove little.
    expect(reads).to.be.lessThan(answers);
  }).timeout(60_000);
});
