import { Agent, get } from 'node:http';
import { expect } from 'chai';
import {
  type Health,
  type RunningServer,
  startHttpServer,
} from '../../../../src/adapters/observability/http-server.ts';

describe('the health server', () => {
  let health: Health = { ok: true };
  let server: RunningServer;
  const agent = new Agent({ keepAlive: true });

  beforeEach(async () => {
    health = { ok: true };
    server = await startHttpServer({
      host: '127.0.0.1',
      port: 0,
      live: () => health,
      ready: () => ({ ok: false, reason: 'caches not synced' }),
      metrics: { contentType: 'text/plain', render: () => Promise.reject(new Error('s3cret')) },
    });
  });
  afterEach(() => server.close());
  after(() => agent.destroy());

  const fetchText = (path: string): Promise<{ status: number | undefined; body: string }> =>
    new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port: server.port, path, agent }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode, body }));
      }).on('error', reject);
    });

  it('answers 200 when well, and 503 with the reason otherwise', async () => {
    expect(await fetchText('/livez')).to.deep.equal({ status: 200, body: 'ok\n' });
    health = { ok: false, reason: 'an informer is stalled' };
    expect(await fetchText('/livez')).to.deep.equal({ status: 503, body: 'an informer is stalled\n' });
    expect(await fetchText('/readyz?verbose')).to.deep.equal({ status: 503, body: 'caches not synced\n' });
  });

  it('answers 404 elsewhere, and 500 without a text when rendering fails', async () => {
    expect((await fetchText('/')).status).to.equal(404);
    expect(await fetchText('/metrics')).to.deep.equal({ status: 500, body: 'internal error\n' });
  });

  it('closes although a client keeps its connection', async () => {
    await fetchText('/livez');
    const started = Date.now();
    await server.close();
    expect(Date.now() - started).to.be.lessThan(900);
  });
});
