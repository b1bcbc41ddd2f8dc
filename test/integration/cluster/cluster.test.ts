import { expect } from 'chai';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { createApiClient } from '../../../dev/cluster/api.ts';
import { isWrite } from '../../../dev/cluster/audit.ts';
import { type Cluster, startCluster } from '../../../dev/cluster/cluster.ts';
import { until } from '../../../dev/cluster/wait.ts';

describe('a local cluster', () => {
  let cluster: Cluster;
  const proxy = process.env.HTTPS_PROXY;

  before(async function () {
    // The first run builds the control plane.
    this.timeout(1_200_000);
    // A proxy that nobody can reach: whoever used it would fail.
    process.env.HTTPS_PROXY = 'http://127.0.0.1:1';
    cluster = await startCluster({ name: 'cluster-test' });
  });

  after(async () => {
    if (proxy === undefined) delete process.env.HTTPS_PROXY;
    else process.env.HTTPS_PROXY = proxy;
    await cluster?.stop();
  });

  it('is Kubernetes 1.36.4, as is its kubectl', async () => {
    const versions = JSON.parse(await cluster.kubectlOrThrow(['version', '-o', 'json']));
    expect(versions.serverVersion.gitVersion).to.equal('v1.36.4');
    expect(versions.serverVersion.minor).to.equal('36');
    expect(versions.clientVersion.gitVersion).to.equal('v1.36.4');
  });

  it('comes with helm 4.2.4, which reaches it', async () => {
    expect(await cluster.helmOrThrow(['version', '--template', '{{.Version}}'])).to.equal('v4.2.4');
    expect(JSON.parse(await cluster.helmOrThrow(['list', '-A', '-o', 'json']))).to.deep.equal([]);
  });

  it('lets anyone discover its issuer, whose keys verify a ServiceAccount token', async () => {
    const anonymous = createApiClient({ port: cluster.port, caPem: cluster.caPem });
    interface Discovery {
      readonly issuer: string;
      readonly jwks_uri: string;
    }
    const { body: discovery } = await anonymous.request<Discovery>(
      'GET',
      '/.well-known/openid-configuration',
    );
    expect(discovery.issuer).to.equal(cluster.issuer);
    expect(discovery.jwks_uri).to.equal(`${cluster.issuer}/openid/v1/jwks`);
    const { body: keys } = await anonymous.request<JSONWebKeySet>(
      'GET',
      new URL(discovery.jwks_uri).pathname,
    );
    anonymous.close();
    const audience = 'api://AzureADTokenExchange';
    const token = await cluster.kubectlOrThrow(['create', 'token', 'default', '--audience', audience]);
    const { payload } = await jwtVerify(token.trim(), createLocalJWKSet(keys), {
      issuer: cluster.issuer,
      audience,
    });
    expect(payload.sub).to.equal('system:serviceaccount:default:default');
  });

  it('lets RBAC bind: a ServiceAccount without a role may read nothing', async () => {
    const token = (await cluster.kubectlOrThrow(['create', 'token', 'default'])).trim();
    const client = createApiClient({ port: cluster.port, caPem: cluster.caPem, token });
    const { status } = await client.request('GET', '/api/v1/namespaces/default/configmaps');
    client.close();
    expect(status).to.equal(403);
  });

  it('collects objects whose owner is gone', async () => {
    const owner = await cluster.api.request<{ metadata: { uid: string } }>(
      'POST',
      '/api/v1/namespaces/default/configmaps',
      {
        body: { metadata: { name: 'owner' } },
      },
    );
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.body.metadata.uid };
    const body = { metadata: { name: 'owned', ownerReferences: [reference] } };
    await cluster.api.request('POST', '/api/v1/namespaces/default/configmaps', { body });
    await cluster.api.request('DELETE', '/api/v1/namespaces/default/configmaps/owner');
    await until(
      async () =>
        (await cluster.api.request('GET', '/api/v1/namespaces/default/configmaps/owned')).status === 404,
      { what: 'the garbage collector', deadlineMs: 60_000 },
    );
  });

  it('logs every write, with the body of a ConfigMap but never of a Secret', async () => {
    const secretValue = 'c2Vuc2l0aXZl';
    await cluster.applyYaml(
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'seen' },
        data: { a: 'plain' },
      }),
    );
    await cluster.applyYaml(
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'hidden' },
        data: { a: secretValue },
      }),
    );
    const named = (name: string) =>
      cluster.auditEvents((event) => isWrite(event) && JSON.stringify(event).includes(name));
    const [configMap] = await until(async () => ((await named('seen')).length > 0 ? named('seen') : false), {
      what: 'the event',
    });
    expect(configMap?.verb).to.equal('create');
    expect(configMap?.user.username).to.equal('admin');
    expect(configMap?.responseStatus?.code).to.equal(201);
    expect(configMap?.requestObject).to.have.nested.property('data.a', 'plain');
    await until(async () => (await named('hidden')).length > 0, { what: 'the event of the Secret' });
    const all = JSON.stringify(await cluster.auditEvents());
    expect(all).not.to.include(secretValue);
  });

  it('tells an open watch once, before it ends', async () => {
    const ending = new AbortController();
    const path = '/api/v1/namespaces/default/configmaps?watch=1';
    const watching = cluster.api.stream(path, ending.signal, () => undefined).catch(() => undefined);
    const watches = () => cluster.auditEvents(({ requestURI }) => requestURI === path);
    await until(async () => (await watches()).some(({ stage }) => stage === 'ResponseStarted'), {
      what: 'the watch',
    });
    ending.abort();
    await watching;
    await until(async () => (await watches()).some(({ stage }) => stage === 'ResponseComplete'), {
      what: 'its end',
    });
    expect(await watches()).to.have.length(1);
  });

  it('answers nothing while its API server is stopped by a signal, and goes on afterwards', async () => {
    cluster.signalApiServer('SIGSTOP');
    const asked = () =>
      cluster.api.request('GET', '/version', { timeoutMs: 300 }).then(
        () => undefined,
        (error: Error) => error.name,
      );
    // It may still answer one before each of its threads has stopped.
    const outage = await until(asked, { what: 'a request without an answer' });
    cluster.signalApiServer('SIGCONT');
    expect(outage).to.be.oneOf(['TimeoutError', 'AbortError']);
    expect((await cluster.api.request('GET', '/version')).status).to.equal(200);
  });

  it('starts its API server again on the same port, with all objects', async () => {
    await cluster.applyYaml(
      JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept' } }),
    );
    await cluster.restartApiServer();
    expect((await cluster.api.request('GET', '/api/v1/namespaces/default/configmaps/kept')).status).to.equal(
      200,
    );
    expect(await cluster.kubectlOrThrow(['get', 'configmap', 'kept', '-o', 'name'])).to.include('kept');
  });

  it('has a second API server that sees the same, lags while its etcd is frozen, and catches up', async () => {
    const second = await cluster.startSecondServer();
    const path = '/api/v1/namespaces/default/configmaps/lagging';
    const version = async ({ api }: Pick<typeof second, 'api'>, options = '') =>
      (await api.request<{ data?: { value?: string } }>('GET', `${path}${options}`)).body.data?.value;
    const write = (value: string) =>
      cluster.api.request('PATCH', `${path}?fieldManager=test`, { body: { data: { value } } });
    await cluster.api.request('POST', '/api/v1/namespaces/default/configmaps', {
      body: { metadata: { name: 'lagging' }, data: { value: 'old' } },
    });
    await until(async () => (await version(second, '?resourceVersion=0')) === 'old', { what: 'its cache' });
    second.etcd.freeze();
    await write('new');
    expect(await version(second, '?resourceVersion=0')).to.equal('old');
    const newest = await second.api.request('GET', path, { timeoutMs: 500 }).then(
      () => 'answered',
      (error: Error) => error.name,
    );
    expect(newest).to.be.oneOf(['TimeoutError', 'AbortError']);
    second.etcd.thaw();
    await until(async () => (await version(second, '?resourceVersion=0')) === 'new', { what: 'its cache' });
    expect(await version(second)).to.equal('new');
    expect(await cluster.auditEvents(({ requestURI }) => requestURI === path)).not.to.be.empty;
    await second.stop();
    expect(await version(cluster)).to.equal('new');
  });

  it('reports the exit code and the error of a command that fails', async () => {
    const { exitCode, stderr } = await cluster.kubectl(['get', 'configmap', 'none']);
    expect(exitCode).to.equal(1);
    expect(stderr).to.include('NotFound');
    const error = await cluster.kubectlOrThrow(['get', 'configmap', 'none']).catch((reason: Error) => reason);
    expect(String(error)).to.include('NotFound');
  });

  it('has a second one beside it that shares nothing and takes extra flags', async function () {
    this.timeout(180_000);
    const second = await startCluster({ apiServerFlags: ['--min-request-timeout=1'] });
    try {
      await second.kubectlOrThrow(['create', 'namespace', 'only-here']);
      expect((await cluster.api.request('GET', '/api/v1/namespaces/only-here')).status).to.equal(404);
      expect(second.port).not.to.equal(cluster.port);
      // The flag shows: the server itself ends a watch within 1 to 2 s.
      await second.api.stream('/api/v1/configmaps?watch=1', AbortSignal.timeout(60_000), () => undefined);
    } finally {
      await second.stop();
    }
    expect((await cluster.api.request('GET', '/version')).status).to.equal(200);
  });
});
