import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { type Cluster, startCluster } from '../../../dev/cluster/cluster.ts';
import { type PodRunner, startPodRunner } from '../../../dev/cluster/pod-runner.ts';
import { until } from '../../../dev/cluster/wait.ts';
import { pod, workload } from './manifests.ts';
import { isReady, podWhere, restarts, waitingReason } from './pods.ts';

const program = fileURLToPath(new URL('./program.ts', import.meta.url));
const image = 'example.test/program:1';
const podIp = { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } };
const address = '--address=$(POD_IP):8081';

/** What the program prints of itself. */
interface Given {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string | null>>;
}

describe('pods that are programs', () => {
  let cluster: Cluster;
  let runner: PodRunner;

  before(async function () {
    this.timeout(1_200_000);
    cluster = await startCluster();
    runner = await startPodRunner(cluster, {
      programs: { 'example.test/program': [process.execPath, program] },
    });
  });

  after(() => cluster?.stop());

  /** Applies a pod of the program; the container is completed by what the test gives. */
  const run = (name: string, container: object = {}, spec: object = {}) =>
    cluster.applyYaml(pod(name, { image, spec, container: { args: [address], env: [podIp], ...container } }));
  const given = async (name: string): Promise<Given> => {
    const text = await until(
      async () => (await runner.logs(name)).split('\n', 2).length === 2 && runner.logs(name),
      {
        what: `${name} to say what it was given`,
      },
    );
    return JSON.parse(text.split('\n')[0] ?? '');
  };
  const ask = async (name: string, path: string) => {
    const { status } = await podWhere(
      cluster,
      name,
      'with an address',
      (one) => one.status.podIP !== undefined,
    );
    const url = `http://${status.podIP}:8081`;
    await until(async () => (await fetch(`${url}/live`)).ok, { what: `${name} to answer` });
    // Asked once: a program told to exit resets the connection.
    await fetch(url + path).catch(() => undefined);
  };

  it('get the arguments and the environment that their spec asks for, and no other', async () => {
    process.env.LEAKED_FROM_TEST = 'yes';
    await cluster.applyYaml(
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'cm' },
        data: { A: 'a', B: 'b' },
      }),
    );
    await cluster.applyYaml(
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'secret' },
        stringData: { S: 's' },
      }),
    );
    await run('given', {
      args: [address, '--greeting=$(GREETING)', '--unknown=$(UNKNOWN)'],
      envFrom: [{ configMapRef: { name: 'cm' }, prefix: 'CM_' }],
      env: [
        podIp,
        { name: 'NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
        { name: 'FROM_SECRET', valueFrom: { secretKeyRef: { name: 'secret', key: 'S' } } },
        { name: 'OPTIONAL', valueFrom: { configMapKeyRef: { name: 'none', key: 'x', optional: true } } },
        { name: 'GREETING', value: 'from $(NAMESPACE)' },
      ],
    });
    const { args, env } = await given('given');
    delete process.env.LEAKED_FROM_TEST;
    const ip = env.POD_IP;
    expect(ip).to.match(/^127\.\d+\.\d+\.\d+$/);
    expect(args).to.deep.equal([`--address=${ip}:8081`, '--greeting=from default', '--unknown=$(UNKNOWN)']);
    expect(env).to.include({ CM_A: 'a', CM_B: 'b', FROM_SECRET: 's', HOSTNAME: 'given' });
    expect(env).to.include({
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String(cluster.port),
    });
    expect(env).not.to.have.any.keys('OPTIONAL', 'LEAKED_FROM_TEST', 'HTTPS_PROXY', 'HTTP_PROXY');
  });

  it('find the ServiceAccount token, CA and namespace that admission mounts', async () => {
    await run('accounted', { args: [address, '--files=/var/run/secrets/kubernetes.io/serviceaccount'] });
    const { files, args } = await given('accounted');
    expect(args[1]).to.include(cluster.dir);
    expect(files.namespace).to.equal('default');
    expect(files['ca.crt']?.trim()).to.equal(cluster.caPem.trim());
    const token = decodeJwt(files.token ?? '');
    expect(token.sub).to.equal('system:serviceaccount:default:default');
    expect(token['kubernetes.io']).to.have.nested.property('pod.name', 'accounted');
  });

  it('find a token of the audience and life that a projected volume asks for, beside other files', async () => {
    const serviceAccountToken = {
      audience: 'api://AzureADTokenExchange',
      expirationSeconds: 1200,
      path: 'token',
    };
    const configMap = { name: 'cm', items: [{ key: 'A', path: 'a.txt' }] };
    const volumes = [{ name: 'mixed', projected: { sources: [{ serviceAccountToken }, { configMap }] } }];
    const mounted = {
      args: [address, '--files=/mixed'],
      volumeMounts: [{ name: 'mixed', mountPath: '/mixed' }],
    };
    await run('projected', mounted, { volumes, automountServiceAccountToken: false });
    const { files } = await given('projected');
    expect(files['a.txt']).to.equal('a');
    const { aud, exp = 0, iat = 0 } = decodeJwt(files.token ?? '');
    expect(aud).to.deep.equal(['api://AzureADTokenExchange']);
    expect(exp - iat).to.equal(1200);
  });

  it('are ready while their readiness probe succeeds', async () => {
    const readinessProbe = {
      httpGet: { path: '/ready', port: 'http' },
      periodSeconds: 1,
      failureThreshold: 1,
    };
    await run('probed', { ports: [{ name: 'http', containerPort: 8081 }], readinessProbe });
    await podWhere(cluster, 'probed', 'ready', isReady);
    await ask('probed', '/unready');
    const unready = await podWhere(cluster, 'probed', 'not ready', (one) => !isReady(one));
    expect(restarts(unready)).to.equal(0);
  });

  it('are restarted when their liveness probe fails', async () => {
    const livenessProbe = {
      httpGet: { path: '/live', port: 8081 },
      periodSeconds: 1,
      failureThreshold: 1,
      initialDelaySeconds: 1,
      // One that is only slow is not dead.
      timeoutSeconds: 30,
    };
    const startupProbe = { tcpSocket: { port: 8081 } };
    await run('dying', { livenessProbe, startupProbe });
    await podWhere(cluster, 'dying', 'ready', isReady);
    await ask('dying', '/dead');
    const again = await podWhere(cluster, 'dying', 'restarted', (one) => restarts(one) === 1 && isReady(one));
    expect(again.status.containerStatuses?.[0]?.lastState.terminated?.exitCode).to.equal(0);
  });

  it('are restarted after a crash, with a back-off', async () => {
    await run('crasher');
    await ask('crasher', '/exit');
    const again = await podWhere(
      cluster,
      'crasher',
      'restarted',
      (one) => restarts(one) === 1 && isReady(one),
    );
    expect(again.status.containerStatuses?.[0]?.lastState.terminated?.exitCode).to.equal(3);
    const [pid] = runner.pids('crasher');
    runner.kill('crasher', 'SIGKILL');
    await until(() => runner.pids('crasher').some((one) => one !== pid), { what: 'a new process' });
  });

  it('wait for a ConfigMap that is missing, and say so', async () => {
    await run('waiting', {
      env: [podIp, { name: 'X', valueFrom: { configMapKeyRef: { name: 'later', key: 'x' } } }],
    });
    const waiting = await podWhere(
      cluster,
      'waiting',
      'waiting',
      (one) => waitingReason(one) === 'CreateContainerConfigError',
    );
    expect(waiting.status.containerStatuses?.[0]?.state.waiting?.message).to.include('"later" not found');
    await cluster.kubectlOrThrow(['create', 'configmap', 'later', '--from-literal=x=1']);
    await podWhere(cluster, 'waiting', 'ready', isReady);
  });

  it('bind the same port on addresses of their own, and answer kubectl logs', async () => {
    await cluster.applyYaml(
      workload('Deployment', 'pair', { image, container: { args: [address], env: [podIp] } }),
    );
    await cluster.kubectlOrThrow(['scale', 'deployment/pair', '--replicas=2']);
    await cluster.kubectlOrThrow(['rollout', 'status', 'deployment/pair', '--timeout=60s']);
    // A pod without a readiness probe is ready before its program has said anything.
    const addresses = async () => {
      const logs = await cluster.kubectlOrThrow(['logs', 'deployment/pair', '--all-pods']);
      return new Set(logs.match(/--address=127[\d.]+:8081/g));
    };
    await until(async () => (await addresses()).size === 2, { what: 'two addresses in the logs' });
  });

  it('end with SIGTERM when they are deleted, and leave no secrets behind', async () => {
    await run('leaving');
    await given('leaving');
    const pids = runner.pids('leaving');
    expect(pids).to.have.length(1);
    await cluster.kubectlOrThrow(['delete', 'pod', 'leaving', '--timeout=60s']);
    expect(await runner.logs('leaving')).to.include('asked to end');
    expect(runner.pids('leaving')).to.deep.equal([]);
    expect(() => process.kill(pids[0] ?? 0, 0)).to.throw('ESRCH');
    const left = await readdir(join(cluster.dir, 'pods'), { recursive: true });
    expect(left.filter((name) => name.includes('leaving') && name.includes('volumes'))).to.deep.equal([]);
  });
});
