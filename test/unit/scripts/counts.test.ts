import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { added, countsOf, failuresOf } from '../../../scripts/counts.ts';
import type { Ran } from '../../../scripts/run.ts';

const mocha = `${process.cwd()}/node_modules/.bin/mocha`;

describe('what a run of mocha counts', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'acop-counts-'));
  });
  after(() => rm(folder, { recursive: true }));

  const ranOf = async (text: string): Promise<Ran> => {
    const file = join(folder, 'some.test.mjs');
    await writeFile(file, text);
    const child = spawn(process.execPath, [mocha, '--no-config', file], { cwd: folder });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    const [code] = (await once(child, 'close')) as [number | null];
    return { code: code ?? 1, output, seconds: 1 };
  };

  it('is what mocha says, with the text of the failures', async () => {
    const ran = await ranOf(`
      it('holds', () => {});
      it('is for later');
      it('breaks', () => { throw new Error('as it must') });
    `);
    expect(countsOf(ran)).to.deep.equal({ passed: 1, failed: 1, skipped: 1 });
    expect(failuresOf(ran)).to.match(/^1 failing[\s\S]*as it must/);
  });

  it('is a failure when the process dies before the end, whatever passed', async () => {
    const ran = await ranOf(`
      it('holds', () => {});
      it('kills', () => process.exit(3));
    `);
    expect(countsOf(ran).failed).to.equal(1);
  });

  it('is a failure when there was no test', async () => {
    expect(countsOf(await ranOf('')).failed).to.equal(1);
  });

  it('is added up over the parts of a suite', () => {
    const parts = [
      { passed: 1, failed: 2, skipped: 3 },
      { passed: 10, failed: 20, skipped: 30 },
    ];
    expect(parts.reduce(added)).to.deep.equal({ passed: 11, failed: 22, skipped: 33 });
  });
});
