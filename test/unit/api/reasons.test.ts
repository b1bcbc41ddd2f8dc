import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { REASONS } from '../../../src/api/reasons.ts';

/** All sources that may give a reason, as one text. */
function sources(folder: string): string {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(join('src', 'api')))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
}

describe('the closed list of reasons', () => {
  it('holds none that nothing gives', () => {
    const text = sources('src');
    expect(REASONS.filter((reason) => !text.includes(`'${reason}'`))).to.deep.equal([]);
  });

  it('names none twice', () => {
    expect(new Set(REASONS).size).to.equal(REASONS.length);
  });
});
