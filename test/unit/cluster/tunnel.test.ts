import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { startTunnel, type Tunnel } from '../../../dev/cluster/tunnel.ts';

/** Answers each line with itself and its own name. */
async function startEcho(name: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => socket.write(`${name}:${data}`));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** The next answer; a silence is told by a second connection that gets an answer in the meantime. */
async function ask(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [data] = await once(socket, 'data');
  return String(data);
}

describe('a tunnel', () => {
  let first: Server;
  let second: Server;
  let tunnel: Tunnel;
  const sockets: Socket[] = [];
  const connect = (): Socket => {
    const socket = createConnection({ port: tunnel.port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    sockets.push(socket);
    return socket;
  };

  beforeEach(async () => {
    [first, second] = await Promise.all([startEcho('first'), startEcho('second')]);
    tunnel = await startTunnel({ port: 0 }, { port: portOf(first) });
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await tunnel.stop();
    first.close();
    second.close();
  });

  it('passes on what is sent, both ways', async () => {
    expect(await ask(connect(), 'a')).to.equal('first:a');
  });

  it('is silent to old and new connections while frozen, breaks none, and goes on when thawed', async () => {
    const old = connect();
    await ask(old, 'a');
    tunnel.freeze();
    const fresh = connect();
    await once(fresh, 'connect');
    const heard: string[] = [];
    for (const socket of [old, fresh]) socket.on('data', (data) => heard.push(String(data)));
    old.write('b');
    fresh.write('c');
    // Another way to the same server is answered; what was sent before through the tunnel would have been, too.
    const direct = createConnection({ port: portOf(first), host: '127.0.0.1' });
    sockets.push(direct);
    await ask(direct, 'd');
    await ask(direct, 'e');
    expect(heard).to.deep.equal([]);
    expect([old.destroyed, fresh.destroyed]).to.deep.equal([false, false]);
    const both = Promise.all([once(old, 'data'), once(fresh, 'data')]);
    tunnel.thaw();
    tunnel.thaw();
    await both;
    await Promise.all([ask(old, 'f'), ask(fresh, 'g')]);
    expect(heard.sort()).to.deep.equal(['first:b', 'first:c', 'first:f', 'first:g']);
  });

  it('breaks connections when cut, and leads new ones elsewhere when redirected', async () => {
    const old = connect();
    await ask(old, 'a');
    const ended = once(old, 'close');
    tunnel.redirect({ port: portOf(second) });
    tunnel.cut();
    await ended;
    expect(await ask(connect(), 'b')).to.equal('second:b');
  });

  it('can be stopped while one of its ends waits for the other', async () => {
    const socket = connect();
    await ask(socket, 'a');
    tunnel.freeze();
    socket.end();
    await tunnel.stop();
    tunnel = await startTunnel({ port: 0 }, { port: portOf(first) });
  });

  it('breaks a connection whose target refuses it', async () => {
    tunnel.redirect({ port: 1 });
    const socket = connect();
    await once(socket, 'close');
  });
});
