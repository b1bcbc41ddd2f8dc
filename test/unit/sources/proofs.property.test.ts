import { expect } from 'chai';
import fc from 'fast-check';
import type { Result } from '../../../src/domain/failure.ts';
import type { Identity } from '../../../src/domain/identity/identity.ts';
import type { PageTags } from '../../../src/ports/azure.ts';
import { Gate } from '../../../src/sources/gate.ts';
import { PROOF_MS } from '../../../src/sources/proofs.ts';
import { Selections } from '../../../src/sources/selections.ts';
import { MemoryAzure, readerOf } from '../../support/memory-azure.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import {
  ENDPOINT,
  HOST,
  identityOf,
  okValue,
  patience,
  RecordingMetrics,
  select,
  silentLogger,
} from './fixtures.ts';

type Action =
  | { readonly kind: 'grant' | 'revoke' | 'content'; readonly who: number }
  | { readonly kind: 'observe'; readonly who: number; readonly maxAgeMs: number }
  | { readonly kind: 'change' }
  | { readonly kind: 'wait'; readonly ms: number };

const who = fc.nat({ max: 2 });
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constantFrom('grant', 'revoke', 'content'), who }),
  fc.record({
    kind: fc.constant('observe' as const),
    who,
    maxAgeMs: fc.constantFrom(0, 30_000, 300_000),
  }),
  fc.record({ kind: fc.constant('content' as const), who }),
  fc.constant({ kind: 'change' } as const),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(0, 300, 5_000, 60_000, 400_000) }),
);

/** What was true from `at` on. */
interface Moment {
  readonly at: number;
  readonly version: number;
  readonly granted: readonly boolean[];
}

/** One store with a version in each of its 120 settings, three identities, and all that was ever true of them. */
class World {
  readonly clock = new VirtualClock();
  readonly azure = new MemoryAzure();
  readonly identities = ['a', 'b', 'c'].map(identityOf);
  readonly history: Moment[] = [];
  readonly versionOf = new Map<string, number>();
  readonly selections: Selections;
  #call = 0;
  #newestGiven = 0;

  constructor(delays: readonly number[]) {
    const { azure: reader, clock } = this;
    const pause = () => clock.sleep(delays[this.#call++ % delays.length] ?? 0);
    reader.arrival = pause;
    reader.delay = pause;
    const gate = new Gate({ clock });
    const metrics = new RecordingMetrics();
    this.selections = new Selections({ reader, gate, clock, metrics, logger: silentLogger });
    this.selections.subscribe('x', [select()]);
    for (let at = 0; at < 120; at += 1) this.azure.set(ENDPOINT, { key: `k${at}`, value: '0' });
    this.note();
  }

  get version(): number {
    return this.history.at(-1)?.version ?? 0;
  }

  change(): void {
    const version = this.version + 1;
    for (const key of ['k0', 'k119']) this.azure.set(ENDPOINT, { key, value: String(version) });
    this.note(version);
  }

  note(version = this.version): void {
    this.versionOf.set(keyOf(this.azure.tags(select())), version);
    const granted = this.identities.map(({ clientId }) => this.azure.isGranted(clientId, HOST));
    this.history.push({ at: this.clock.now(), version, granted });
  }

  /** Was `identity` allowed to see `version` at some moment of the last ten minutes, while it was current? */
  mayHave(identity: { readonly key: string }, version: number): boolean {
    const index = this.identities.findIndex(({ key }) => key === identity.key);
    const since = this.clock.now() - PROOF_MS;
    return this.history.some((moment, at) => {
      const until = this.history[at + 1]?.at ?? Infinity;
      return until >= since && moment.version === version && moment.granted[index] === true;
    });
  }

  /** Checks an answer at the moment it is given. */
  judge(identity: Identity, result: Result<{ readonly tags: PageTags }>): void {
    if (!result.ok) return;
    const version = this.versionOf.get(keyOf(result.value.tags));
    if (version === undefined) throw new Error('these pages never stood in the store');
    expect(this.mayHave(identity, version), `${readerOf(identity)} got version ${version}`).to.equal(true);
    expect(version, 'nothing goes back in time').to.be.at.least(this.#newestGiven);
    this.#newestGiven = version;
  }

  async run(actions: readonly Action[]): Promise<void> {
    const answers: Promise<void>[] = [];
    for (const step of actions) {
      const answer = await this.#step(step);
      if (answer) answers.push(answer.settled);
    }
    await this.clock.advance(60_000);
    await Promise.all(answers);
  }

  /** Reads are not waited for: they overlap with what follows. */
  async #step(step: Action): Promise<{ settled: Promise<void> } | undefined> {
    if (step.kind === 'wait') return void (await this.clock.advance(step.ms));
    if (step.kind === 'change') return void this.change();
    const identity = this.identities[step.who];
    if (!identity) throw new Error('no such identity');
    if (step.kind === 'grant' || step.kind === 'revoke') {
      this.azure[step.kind](identity.clientId, HOST);
      return void this.note();
    }
    return { settled: this.#ask(step, identity).then((result) => this.judge(identity, result)) };
  }

  #ask(step: Action, identity: Identity): Promise<Result<{ readonly tags: PageTags }>> {
    const signal = patience();
    if (step.kind !== 'observe') return this.selections.content(select(), identity, { signal });
    return this.selections.observe(select(), identity, { maxAgeMs: step.maxAgeMs, signal });
  }
}

const keyOf = ({ host, etags }: PageTags): string => [host, ...etags].join(' ');

describe('proofs of identity, for any order of grants, revocations, changes and overlapping reads', () => {
  const delays = fc.array(fc.constantFrom(0, 1, 20, 400, 2_500), {
    minLength: 1,
    maxLength: 12,
    size: 'max',
  });

  it('never give an identity what it was not allowed to see, and never go back in time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 60, size: 'max' }), delays, async (actions, slow) => {
        await new World(slow).run(actions);
      }),
      { numRuns: 500 },
    );
  });

  it('give each allowed identity the current content once all is quiet', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40, size: 'max' }), delays, async (actions, slow) => {
        const world = new World(slow);
        await world.run(actions);
        for (const identity of world.identities) world.azure.grant(identity.clientId, HOST);
        world.note();
        await world.clock.advance(1_000);
        for (const identity of world.identities) {
          const observing = world.selections.observe(select(), identity, { maxAgeMs: 0, signal: patience() });
          await world.clock.advance(30_000);
          okValue(await observing);
          const reading = world.selections.content(select(), identity, { signal: patience() });
          await world.clock.advance(30_000);
          const { settings } = okValue(await reading);
          expect(settings.find(({ key }) => key === 'k0')?.value).to.equal(String(world.version));
        }
      }),
      { numRuns: 200 },
    );
  });
});
