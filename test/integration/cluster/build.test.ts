import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ensureControlPlane } from '../../../dev/cluster/build.ts';
import { until } from '../../../dev/cluster/wait.ts';

/** Plays `go`: counts its builds, takes a moment, and writes what it was told to write. */
const fakeGo = (version: string, build: string) => `#!/bin/sh
if [ "$1" = env ]; then printf '${version}\\nlinux\\namd64\\n'; exit 0; fi
echo built >> "$COUNT"
echo "go: downloading k8s.io/api v0.36.4" >&2
echo "k8s.io/api/core/v1" >&2
while [ "$1" != -o ]; do shift; done
${build}
`;

describe('building the control plane', () => {
  let folder: string;
  let lines: string[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'acop-build-'));
    lines = [];
  });

  afterEach(() => rm(folder, { recursive: true }));

  const count = () => readFile(join(folder, 'count'), 'utf8').catch(() => '');
  const install = async (script: string) => {
    const bin = join(folder, 'bin');
    await mkdir(bin, { recursive: true });
    await writeFile(join(bin, 'go'), script);
    await chmod(join(bin, 'go'), 0o755);
    return `${bin}:/usr/bin:/bin`;
  };
  const built = (path: string) => {
    const env = { PATH: path, APPCONFIG_CACHE_DIR: join(folder, 'cache'), COUNT: join(folder, 'count') };
    return ensureControlPlane({ env, print: (line) => lines.push(line) });
  };
  const ensure = async (script?: string) =>
    built(script === undefined ? join(folder, 'bin') : await install(script));
  const failure = (script?: string) => ensure(script).then(() => 'none', String);

  it('puts the binary into the cache, with kubectl and helm beside it, and finds it there again', async () => {
    const script = fakeGo('go1.26.8', 'printf binary > "$2"');
    const binary = await ensure(script);
    expect(binary.startsWith(join(folder, 'cache'))).to.equal(true);
    expect(await readFile(binary, 'utf8')).to.equal('binary');
    for (const name of ['kubectl', 'helm']) expect(existsSync(join(binary, '..', name)), name).to.equal(true);
    expect(lines.at(-1)).to.match(/^built in \d+ s$/);
    expect(await ensure(script)).to.equal(binary);
    expect(await count()).to.equal('built\n');
  });

  it('builds once when asked twice at the same time', async () => {
    // It takes as long as it takes the other to come.
    const path = await install(
      fakeGo(
        'go1.26.8',
        'while [ -e "$COUNT" ] && [ ! -e "$COUNT.go-on" ]; do sleep 0.05; done; printf binary > "$2"',
      ),
    );
    const both = Promise.all([built(path), built(path)]);
    await until(() => lines.includes('another process is building it, waiting'), {
      what: 'the other to wait',
    });
    await writeFile(join(folder, 'count.go-on'), '');
    const [first, second] = await both;
    expect(first).to.equal(second);
    expect(await count()).to.equal('built\n');
  });

  it('builds anew for another Go', async () => {
    const one = await ensure(fakeGo('go1.26.8', 'printf binary > "$2"'));
    const other = await ensure(fakeGo('go1.27.0', 'printf binary > "$2"'));
    expect(other).not.to.equal(one);
    expect(await count()).to.equal('built\nbuilt\n');
  });

  it('says what to install when there is no Go', async () => {
    expect(await failure()).to.match(
      /No `go` command was found.*Go 1\.26\.0 or newer.*https:\/\/go\.dev\/dl/,
    );
  });

  it('says what to install when Go is too old', async () => {
    expect(await failure(fakeGo('go1.24.4', ''))).to.match(/Go 1\.24\.4 is too old.*1\.26\.0 or newer/);
  });

  it('shows what the compiler said and leaves nothing behind when it fails', async () => {
    const script = fakeGo('go1.26.8', 'printf half > "$2"; echo "main.go:1: broken" >&2; exit 1');
    expect(await failure(script)).to.include('main.go:1: broken');
    expect(await readdir(join(folder, 'cache', 'controlplane'))).to.deep.equal([]);
  });

  it('removes what a killed build left', async () => {
    const script = fakeGo('go1.26.8', 'printf binary > "$2"');
    const binary = await ensure(script);
    const entry = join(binary, '..');
    await rm(entry, { recursive: true });
    await mkdir(`${entry}.draft-1`);
    await ensure(script);
    expect(existsSync(`${entry}.draft-1`)).to.equal(false);
  });
});
