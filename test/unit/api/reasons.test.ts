import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { REASONS } from '../../../src/api/reasons.ts';

/** All sources that may give a reason, or all tests, as one text. */
function sources(folder: string): string {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(
      (entry) =>
        entry.isFile() && entry.name.endsWith('.ts') && !entry.parentPath.startsWith(join('src', 'api')),
    )
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
}

describe('the closed list of reasons', () => {
  it('holds none that nothing gives', () => {
    const text = sources('src');
    const unused = REASONS.filter((reason) => !text.includes(`'${reason}'`));
    expect(unused, 'nothing in src/ gives these: remove them from src/api/reasons.ts').to.deep.equal([]);
  });

  it('holds none that no test asks for', () => {
    const text = sources('test');
    const unasked = REASONS.filter((reason) => !new RegExp(`\\b${reason}\\b`).test(text));
    expect(unasked, 'add a test that brings each of these about, and names it').to.deep.equal([]);
  });

  it('names none twice', () => {
    expect(new Set(REASONS).size).to.equal(REASONS.length);
  });
});
