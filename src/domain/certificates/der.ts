/**
 * Just enough of ASN.1 (X.690) to take a PFX apart.
 *
 * Guarantees: nothing is read beyond the end of what contains it; lengths of either form, octet strings in pieces
 * (BER, as some exporters write them) included; nesting is bounded.
 * Failure: throws `MalformedDer`.
 */
export interface DerNode {
  /** Class, constructed bit and number, as one byte; higher tag numbers occur nowhere in a PFX. */
  readonly tag: number;
  readonly content: Buffer;
  /** With tag and length. */
  readonly whole: Buffer;
}

export class MalformedDer extends Error {}

export const TAG = {
  integer: 0x02,
  octets: 0x04,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
  context0: 0xa0,
} as const;

const MAX_DEPTH = 32;
const CONSTRUCTED = 0x20;

/** The nodes that lie one after the other in `bytes`. */
export function readAll(bytes: Buffer, depth = 0): readonly DerNode[] {
  const nodes: DerNode[] = [];
  for (let at = 0; at < bytes.length; ) {
    const node = readAt(bytes, at, depth);
    nodes.push(node);
    at += node.whole.length;
  }
  return nodes;
}

/** The members of a node that must have `tag`. */
export function members(node: DerNode | undefined, tag: number = TAG.sequence): readonly DerNode[] {
  return readAll(expectTag(node, tag).content);
}

export function expectTag(node: DerNode | undefined, tag: number): DerNode {
  if (node?.tag !== tag) throw new MalformedDer('unexpected tag');
  return node;
}

/** The bytes of an octet string, in one piece or several; implicit tags of class context are taken as they are. */
export function octets(node: DerNode | undefined): Buffer {
  if (node === undefined) throw new MalformedDer('missing node');
  if ((node.tag & CONSTRUCTED) === 0) return node.content;
  return Buffer.concat(readAll(node.content).map(octets));
}

/** Dotted, such as 1.2.840.113549.1.7.1. */
export function oid(node: DerNode | undefined): string {
  const { content } = expectTag(node, TAG.oid);
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f);
    if (!Number.isSafeInteger(arc)) throw new MalformedDer('arc of an object identifier');
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const [first = 0, ...rest] = arcs;
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - root * 40, ...rest].join('.');
}

/** A number that is not negative and small enough to count with. */
export function integer(node: DerNode | undefined): number {
  const { content } = expectTag(node, TAG.integer);
  if (content.length === 0 || content.length > 6 || (content[0] ?? 0) > 0x7f)
    throw new MalformedDer('number');
  return content.readUIntBE(0, content.length);
}

function readAt(bytes: Buffer, at: number, depth: number): DerNode {
  const [tag, first] = [bytes[at], bytes[at + 1]];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f || depth > MAX_DEPTH)
    throw new MalformedDer('tag or length');
  if (first === 0x80) return readIndefinite(bytes, at, tag, depth);
  const { start, length } =
    first < 0x80 ? { start: at + 2, length: first } : longLength(bytes, at, first & 0x7f);
  const end = start + length;
  if (end > bytes.length) throw new MalformedDer('length beyond the end');
  return { tag, content: bytes.subarray(start, end), whole: bytes.subarray(at, end) };
}

function longLength(bytes: Buffer, at: number, size: number): { start: number; length: number } {
  const start = at + 2 + size;
  if (size > 4 || start > bytes.length) throw new MalformedDer('length');
  return { start, length: bytes.readUIntBE(at + 2, size) };
}

/** Up to the two zeros that end it. */
function readIndefinite(bytes: Buffer, at: number, tag: number, depth: number): DerNode {
  const start = at + 2;
  let next = start;
  while (bytes[next] !== 0 || bytes[next + 1] !== 0) next += readAt(bytes, next, depth + 1).whole.length;
  return { tag, content: bytes.subarray(start, next), whole: bytes.subarray(at, next + 2) };
}
