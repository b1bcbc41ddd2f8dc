/**
 * Tells on the standard error output what happens, with the seconds since the start.
 *
 * Guarantees: a line when something new begins, and at most one every two seconds while it goes on.
 */
export class Progress {
  readonly #started = Date.now();
  #toldAt = 0;

  /** Something new begins. */
  say(text: string): void {
    this.#toldAt = Date.now();
    const seconds = ((this.#toldAt - this.#started) / 1000).toFixed(1).padStart(6);
    process.stderr.write(`${seconds}s  ${text}\n`);
  }

  /** It goes on; `text` is asked for only when it is time to tell. */
  tick(text: () => string): void {
    if (Date.now() - this.#toldAt >= 2_000) this.say(`  ${text()}`);
  }
}
