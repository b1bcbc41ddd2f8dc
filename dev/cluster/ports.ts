/**
 * Ports of 127.0.0.1 for servers that are to keep theirs over a restart.
 *
 * Guarantees: a port is given out once, to one process, for as long as that process lives; whoever asks at the same
 * instant, in this process or in another one, gets another port. Nothing is left behind, however a process ends.
 * Assumptions: Linux. Reservations are seen by those who ask here; a program that binds a port of the range without
 * asking is noticed only if it did so before.
 */
import { randomInt } from 'node:crypto';
import { createServer, type ListenOptions, type Server } from 'node:net';

// Below the kernel's ephemeral range (32768 and up): a restarted server must get its port back,
// and no outgoing connection may have taken it meanwhile.
const lowest = 20_000;
const highest = 30_000;

/** A TCP port of 127.0.0.1 on which nothing listens, reserved until this process ends. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = randomInt(lowest, highest);
    if (await reserve(port)) return port;
  }
  throw new Error(`no free port found between ${lowest} and ${highest}`);
}

/**
 * Binding a name is the reservation: the kernel lets one socket have it and takes it back when the process is gone.
 * The name is in the abstract namespace of unix(7), so there is no file, and only programs that ask here know it.
 * It comes first: between a look at the port and its use by the server nobody else can be given it.
 */
async function reserve(port: number): Promise<boolean> {
  const reservation = await bind({ path: `\0appconfig-operator/port/${port}` });
  if (reservation === undefined) return false;
  const probe = await bind({ port, host: '127.0.0.1', exclusive: true });
  if (probe === undefined) {
    reservation.close();
    return false;
  }
  await new Promise((resolve) => probe.close(resolve));
  return true;
}

function bind(where: ListenOptions): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    // Neither a reservation nor a probe keeps the program alive.
    server.unref();
    server.once('error', () => resolve(undefined));
    server.listen(where, () => resolve(server));
  });
}
