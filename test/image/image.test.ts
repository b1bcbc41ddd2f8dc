import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Cluster, startCluster } from '../../dev/cluster/cluster.ts';
import { freePort } from '../../dev/cluster/ports.ts';
import { until } from '../../dev/cluster/wait.ts';
import { type BuiltImage, buildImage } from './support/builder.ts';
import { output, tell } from './support/commands.ts';
import { type Container, runContainer } from './support/container.ts';
import { prepareCluster } from './support/installation.ts';

const NAMESPACE = 'appconfig-system';
const SERVICE_ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount';
const LABEL = 'org.opencontainers.image';

describe('the image', () => {
  let image: BuiltImage;
  before(async function () {
    this.timeout(900_000);
    image = await buildImage({ VERSION: '1.2.3', REVISION: 'abc123' });
    const [size] = (await output('du', ['-sh', image.rootfs])).split('\t');
    tell(`size of the root filesystem, node included: ${size}`);
  });
  after(async function () {
    this.timeout(60_000);
    await image?.remove();
  });

  /** Runs the entrypoint to its end. */
  async function runToEnd(name: string, ...args: string[]): Promise<{ code: number | null; text: string }> {
    const container = await runContainer(image, { name, args });
    const { code } = await keepAlive(container.exited);
    return { code, text: await readFile(container.logFile, 'utf8') };
  }

  it('runs as a numeric user that is not root', () => {
    expect(image.config.User).to.equal('65532:65532');
  });

  it('starts node itself, not through a shell', () => {
    expect(image.config.Entrypoint).to.deep.equal(['node', '--max-semi-space-size=2', '/app/main.mjs']);
  });

  it('says which version and revision it is', () => {
    const { Labels } = image.config;
    expect(Labels[`${LABEL}.version`]).to.equal('1.2.3');
    expect(Labels[`${LABEL}.revision`]).to.equal('abc123');
    expect(Labels[`${LABEL}.title`]).to.equal('appconfig-operator');
    expect(Labels[`${LABEL}.licenses`]).to.equal('Apache-2.0');
  });

  it('holds the bundle, its chunks and its worker, compiled code and licences, and nothing else', async () => {
    const files = await readdir(join(image.rootfs, 'app'));
    expect(files.sort()).to.deep.equal([
      'LICENSE',
      'THIRD-PARTY-LICENSES.txt',
      'chunks',
      'compiled',
      'main.mjs',
      'schema-worker.mjs',
    ]);
  });

  it('holds no package manager, no shell and no packages', async () => {
    const found = await output('find', [
      ...[image.rootfs, '-xdev', '('],
      ...[
        'sh',
        'bash',
        'npm',
        'npx',
        'apt',
        'apt-get',
        'dpkg',
        'curl',
        'wget',
        'node_modules',
        '.npmrc',
      ].flatMap((name, index) => [...(index === 0 ? [] : ['-o']), '-name', name]),
      ')',
    ]);
    expect(found).to.equal('');
  });

  it('lets its user write to nothing of its own', async () => {
    const writable = await output('find', [
      join(image.rootfs, 'app'),
      '-not',
      '-user',
      '0',
      '-o',
      '-perm',
      '/o=w',
    ]);
    expect(writable).to.equal('');
  });

  it('explains itself', async () => {
    const { code, text } = await runToEnd('help', '--help');
    expect(text).to.contain('--service-account-dir');
    expect(code).to.equal(0);
  });

  it('refuses flags it does not know', async () => {
    const { code, text } = await runToEnd('bad-flags', '--no-such-flag');
    expect(text).to.contain('no-such-flag');
    expect(code).to.equal(2);
  });

  it('reads its compiled code from the read-only root filesystem', async () => {
    const container = await runContainer(image, {
      name: 'compiled',
      args: ['--help'],
      env: { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' },
    });
    await keepAlive(container.exited);
    const text = await readFile(container.logFile, 'utf8');
    expect(text).to.match(/cache for .*main\.mjs was accepted/);
  });

  describe('on a real API server', () => {
    let cluster: Cluster;
    let container: Container | undefined;
    before(async function () {
      this.timeout(120_000);
      cluster = await startCluster({ name: 'image-test' });
    });
    after(async function () {
      this.timeout(60_000);
      await container?.stop(20_000);
      await cluster?.stop();
    });

    it('becomes ready in the place of a pod, takes the Lease, and ends with 0 on SIGTERM', async () => {
      const serviceAccount = await prepareCluster(cluster, NAMESPACE);
      const port = await freePort();
      const startedAt = Date.now();
      container = await runContainer(image, {
        name: 'operator',
        args: [`--http-address=127.0.0.1:${port}`, '--pod-name=image-0'],
        env: { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(cluster.port) },
        mounts: { [SERVICE_ACCOUNT_DIR]: serviceAccount },
      });
      await untilReady(container, port);
      tell(`ready after ${Date.now() - startedAt} ms with ${await residentMemory(container.pid)}`);
      await untilHeld(cluster);
      expect(await userOf(container.pid)).to.equal('65532');
      container.signal('SIGTERM');
      expect(await keepAlive(container.exited)).to.deep.equal({ code: 0, signal: null });
    });
  });
});

async function untilReady(container: Container, port: number): Promise<void> {
  const ready = async () => {
    if (!container.isRunning()) return 'ended';
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200 && 'ready';
  };
  const state = await until(ready, { what: '/readyz to answer 200' }).catch(() => 'late');
  expect(state, await container.logTail()).to.equal('ready');
}

/** A Lease is only taken with the rights and the token of the ServiceAccount. */
async function untilHeld(cluster: Cluster): Promise<void> {
  const lease = ['get', 'lease', 'appconfig-operator', '-o', 'jsonpath={.spec.holderIdentity}'];
  const held = async () =>
    (await cluster.kubectlOrThrow(lease, { namespace: NAMESPACE })).startsWith('image-0_');
  await until(held, { what: 'the Lease to be held' });
}

async function processStatus(pid: number, field: string): Promise<string> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return new RegExp(`^${field}:\\s+(.*)$`, 'm').exec(status)?.[1] ?? '';
}

const userOf = async (pid: number): Promise<string> => (await processStatus(pid, 'Uid')).split(/\s/)[0] ?? '';

async function residentMemory(pid: number): Promise<string> {
  const [all, anonymous] = await Promise.all(['VmRSS', 'RssAnon'].map((field) => processStatus(pid, field)));
  return `${all} resident, ${anonymous} of it anonymous`;
}

/** Tethered processes do not keep the event loop alive. */
async function keepAlive<T>(promise: Promise<T>): Promise<T> {
  const alive = setInterval(() => undefined, 1_000);
  return promise.finally(() => clearInterval(alive));
}
