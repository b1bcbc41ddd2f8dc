import { readFileSync } from 'node:fs';
import { expect } from 'chai';

/** The page for those who come from another operator promises fields: each of them must be one of ours. */

const textOf = (page: string): string =>
  readFileSync(new URL(`../../../docs/${page}`, import.meta.url), 'utf8');

/** What the tables of fields name in their second column. */
const promised = (): readonly string[] => {
  const [, fields = ''] = /^## Fields$([\s\S]*?)^## /m.exec(textOf('guide/migrating.md')) ?? [];
  const cells = fields.split('\n').map((line) => line.split(' | ')[1] ?? '');
  return cells.flatMap((cell) =>
    [...cell.matchAll(/`((?:spec|status)\.[\w.[\]]+)`/g)].map(([, path = '']) => path),
  );
};

describe('the page about migrating', () => {
  it('promises only fields that the binding has', () => {
    const reference = textOf('reference/appconfigbinding.md');
    expect(promised()).to.include.members(['spec.store.endpoint', 'status.lastChangeTime']);
    expect(promised().filter((path) => !reference.includes(`| \`${path}\` |`))).to.deep.equal([]);
  });
});
