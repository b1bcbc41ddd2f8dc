/** The thread that checks: an entry of its own in the bundle. Messages are described in `messages.ts`. */
import { parentPort } from 'node:worker_threads';
import { check } from './check.ts';
import { type Answer, type Question, READY } from './messages.ts';

// What follows is timed; loading is not.
parentPort?.postMessage(READY);
parentPort?.on('message', ({ id, schema, content }: Question) => {
  const answer: Answer = { id, outcome: check(schema, content) };
  parentPort?.postMessage(answer);
});
