import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Question, RCODE, type Reply, readQuestion, writeReply } from './message.ts';
import type { DnsTrouble } from './troubles.ts';

export type Transport = 'udp' | 'tcp';

export interface DnsOptions {
  readonly port?: number | undefined;
  readonly lookUp: (question: Question) => Reply;
  readonly trouble: (name: string, transport: Transport) => DnsTrouble | undefined;
  /** `rcode` is -1 when nothing was answered. */
  readonly onQuestion: (question: Question, transport: Transport, rcode: number) => void;
}

export interface DnsServer {
  /** `127.0.0.1:PORT`, as `dns.Resolver#setServers` takes it. */
  readonly address: string;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const ATTEMPTS = 5;
const FAILURES = { servfail: RCODE.SERVFAIL, refused: RCODE.REFUSED, nxdomain: RCODE.NXDOMAIN } as const;

/**
 * A DNS server on loopback, UDP and TCP on the same port.
 *
 * Guarantees: every readable question is reported once, also when nothing is answered; what is no question is ignored.
 * Failure: rejects when a given port is taken.
 */
export async function startDnsServer(options: DnsOptions): Promise<DnsServer> {
  const sockets = new Set<Socket>();
  const tcp = createServer((socket) => serveStream(socket, sockets, options));
  const udp = createSocket('udp4');
  udp.on('message', (message, from) => {
    void respond(message, 'udp', options).then((reply) => reply && sendBack(udp, reply, from));
  });
  const port = await bindBoth(udp, tcp, options.port ?? 0);
  const stop = async () => {
    for (const socket of sockets) socket.destroy();
    await Promise.all([
      new Promise<void>((resolve) => udp.close(() => resolve())),
      new Promise<void>((resolve) => tcp.close(() => resolve())),
    ]);
  };
  return { address: `${HOST}:${port}`, stop };
}

/** A free UDP port need not be free for TCP: try again with another. */
async function bindBoth(udp: UdpSocket, tcp: Server, wanted: number): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await listenTcp(tcp, wanted);
    const bound = await bindUdp(udp, port).then(
      () => true,
      () => false,
    );
    if (bound) return port;
    await new Promise<void>((resolve) => tcp.close(() => resolve()));
    if (wanted !== 0 || attempt === ATTEMPTS) throw new Error(`no DNS port is free for UDP and TCP: ${port}`);
  }
}

function listenTcp(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

function bindUdp(socket: UdpSocket, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, HOST, () => {
      socket.off('error', reject);
      resolve();
    });
  });
}

/** A client that is gone already needs no answer. */
function sendBack(udp: UdpSocket, reply: Buffer, from: { port: number; address: string }): void {
  try {
    udp.send(reply, from.port, from.address, () => undefined);
  } catch {
    // The socket was closed by `stop` while a delayed answer was waiting.
  }
}

/** Over TCP each message follows its length in two bytes. */
function serveStream(socket: Socket, sockets: Set<Socket>, options: DnsOptions): void {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
  socket.on('error', () => socket.destroy());
  let pending = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const end = 2 + pending.readUInt16BE(0);
      const message = pending.subarray(2, end);
      pending = pending.subarray(end);
      void respond(message, 'tcp', options).then((reply) => reply && socket.write(framed(reply)));
    }
  });
}

function framed(reply: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(reply.length);
  return Buffer.concat([length, reply]);
}

/** The bytes to answer, or undefined for silence. */
async function respond(
  message: Buffer,
  transport: Transport,
  options: DnsOptions,
): Promise<Buffer | undefined> {
  const question = readQuestion(message);
  if (!question) return undefined;
  const trouble = options.trouble(question.name, transport);
  const reply = shape(question, trouble, options);
  options.onQuestion(question, transport, reply?.rcode ?? -1);
  if (trouble?.delayMs !== undefined) await sleep(trouble.delayMs, undefined, { ref: false });
  if (!reply) return undefined;
  const bytes = writeReply(question, reply);
  return trouble?.mode === 'garbage' ? bytes.subarray(0, 5) : bytes;
}

function shape(
  question: Question,
  trouble: DnsTrouble | undefined,
  { lookUp }: DnsOptions,
): Reply | undefined {
  switch (trouble?.mode) {
    case 'silent':
      return undefined;
    case 'servfail':
    case 'refused':
    case 'nxdomain':
      return { rcode: FAILURES[trouble.mode], records: [] };
    case 'truncated':
      return { ...lookUp(question), truncated: true };
    default:
      return lookUp(question);
  }
}
