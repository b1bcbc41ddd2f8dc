import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { freePort } from '../../../dev/cluster/ports.ts';

const MODULE = fileURLToPath(new URL('../../../dev/cluster/ports.ts', import.meta.url));

/** Asks in a process of its own; a narrow range makes clashes certain if they are possible. */
const ASKS = `
  import crypto from 'node:crypto';
  import { syncBuiltinESMExports } from 'node:module';
  let turn = 0;
  crypto.randomInt = () => 24_000 + (turn++ % 40);
  syncBuiltinESMExports();
  const { freePort } = await import(process.argv[1]);
  const ports = await Promise.all(Array.from({ length: 8 }, () => freePort()));
  console.log(JSON.stringify(ports));
  // The others must ask while this one still holds its ports.
  process.stdin.resume();
  await new Promise((resolve) => process.stdin.once('end', resolve));
`;

describe('a port for a server', () => {
  it('is given to one of those who ask at the same instant in different processes', async () => {
    const children = Array.from({ length: 3 }, () => {
      const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', ASKS, MODULE]);
      const answer = new Promise<number[]>((resolve) =>
        run.child.stdout?.once('data', (text) => resolve(JSON.parse(String(text)))),
      );
      return { run, answer };
    });
    const answers = await Promise.all(children.map(({ answer }) => answer));
    for (const { run } of children) run.child.stdin?.end();
    await Promise.all(children.map(({ run }) => run));
    const ports = answers.flat();
    expect(ports).to.have.length(24);
    expect(new Set(ports).size).to.equal(24);
  });

  it('is given once in a process, and is free to be listened on', async () => {
    const ports = await Promise.all(Array.from({ length: 50 }, () => freePort()));
    expect(new Set(ports).size).to.equal(50);
    const [port = 0] = ports;
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    await new Promise((resolve) => server.close(resolve));
  });
});
