import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Connection } from '../../../../src/adapters/kubernetes/connection.ts';
import { inClusterConnection } from '../../../../src/adapters/kubernetes/in-cluster.ts';
import { kubeconfigConnection } from '../../../../src/adapters/kubernetes/kubeconfig.ts';
import { CONFIG_MAPS } from '../../../support/memory-cluster/index.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';
import { LoopbackServer } from './loopback-server.ts';

const failureOf = async (connection: Connection): Promise<unknown> =>
  connection.endpoint().then(
    () => undefined,
    (error: unknown) => error,
  );

describe('connections', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'connection-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  const write = (name: string, text: string): Promise<void> => writeFile(join(dir, name), text);

  describe('in a cluster', () => {
    const clock = new VirtualClock();
    const connection = (host = '10.0.0.1') => inClusterConnection({ dir, host, port: 443, clock });

    beforeEach(async () => {
      await write('token', 'first\n');
      await write('ca.crt', 'CA1');
    });

    it('come from the mounted token, trimmed, and CA', async () => {
      expect(await connection().endpoint()).to.deep.equal({
        server: 'https://10.0.0.1:443',
        tls: { ca: 'CA1' },
        headers: { authorization: 'Bearer first' },
      });
    });

    it('put an IPv6 address into brackets', async () => {
      expect((await connection('fd00::1').endpoint()).server).to.equal('https://[fd00::1]:443');
    });

    it('use a rotated token and CA within a minute, and read the files no more often', async () => {
      const rotating = connection();
      await rotating.endpoint();
      await write('token', 'second');
      await write('ca.crt', 'CA2');
      expect((await rotating.endpoint()).headers.authorization).to.equal('Bearer first');
      clock.jump(60_000);
      const { headers, tls } = await rotating.endpoint();
      expect([headers.authorization, tls.ca]).to.deep.equal(['Bearer second', 'CA2']);
    });

    it('read the files again when the clock was set back', async () => {
      const rotating = connection();
      await rotating.endpoint();
      await write('token', 'second');
      clock.jump(-3_600_000);
      expect((await rotating.endpoint()).headers.authorization).to.equal('Bearer second');
    });

    it('keep what they had while the files cannot be read', async () => {
      const rotating = connection();
      await rotating.endpoint();
      await rm(join(dir, 'token'));
      clock.jump(60_000);
      expect((await rotating.endpoint()).headers.authorization).to.equal('Bearer first');
    });

    it('fail with a code when there is no token yet', async () => {
      await rm(join(dir, 'token'));
      expect(await failureOf(connection())).to.include({ name: 'ConnectionError', code: 'ENOENT' });
      await write('token', ' \n');
      expect(await failureOf(connection())).to.include({ code: 'EmptyToken' });
    });
  });

  describe('from a kubeconfig', () => {
    const kubeconfig = async (cluster: object, user: object): Promise<Connection> => {
      const config = {
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'c', cluster }],
        users: [{ name: 'u', user }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      };
      await write('config', JSON.stringify(config));
      return kubeconfigConnection({ path: join(dir, 'config'), context: 'x' });
    };
    const base64 = (text: string): string => Buffer.from(text).toString('base64');

    it('take server, CA, client certificate, server name and token', async () => {
      const connection = await kubeconfig(
        {
          server: 'https://k.example:6443/base/',
          'certificate-authority-data': base64('CA'),
          'tls-server-name': 'real.example',
        },
        { token: 'tok', 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') },
      );
      const { headers, server, tls } = await connection.endpoint();
      expect(server).to.equal('https://k.example:6443/base');
      expect(headers).to.deep.equal({ authorization: 'Bearer tok' });
      expect([tls.ca, tls.cert, tls.key].map(String)).to.deep.equal(['CA', 'CERT', 'KEY']);
      expect(tls.serverName).to.equal('real.example');
    });

    it('run exec plugins', async () => {
      const credential = {
        apiVersion: 'client.authentication.k8s.io/v1',
        kind: 'ExecCredential',
        status: { token: 'x' },
      };
      const exec = {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: process.execPath,
        args: ['-e', `console.log(${JSON.stringify(JSON.stringify(credential))})`],
        interactiveMode: 'Never',
      };
      const connection = await kubeconfig({ server: 'https://k.example' }, { exec });
      expect((await connection.endpoint()).headers).to.deep.equal({ authorization: 'Bearer x' });
    });

    it('do not repeat what a failing exec plugin says', async () => {
      const exec = { command: process.execPath, args: ['-e', 'console.error("s3cret"); process.exit(1)'] };
      const error = await failureOf(await kubeconfig({ server: 'https://k.example' }, { exec }));
      expect(error).to.include({ code: 'AuthenticationFailed' });
      expect(String(error)).to.not.contain('s3cret');
    });

    it('refuse plain http and proxies of another kind', async () => {
      expect(await failureOf(await kubeconfig({ server: 'http://k.example' }, {}))).to.include({
        code: 'PlainHttp',
      });
      const socks = await kubeconfig({ server: 'https://k.example', 'proxy-url': 'socks5://p:1' }, {});
      expect(await failureOf(socks)).to.include({ code: 'ProxyUnsupported' });
    });

    describe('with a proxy-url', () => {
      let server: LoopbackServer;
      let proxy: Server;
      const tunnels: string[] = [];

      before(async () => {
        server = await LoopbackServer.start();
        proxy = createServer();
        proxy.on('connect', ({ url = '' }, client) => {
          tunnels.push(url);
          const upstream = connect(server.port, '127.0.0.1', () => {
            client.write('HTTP/1.1 200 Connection established\r\n\r\n');
            upstream.pipe(client).pipe(upstream);
          });
          const end = (): void => {
            upstream.destroy();
            client.destroy();
          };
          for (const socket of [upstream, client]) socket.on('error', end).on('close', end);
        });
        await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      });
      after(async () => {
        await server.close();
        await new Promise((resolve) => proxy.close(resolve));
      });

      it('go through it, over one tunnel', async () => {
        const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
        const cluster = {
          // A name that resolves nowhere: only the proxy can know it.
          server: 'https://localhost.invalid:6443',
          'certificate-authority-data': base64(server.caPem),
          'tls-server-name': 'localhost',
          'proxy-url': proxyUrl,
        };
        const api = server.api(5_000, await kubeconfig(cluster, { token: 't' }));
        const ref = { type: CONFIG_MAPS, namespace: 'a', name: 'b' };
        for (let i = 0; i < 5; i += 1) {
          const result = await api.get(ref);
          expect(result).to.deep.equal({ ok: true, value: {} });
        }
        expect(tunnels).to.deep.equal(['localhost.invalid:6443']);
      });
    });
  });
});
