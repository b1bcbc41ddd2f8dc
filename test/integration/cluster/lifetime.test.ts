import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { ensureControlPlane } from '../../../dev/cluster/build.ts';
import { startCluster } from '../../../dev/cluster/cluster.ts';
import { until } from '../../../dev/cluster/wait.ts';

const launcher = fileURLToPath(new URL('./launcher.ts', import.meta.url));

/** What the launcher prints. */
interface Launched {
  readonly dir: string;
  readonly pids: readonly number[];
}

describe('what a cluster leaves behind', () => {
  before(async function () {
    this.timeout(1_200_000);
    await ensureControlPlane();
  });

  const launch = async (...args: string[]): Promise<{ child: ChildProcess; launched: Launched }> => {
    const child = spawn(process.execPath, [launcher, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: child.stdout }))
      return { child, launched: JSON.parse(line) };
    throw new Error('the launcher ended without a word');
  };
  const allGone = ({ dir, pids }: Launched) => !existsSync(dir) && !pids.some(isAlive);

  it('is nothing after the launching process was killed with SIGKILL', async function () {
    this.timeout(180_000);
    const { child, launched } = await launch();
    expect(launched.pids).to.have.length(5);
    expect(launched.pids.every(isAlive), 'all run').to.equal(true);
    child.kill('SIGKILL');
    await until(() => allGone(launched), { what: 'processes and folder to go' });
  });

  it('is nothing after the launching process ended without stopping it', async function () {
    this.timeout(180_000);
    const { launched } = await launch('exit');
    await until(() => allGone(launched), { what: 'processes and folder to go' });
  });

  it('is nothing after a clean stop, which may be asked for twice', async function () {
    this.timeout(180_000);
    const cluster = await startCluster();
    const launched = { dir: cluster.dir, pids: cluster.pids() };
    expect(launched.pids).to.have.length(4);
    await Promise.all([cluster.stop(), cluster.stop()]);
    expect(allGone(launched)).to.equal(true);
  });

  it('is nothing after a start that failed, whose error shows what the component said', async function () {
    this.timeout(180_000);
    const folder = await mkdtemp(join(tmpdir(), 'acop-test-'));
    const before = process.env.TMPDIR;
    process.env.TMPDIR = folder;
    const error = await startCluster({ apiServerFlags: ['--no-such-flag'] }).catch((reason: Error) => reason);
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    const left = await readdir(folder);
    await rm(folder, { recursive: true });
    expect(String(error)).to.include('unknown flag: --no-such-flag');
    expect(left).to.deep.equal([]);
  });

  it('is the folder with its logs when it was asked to be kept', async function () {
    this.timeout(180_000);
    const cluster = await startCluster({ keepFolder: true });
    await cluster.stop();
    const names = await readdir(cluster.dir);
    await rm(cluster.dir, { recursive: true });
    expect(names).to.include.members(['audit.log', 'kube-apiserver.log', 'etcd.log']);
  });
});

/** Whether a process exists and is more than an entry that waits to be collected by its parent. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
