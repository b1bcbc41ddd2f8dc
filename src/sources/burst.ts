/**
 * What was just read from one vault as one identity (secrets, or its list), for all bindings that want the same.
 *
 * Guarantees: a burst ends {@link BURST_MS} after its first request, by a timer, and everything in it is dropped; no
 * answer takes the place of one whose request began later; a refusal takes the value away and is itself given to
 * others for {@link REFUSAL_MS} only, since someone may be at work on the cause; what finds no room is not kept.
 * Failure: trouble on the way says nothing about a secret: it is not kept, and takes nothing away.
 */
import type { Result } from '../domain/failure.ts';
import type { VaultAnswer } from '../ports/azure.ts';
import type { Clock } from '../ports/clock.ts';

/** Long enough for what belongs together, a fraction of the shortest interval of secrets (1 min). */
export const BURST_MS = 10_000;
/** Long enough for bindings that come up together (`GROUP_SPREAD_MS` in `domain/schedule.ts`). */
export const REFUSAL_MS = 2_000;

/** When a request began: milliseconds since the epoch, and its place among all requests, whatever the clock does. */
export interface Begin {
  readonly at: number;
  readonly order: number;
}

/** How much of all bursts together may be held, in characters. */
export class Room {
  #left: number;

  constructor(characters: number) {
    this.#left = characters;
  }

  /** Whether there was room. */
  take(size: number): boolean {
    if (size > this.#left) return false;
    this.#left -= size;
    return true;
  }

  give(size: number): void {
    this.#left += size;
  }
}

interface Kept<T> {
  readonly answer: VaultAnswer<T>;
  readonly begin: Begin;
  readonly size: number;
}

/** Names, times and the map's own needs, about. */
const OVERHEAD = 500;

/** What all bursts of one kind have in common. */
export interface BurstNeeds<T> {
  readonly clock: Clock;
  readonly room: Room;
  /** How many characters an answer holds. */
  readonly sizeOf: (value: T) => number;
}

export class Burst<T> {
  readonly #clock: Clock;
  readonly #room: Room;
  readonly #sizeOf: (value: T) => number;
  readonly #kept = new Map<string, Kept<T>>();

  /** `ended` is called once, when everything has been dropped. */
  constructor(begin: Begin, { clock, room, sizeOf }: BurstNeeds<T>, ended: () => void) {
    this.#clock = clock;
    this.#room = room;
    this.#sizeOf = sizeOf;
    clock.setTimer(begin.at + BURST_MS - clock.now(), () => {
      for (const uri of [...this.#kept.keys()]) this.#forget(uri);
      ended();
    });
  }

  /** The answer for `uri`, if its request began at `oldest` or later and it may still be shared. */
  find(uri: string, oldest: number): VaultAnswer<T> | undefined {
    const kept = this.#kept.get(uri);
    if (kept === undefined || kept.begin.at < oldest) return undefined;
    return isShareable(kept.answer.result, kept.begin, this.#clock.now()) ? kept.answer : undefined;
  }

  /** Takes note of an answer: what is older goes, whether or not the new one can be shared. */
  keep(uri: string, answer: VaultAnswer<T>, begin: Begin): void {
    const { result } = answer;
    const before = this.#kept.get(uri);
    if (!isNews(result) || (before !== undefined && before.begin.order > begin.order)) return;
    this.#forget(uri);
    if (!isShareable(result, begin, this.#clock.now())) return;
    const size = OVERHEAD + (result.ok ? this.#sizeOf(result.value) : 0);
    if (this.#room.take(size)) this.#kept.set(uri, { answer, begin, size });
  }

  #forget(uri: string): void {
    this.#room.give(this.#kept.get(uri)?.size ?? 0);
    this.#kept.delete(uri);
  }
}

const isNews = (answer: Result<unknown>): boolean => answer.ok || answer.failure.kind === 'blocked';

/** Whether others may have it. One of the future says that the clock was set back, and nothing about its age. */
export function isShareable(answer: Result<unknown>, { at }: Begin, now: number): boolean {
  const forMs = answer.ok ? BURST_MS : REFUSAL_MS;
  return isNews(answer) && now >= at && now - at < forMs;
}
