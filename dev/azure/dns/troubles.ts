/** A record that the zone would not have: a wrong target, one more alternative. */
export interface ExtraRecord {
  /** Lower case, without the final dot. */
  readonly name: string;
  readonly target: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/**
 * What happens to a question: an error code, no answer at all, a UDP answer cut off (TC set, so that the client asks
 * again over TCP), bytes that are no DNS message, or, without a mode, only the delay before the true answer.
 */
export type DnsMode = 'servfail' | 'refused' | 'nxdomain' | 'silent' | 'truncated' | 'garbage';

export interface DnsTrouble {
  readonly mode?: DnsMode | undefined;
  readonly delayMs?: number | undefined;
  /** Regular expression over the name; omitted: every name. */
  readonly name?: string | undefined;
  readonly transport?: 'udp' | 'tcp' | undefined;
  /** Ends after that many questions. */
  readonly count?: number | undefined;
}

interface Armed {
  readonly trouble: DnsTrouble;
  readonly name: RegExp | undefined;
  hits: number;
}

/** The troubles and extra records of the pretend DNS; the first trouble that matches shapes the answer. */
export class DnsTroubles {
  #armed: Armed[] = [];
  #extra: ExtraRecord[] = [];

  /** Throws on an invalid `name` expression. */
  add(trouble: DnsTrouble): void {
    const name = trouble.name === undefined ? undefined : new RegExp(trouble.name);
    this.#armed.push({ trouble, name, hits: 0 });
  }

  addRecord(record: ExtraRecord): void {
    this.#extra.push(record);
  }

  /** Records of a name, in the order in which they were added; they stand beside those of the zone. */
  recordsOf(name: string): ExtraRecord[] {
    return this.#extra.filter((record) => record.name === name);
  }

  /** The trouble of this question, counted as a hit. */
  take(name: string, transport: 'udp' | 'tcp'): DnsTrouble | undefined {
    const found = this.#armed.find(
      ({ trouble, name: pattern, hits }) =>
        (trouble.transport === undefined || trouble.transport === transport) &&
        (pattern === undefined || pattern.test(name)) &&
        (trouble.count === undefined || hits < trouble.count),
    );
    if (found) found.hits += 1;
    return found?.trouble;
  }

  clear(): void {
    this.#armed = [];
    this.#extra = [];
  }
}
