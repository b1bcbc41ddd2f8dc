import { digest } from './setting.ts';

/**
 * Sync tokens `<id>=<value>;sn=<n>` (A.9): clients keep, per id, the token with the highest sn and send it back
 * without the sn, so the value itself must carry the number.
 */
export class SyncTokens {
  readonly #id: string;

  constructor(storeName: string) {
    this.#id = digest([storeName]).slice(0, 8);
  }

  /** The header of an answer that shows the store as of this sequence number. */
  format(sn: number): string {
    return `${this.#id}=${Buffer.from(`0:${sn}`).toString('base64')};sn=${sn}`;
  }

  /** The highest sequence number in a request header; foreign and malformed tokens count as 0. */
  read(text: string | undefined): number {
    if (text === undefined) return 0;
    const prefix = `${this.#id}=`;
    const values = text.split(',').map((token) => token.trim());
    return Math.max(
      0,
      ...values.filter((token) => token.startsWith(prefix)).map((token) => decode(token, prefix)),
    );
  }
}

function decode(token: string, prefix: string): number {
  const value = token.slice(prefix.length).split(';')[0] ?? '';
  const match = /^0:(\d+)$/.exec(Buffer.from(value, 'base64').toString('utf8'));
  return Number(match?.[1] ?? 0);
}
