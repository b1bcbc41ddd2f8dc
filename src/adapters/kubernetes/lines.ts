const NEWLINE = 0x0a;

/**
 * Splits a byte stream into lines, at byte 0x0A and nowhere else.
 *
 * Bytes, not text: a chunk may end inside a UTF-8 character, and U+2028 and U+2029, which `readline` takes for line
 * ends, may stand in JSON strings. 0x0A occurs in UTF-8 only as itself.
 */
export class LineSplitter {
  #rest: Buffer[] = [];

  /** The lines completed by `chunk`. */
  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      lines.push(this.#take(chunk.subarray(start, end)));
      start = end + 1;
    }
    if (start < chunk.length) this.#rest.push(chunk.subarray(start));
    return lines;
  }

  /** Whether bytes of an unfinished line are left: the stream was cut. */
  get unfinished(): boolean {
    return this.#rest.length > 0;
  }

  #take(end: Buffer): string {
    const line = this.#rest.length === 0 ? end : Buffer.concat([...this.#rest, end]);
    this.#rest = [];
    return line.toString('utf8');
  }
}
