/** The thread that checks: an entry of its own in the bundle. Messages are described in `worker-validator.ts`. */
import { parentPort } from 'node:worker_threads';
import { check } from './check.ts';
import type { Answer, Question } from './worker-validator.ts';

parentPort?.on('message', ({ id, schema, content }: Question) => {
  const answer: Answer = { id, outcome: check(schema, content) };
  parentPort?.postMessage(answer);
});
