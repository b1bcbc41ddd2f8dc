/**
 * A program for the pod runner's tests. Its first output line is what it was given, as JSON. It serves
 * HTTP at --address=HOST:PORT: /ready and /live answer 200 until /unready, /dead; /exit ends it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const flags = new Map(process.argv.slice(2).map((arg) => arg.split('=', 2) as [string, string]));
// Before the first word: whoever has heard that may end it.
process.on('SIGTERM', () => {
  console.log('asked to end');
  process.exit(0);
});
const folder = flags.get('--files');
const read = (name: string) =>
  existsSync(`${folder}/${name}`) ? readFileSync(`${folder}/${name}`, 'utf8') : null;
console.log(
  JSON.stringify({
    args: process.argv.slice(2),
    env: process.env,
    files:
      folder &&
      Object.fromEntries(['token', 'ca.crt', 'namespace', 'a.txt'].map((name) => [name, read(name)])),
  }),
);

const answers = new Map([
  ['/ready', 200],
  ['/live', 200],
]);
const [host, port] = (flags.get('--address') ?? '127.0.0.1:0').split(':');
createServer((request, response) => {
  if (request.url === '/unready') answers.set('/ready', 503);
  if (request.url === '/dead') answers.set('/live', 503);
  if (request.url === '/exit') process.exit(3);
  response.statusCode = answers.get(request.url ?? '') ?? 200;
  response.end();
}).listen(Number(port), host);
