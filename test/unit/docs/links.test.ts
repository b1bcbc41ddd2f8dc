import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

/** Documentation that names what is not there is worse than none: every link and every path is followed. */

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Markdown files that git knows or would add, relative to the root. */
const PAGES = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--', '*.md'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((page) => page !== '' && existsSync(join(ROOT, page)));

const textOf = (page: string): string => readFileSync(join(ROOT, page), 'utf8');
const withoutCode = (text: string): string =>
  text.replace(/^ *```[\s\S]*?^ *```/gm, '').replace(/`[^`\n]*`/g, '');

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');

const anchorsOf = (page: string): readonly string[] =>
  [...textOf(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

/** Links to places in this repository, as written. */
const linksOf = (page: string): readonly string[] =>
  [...withoutCode(textOf(page)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z][a-z0-9+.-]*:/i.test(target));

function isBroken(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(ROOT, target))) return true;
  return anchor !== undefined && !anchorsOf(target).includes(anchor);
}

const FOLDERS = 'src|dev|test|docs|examples|charts|scripts|crds|bench';
/** Paths from the root in code spans; `*`, `…` and `<name>` stand for something, and so name no file. */
const PATHS = new RegExp(`\`((?:${FOLDERS})/[A-Za-z0-9_./@-]*)\``, 'g');

const pathsOf = (page: string): readonly string[] =>
  [...textOf(page).matchAll(PATHS)].map(([, path = '']) => path);

/** A path with a slash at its end is a folder. */
const isMissing = (path: string): boolean => {
  const file = join(ROOT, path);
  return !existsSync(file) || (path.endsWith('/') && !statSync(file).isDirectory());
};

describe('the documentation', () => {
  it('has pages to check', () => {
    expect(PAGES).to.include.members(['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md']);
  });

  for (const page of PAGES) {
    it(`links from ${page} only to pages and headings that exist`, () => {
      expect(linksOf(page).filter((link) => isBroken(page, link))).to.deep.equal([]);
    });

    it(`names in ${page} only files and folders that exist`, () => {
      expect(pathsOf(page).filter(isMissing)).to.deep.equal([]);
    });
  }

  it('lists every page of a folder in the index of docs', () => {
    const index = linksOf('docs/README.md').map((link) => join('docs', link.split('#')[0] ?? ''));
    const pages = PAGES.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md');
    expect(pages.filter((page) => !index.includes(page))).to.deep.equal([]);
  });
});
