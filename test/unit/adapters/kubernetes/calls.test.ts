import { expect } from 'chai';
import { until } from '../../../../dev/cluster/wait.ts';
import type { KubernetesResult, ObjectRef } from '../../../../src/ports/kubernetes.ts';
import { BINDINGS, CONFIG_MAPS, SECRETS } from '../../../support/memory-cluster/index.ts';
import { json, LoopbackServer } from './loopback-server.ts';

const ref: ObjectRef = { type: SECRETS, namespace: 'shop', name: 'orders' };
const object = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'shop', name: 'orders' } };

const errorOf = (result: KubernetesResult<unknown>) => {
  if (result.ok) throw new Error('The call succeeded.');
  return result.error;
};

describe('calls to the API server', () => {
  let server: LoopbackServer;
  beforeEach(async () => {
    server = await LoopbackServer.start();
  });
  afterEach(() => server.close());

  it('reuse connections: 1,000 calls one after another need no more than two', async () => {
    const api = server.api();
    for (let i = 0; i < 1_000; i += 1) expect((await api.get(ref)).ok).to.equal(true);
    expect(server.connections).to.be.at.most(2);
  });

  it('go to the path of their resource with authentication and a user agent', async () => {
    const api = server.api();
    await api.get(ref);
    await api.list({ ...BINDINGS }, { labelSelector: 'a in (b,c)', limit: 500, continueToken: 'x/y' });
    await api.mergePatch({ ...ref, type: BINDINGS }, { status: {} }, { subresource: 'status' });
    expect(server.requests.map(({ method, url }) => `${method} ${url}`)).to.deep.equal([
      'GET /api/v1/namespaces/shop/secrets/orders',
      'GET /apis/appconfig.dev/v1alpha1/appconfigbindings?labelSelector=a+in+%28b%2Cc%29&limit=500&continue=x%2Fy',
      'PATCH /apis/appconfig.dev/v1alpha1/namespaces/shop/appconfigbindings/orders/status',
    ]);
    expect(server.requests[0]?.headers).to.include({
      authorization: 'Bearer t',
      'user-agent': 'appconfig-operator',
    });
    expect(server.requests[2]?.headers['content-type']).to.equal('application/merge-patch+json');
  });

  it('ask for metadata only by the Accept header', async () => {
    const api = server.api();
    await api.get(ref, { metadataOnly: true });
    await api.list(SECRETS, { metadataOnly: true });
    expect(server.requests.map(({ headers }) => headers.accept)).to.deep.equal([
      'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
      'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
    ]);
  });

  it('send preconditions of a delete in a body with its length', async () => {
    await server.api().delete(ref, { uid: 'u', resourceVersion: '7' });
    const [request] = server.requests;
    expect(request?.headers['content-length']).to.equal(String(request?.body.length));
    expect(JSON.parse(request?.body ?? '').preconditions).to.deep.equal({ uid: 'u', resourceVersion: '7' });
  });

  it('keep characters whole that a chunk boundary cuts', async () => {
    const text = Buffer.from(JSON.stringify({ ...object, note: 'Größe 😀\u2028' }));
    server.handler = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
      for (const byte of text) response.write(Buffer.from([byte]));
      response.end();
    };
    expect(await server.api().get(ref)).to.have.nested.property('value.note', 'Größe 😀\u2028');
  });

  it('take an HTML page with status 200 for no answer of an API server', async () => {
    server.handler = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<html>Please log in</html>');
    };
    expect(errorOf(await server.api().get(ref))).to.deep.equal({ kind: 'transport', code: 'BadContentType' });
  });

  it('take JSON that is cut, or no object, or a list without a version for broken', async () => {
    const bodies = ['{"metadata":', '[]', '{"items":[]}'];
    server.handler = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(bodies.shift());
    };
    const api = server.api();
    const results = [await api.get(ref), await api.get(ref), await api.list(SECRETS)];
    for (const result of results)
      expect(errorOf(result)).to.deep.equal({ kind: 'transport', code: 'BadJson' });
  });

  it('give the status, reason and causes of an error, and nothing of its text', async () => {
    const details = { causes: [{ reason: 'FieldValueInvalid', message: 's3cret', field: 'data[a/b]' }] };
    const status = { kind: 'Status', message: 's3cret', reason: 'Invalid', code: 422, details };
    server.handler = (_, response) => json(response, 422, status);
    const error = errorOf(await server.api().create(SECRETS, object));
    expect(error).to.deep.equal({
      kind: 'status',
      code: 422,
      reason: 'Invalid',
      causes: [{ reason: 'FieldValueInvalid', field: 'data[a/b]' }],
    });
    expect(JSON.stringify(server.logger.lines)).to.not.contain('s3cret');
  });

  it('cope with errors that are not JSON, as for an unknown path', async () => {
    server.handler = (_, response) => {
      response.writeHead(404, { 'content-type': 'text/plain' });
      response.end('404 page not found');
    };
    expect(errorOf(await server.api().get(ref))).to.deep.equal({
      kind: 'status',
      code: 404,
      reason: '',
      causes: [],
    });
  });

  for (const [header, expected] of [
    ['7', 7_000],
    ['86400', 600_000],
    [new Date(Date.now() - 60_000).toUTCString(), 0],
  ] as const) {
    it(`tell how long a 429 asks to wait: ${expected} ms`, async () => {
      server.handler = (_, response) => json(response, 429, {}, { 'retry-after': header });
      expect(errorOf(await server.api().get(ref))).to.include({ code: 429, retryAfterMs: expected });
    });
  }

  it('tell the wait that stands only in the body', async () => {
    server.handler = (_, response) =>
      json(response, 429, { kind: 'Status', details: { retryAfterSeconds: 1 } });
    expect(errorOf(await server.api().get(ref))).to.include({ retryAfterMs: 1_000 });
  });

  it('end by their deadline, before the headers or within the body', async () => {
    server.handler = () => undefined;
    expect(errorOf(await server.api(30).get(ref))).to.deep.equal({ kind: 'timeout' });
    server.handler = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"metadata":');
    };
    expect(errorOf(await server.api(30).get(ref))).to.deep.equal({ kind: 'timeout' });
  });

  it('end when their signal aborts, and are not sent when it had', async () => {
    const controller = new AbortController();
    server.handler = () => controller.abort();
    const { signal } = controller;
    const api = server.api();
    expect(errorOf(await api.get(ref, { signal }))).to.deep.equal({ kind: 'cancelled' });
    expect(errorOf(await api.get(ref, { signal }))).to.deep.equal({ kind: 'cancelled' });
    expect(server.requests).to.have.length(1);
  });

  it('read again when a kept connection had been closed, and do not write again', async () => {
    const api = server.api();
    const resetOnReuse = (): void => {
      let first = true;
      server.handler = (_, response) => {
        if (!first) return json(response, 200, object);
        first = false;
        response.socket?.destroy();
      };
    };
    await api.get(ref);
    resetOnReuse();
    expect((await api.get(ref)).ok).to.equal(true);
    resetOnReuse();
    expect(errorOf(await api.create(CONFIG_MAPS, object))).to.deep.equal({
      kind: 'transport',
      code: 'ECONNRESET',
    });
    expect(server.requests.filter(({ method }) => method === 'POST')).to.have.length(1);
  });

  it('tell a server whose certificate is not trusted by its code', async () => {
    const server2 = await LoopbackServer.start();
    const connection = {
      endpoint: async () => ({ ...(await server.connection().endpoint()), tls: { ca: server2.caPem } }),
    };
    const error = errorOf(await server.api(5_000, connection).get(ref));
    expect(error.kind).to.equal('transport');
    await server2.close();
  });

  it('use new certificates as soon as the connection names them, and let calls in flight finish', async () => {
    let ca = server.caPem;
    const answers: (() => void)[] = [];
    const connection = { endpoint: async () => ({ ...(await server.connection().endpoint()), tls: { ca } }) };
    const api = server.api(5_000, connection);
    server.handler = (_, response) => answers.push(() => json(response, 200, object));
    const before = api.get(ref);
    await until(() => answers.length === 1, { what: 'the request' });
    ca = `${server.caPem}\n`;
    const after = api.get(ref);
    await until(() => answers.length === 2, { what: 'the second request' });
    for (const answer of answers) answer();
    expect([(await before).ok, (await after).ok]).to.deep.equal([true, true]);
    expect(server.connections).to.equal(2);
  });

  it('are counted by verb, resource and code, without names', async () => {
    const api = server.api();
    await api.get(ref);
    server.handler = (_, response) => json(response, 409, {});
    await api.update(SECRETS, object);
    await api.requestToken({ namespace: 'shop', name: 'orders' }, 'a', 600);
    expect([...server.metrics.values.keys()]).to.deep.equal([
      'kubernetes_requests_total{verb="get",resource="secrets",code="2xx"}',
      'kubernetes_requests_total{verb="update",resource="secrets",code="409"}',
      'kubernetes_requests_total{verb="create",resource="serviceaccounts/token",code="409"}',
    ]);
  });
});
