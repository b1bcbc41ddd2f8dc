/**
 * The licence texts of bundled packages, as their licences ask for when their code is handed on.
 *
 * Guarantees: each package of which a source file is given appears once, sorted by name and version.
 * Failure: a package that names no licence and ships no licence file is an error: it may not be handed on.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

interface Package {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression, as package.json says. */
  readonly licence: string;
  readonly texts: readonly string[];
}

/** What licence texts and notices are called. */
const LEGAL_FILE = /^(licen[cs]e|copying|notice|third.?party.?notices?)([-.].*)?$/i;
const SEPARATOR = `\n${'='.repeat(100)}\n\n`;

export async function licencesOf(
  root: string,
  sources: readonly string[],
): Promise<{ readonly text: string; readonly packages: number }> {
  const folders = [...new Set(sources.flatMap((path) => packageFolder(path) ?? []))].sort();
  const all = await Promise.all(folders.map((folder) => readPackage(join(root, folder))));
  // The same version may be installed in several places.
  const packages = [...new Map(all.map((one) => [titleOf(one), one])).entries()].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const intro = 'appconfig-operator contains code of the packages below, under these licences.\n';
  return {
    text: [intro, ...packages.map(([title, one]) => section(title, one))].join(SEPARATOR),
    packages: packages.length,
  };
}

/** `a/node_modules/@x/y/lib/z.js` → `a/node_modules/@x/y`; undefined for our own files. */
function packageFolder(path: string): string | undefined {
  return /^.*\bnode_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0];
}

const titleOf = ({ name, version }: Package): string => `${name} ${version}`;

function section(title: string, { licence, texts }: Package): string {
  return `${title} (${licence})\n\n${texts.join('\n\n') || `The package ships no licence text; it names ${licence}.`}\n`;
}

async function readPackage(folder: string): Promise<Package> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
  };
  const names = (await readdir(folder)).filter((file) => LEGAL_FILE.test(file)).sort();
  const texts = await Promise.all(names.map((file) => readFile(join(folder, file), 'utf8')));
  if (license === undefined && texts.length === 0)
    throw new Error(`${name} ${version} has no licence: its code may not be handed on`);
  return {
    name,
    version,
    licence: license ?? 'see its text',
    texts: texts.map((text) => text.replaceAll('\r\n', '\n').trim()),
  };
}
