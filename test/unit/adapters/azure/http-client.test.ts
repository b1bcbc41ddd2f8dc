import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createPipelineRequest, RestError } from '@azure/core-rest-pipeline';
import { expect } from 'chai';
import { issueServerIdentity } from '../../../../dev/azure/certificates.ts';
import { createSharedHttp, FIRST_BYTE_MS, TOTAL_MS } from '../../../../src/adapters/azure/http-client.ts';
import { codeOf } from '../../../../src/adapters/azure/sdk-call.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';
import { RecordingMetrics } from '../../sources/fixtures.ts';

describe('the shared HTTP client', () => {
  let server: Server;
  let caPem: string;
  let url: string;
  let requests: number;
  let sockets: number;

  before(async () => {
    const identity = await issueServerIdentity(['127.0.0.1']);
    caPem = identity.caPem;
    server = createServer({ key: identity.keyPem, cert: identity.certPem }, (request, response) => {
      requests += 1;
      if (request.url === '/hang') return;
      if (request.url === '/slow') response.write('a');
      else if (request.url === '/move') response.writeHead(307, { location: '/elsewhere' }).end();
      else response.end('body');
    });
    server.on('secureConnection', () => {
      sockets += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    requests = 0;
    sockets = 0;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  function setup(ca: readonly string[] = [caPem]) {
    const clock = new VirtualClock();
    const metrics = new RecordingMetrics();
    const shared = createSharedHttp({ proxyEnv: {}, ca, clock, metrics });
    const send = (path: string, abortSignal?: AbortSignal, timeout = 0) =>
      shared
        .client('appconfig')
        .sendRequest(
          createPipelineRequest({ url: url + path, timeout, ...(abortSignal ? { abortSignal } : {}) }),
        );
    const codes = () => metrics.counters.map(({ labels }) => Reflect.get(labels, 'code'));
    return { clock, shared, send, codes };
  }

  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve));
  };

  it('keeps its connection, and leaves no timer behind', async () => {
    const { clock, shared, send, codes } = setup();
    for (let turn = 0; turn < 3; turn += 1) expect((await send('/')).bodyAsText).to.equal('body');
    expect([requests, sockets, clock.pending]).to.deep.equal([3, 1, 0]);
    expect(codes()).to.deep.equal(['200', '200', '200']);
    shared.close();
  });

  it('gives up on a server that does not answer', async () => {
    const { clock, shared, send, codes } = setup();
    const answer = send('/hang').catch((error: unknown) => error);
    await until(() => requests === 1);
    await clock.advance(FIRST_BYTE_MS);
    expect(codeOf(await answer)).to.equal('ETIMEDOUT');
    expect(codes()).to.deep.equal(['timeout']);
    shared.close();
  });

  it('is as impatient as a request wants it to be', async () => {
    const { clock, shared, send, codes } = setup();
    const answer = send('/hang', undefined, 2_000).catch((error: unknown) => error);
    await until(() => requests === 1);
    await clock.advance(2_000);
    expect(codeOf(await answer)).to.equal('ETIMEDOUT');
    expect(codes()).to.deep.equal(['timeout']);
    shared.close();
  });

  it('gives a slow body more time, but not for ever', async () => {
    const { clock, shared, send } = setup();
    let settled = false;
    const answer = send('/slow')
      .catch((error: unknown) => error)
      .finally(() => {
        settled = true;
      });
    // The first byte cancels one of the two deadlines.
    await until(() => clock.pending === 2);
    await until(() => clock.pending === 1);
    await clock.advance(FIRST_BYTE_MS);
    expect(settled).to.equal(false);
    await clock.advance(TOTAL_MS - FIRST_BYTE_MS);
    expect(codeOf(await answer)).to.equal('ETIMEDOUT');
    shared.close();
  });

  it('tells a caller who gave up from a deadline', async () => {
    const { shared, send, codes } = setup();
    const leave = new AbortController();
    const answer = send('/hang', leave.signal).catch((error: unknown) => error);
    await until(() => requests === 1);
    leave.abort();
    expect(await answer)
      .to.be.instanceOf(Error)
      .with.property('name', 'AbortError');
    expect(codes()).to.deep.equal(['cancelled']);
    shared.close();
  });

  it('hides where a redirect leads', async () => {
    const { shared, send } = setup();
    const answer = await send('/move');
    expect([answer.status, answer.headers.has('location')]).to.deep.equal([307, false]);
    shared.close();
  });

  it('reports a certificate it does not trust, by its code', async () => {
    const { shared, send } = setup([]);
    const error = await send('/').catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(RestError);
    expect(codeOf(error)).to.match(/CERT|ISSUER|VERIFY/);
    shared.close();
  });
});
