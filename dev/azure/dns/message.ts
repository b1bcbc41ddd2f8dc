/**
 * The little of DNS (RFC 1035, RFC 2782) that SRV questions need.
 *
 * Guarantees: the question is repeated byte for byte, also in its spelling; a message that cannot be read is
 * undefined. Assumptions: one question per message, as every resolver sends; no compression in answers.
 */

export const RCODE = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;
export type Rcode = (typeof RCODE)[keyof typeof RCODE];

const TYPES: Readonly<Record<number, string>> = { 1: 'A', 5: 'CNAME', 16: 'TXT', 28: 'AAAA', 33: 'SRV' };
const SRV = 33;
const INTERNET = 1;
const HEADER_BYTES = 12;
const TTL_SECONDS = 60;

export interface Question {
  readonly id: number;
  readonly recursionDesired: boolean;
  /** Lower case, without the final dot. */
  readonly name: string;
  /** `SRV`, `A`, …, or the number of a rarer type. */
  readonly type: string;
  /** The question section as it came. */
  readonly raw: Buffer;
}

/** The target of a service: where it runs and how it is weighed. */
export interface SrvRecord {
  readonly target: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

export interface Reply {
  readonly rcode: Rcode;
  /** Sets TC and leaves the records out: ask again over TCP. */
  readonly truncated?: boolean;
  readonly records: readonly SrvRecord[];
}

export function readQuestion(message: Buffer): Question | undefined {
  if (message.length < HEADER_BYTES || message.readUInt16BE(4) !== 1) return undefined;
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (;;) {
    const length = message[at];
    if (length === undefined || length > 63 || at + 1 + length > message.length) return undefined;
    if (length === 0) break;
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const end = at + 5;
  if (end > message.length) return undefined;
  const type = message.readUInt16BE(at + 1);
  return {
    id: message.readUInt16BE(0),
    recursionDesired: (message.readUInt16BE(2) & 0x0100) !== 0,
    name: labels.join('.').toLowerCase(),
    type: TYPES[type] ?? String(type),
    raw: message.subarray(HEADER_BYTES, end),
  };
}

export function writeReply(question: Question, { rcode, truncated = false, records }: Reply): Buffer {
  const answers = truncated ? [] : records.map((record) => srvAnswer(question, record));
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(question.id, 0);
  // QR, AA and RA; RD is repeated.
  const flags = 0x8480 | (truncated ? 0x0200 : 0) | (question.recursionDesired ? 0x0100 : 0) | rcode;
  header.writeUInt16BE(flags, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers.length, 6);
  return Buffer.concat([header, question.raw, ...answers]);
}

function srvAnswer({ raw }: Question, { target, port, priority, weight }: SrvRecord): Buffer {
  const data = Buffer.concat([numbers(priority, weight, port), encodeName(target)]);
  const name = raw.subarray(0, raw.length - 4);
  const ttl = Buffer.alloc(4);
  ttl.writeUInt32BE(TTL_SECONDS);
  return Buffer.concat([name, numbers(SRV, INTERNET), ttl, numbers(data.length), data]);
}

function numbers(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) buffer.writeUInt16BE(value, index * 2);
  return buffer;
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  const parts = labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...parts, Buffer.from([0])]);
}
