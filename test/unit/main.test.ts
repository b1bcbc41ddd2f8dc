import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Of an API server that nobody finds: the operator starts and keeps looking for it. */
const KUBECONFIG = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
  users: [{ name: 'u', user: { token: 't' } }],
  contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
  'current-context': 'x',
});

/** Happens once the operator is under way; a client of Azure hangs whole answers on its errors. */
const BUG = `
const bug = Object.assign(new Error('s3cret in a message'), { name: 'RestError', response: 's3cret in an answer' });
const { write } = process.stdout;
process.stdout.write = function (text, ...rest) {
  if (String(text).includes('"message":"Started."')) setImmediate(() => FAIL);
  return write.call(this, text, ...rest);
};
`;

describe('the process', function () {
  this.timeout(60_000);
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'main-'));
    await writeFile(join(dir, 'kubeconfig'), KUBECONFIG);
  });
  afterEach(() => rm(dir, { recursive: true }));

  for (const [what, fail] of [
    ['thrown and not caught', '{ throw bug; }'],
    ['the reason of a rejection that nobody awaits', 'void Promise.reject(bug)'],
  ] as const) {
    it(`ends with 1 and one line of its log, redacted, when an error is ${what}`, () => {
      const bug = `data:text/javascript,${encodeURIComponent(BUG.replace('FAIL', fail))}`;
      const flags = [`--kubeconfig=${join(dir, 'kubeconfig')}`, '--http-address=127.0.0.1:0'];
      const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', bug, MAIN, ...flags], {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'] },
        timeout: 50_000,
      });
      expect(stderr).to.equal('');
      expect(stdout).not.to.include('s3cret');
      const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
      expect(last).to.deep.include({ level: 'error', message: 'The process ends: nobody caught an error.' });
      expect(last.error).to.include({ name: 'RestError' });
      expect(status).to.equal(1);
    });
  }
});
