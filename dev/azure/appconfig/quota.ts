import type { Clock } from '../clock.ts';

const DAY_MS = 24 * 3600 * 1000;

/** Requests per day of one endpoint; quotas are per replica and start again at 00:00 UTC (A.10). */
export class DailyQuota {
  /** Undefined: no quota. */
  limit: number | undefined;
  readonly #clock: Clock;
  #day = '';
  #used = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one request; the milliseconds until 00:00 UTC when the quota is used up, else undefined. */
  spend(): number | undefined {
    if (this.limit === undefined) return undefined;
    const now = this.#clock.now();
    const day = new Date(now).toISOString().slice(0, 10);
    if (day !== this.#day) {
      this.#day = day;
      this.#used = 0;
    }
    this.#used += 1;
    return this.#used <= this.limit ? undefined : Date.parse(`${day}T00:00:00Z`) + DAY_MS - now;
  }
}
