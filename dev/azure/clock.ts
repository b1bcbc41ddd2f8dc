/**
 * The one clock of the pretend Azure.
 *
 * Guarantees: every time that a client can see or that decides an answer (token lifetimes, `last_modified`,
 * quotas, hidden writes) comes from here, so a test moves hours forward at once.
 * Assumptions: TLS certificates and assertions of a real cluster keep real time; only the *reading* side shifts.
 */
export class Clock {
  #offsetMs = 0;
  #frozenAt: number | undefined;

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#frozenAt ?? Date.now() + this.#offsetMs;
  }

  /** Whole Unix seconds, the unit of Key Vault attributes and JWT claims. */
  seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  /** Runs `offsetMs` ahead of real time (behind, if negative) and un-freezes. */
  setOffset(offsetMs: number): void {
    this.#offsetMs = offsetMs;
    this.#frozenAt = undefined;
  }

  /** Moves forward (or back) from wherever the clock stands; a frozen clock stays frozen. */
  advance(ms: number): void {
    if (this.#frozenAt === undefined) this.#offsetMs += ms;
    else this.#frozenAt += ms;
  }

  /** Stops at the given time, or at the present one. */
  freeze(at = this.now()): void {
    this.#frozenAt = at;
  }
}
