import { expect } from 'chai';
import type { KubernetesError, KubernetesObject } from '../../../src/ports/kubernetes.ts';
import { SharedCredentialSecrets } from '../../../src/reconcile/credential-secrets.ts';
import { type Interceptor, MemoryCluster, SECRETS } from '../../support/memory-cluster/index.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const ref = { type: SECRETS, namespace: 'default', name: 'sp' };
const place = { namespace: 'default', name: 'sp', field: 'spec.identity.servicePrincipal.secretRef.name' };
const down: KubernetesError = { kind: 'timeout' };
const forbidden: KubernetesError = { kind: 'status', code: 403, reason: 'Forbidden', causes: [] };

function setUp(intercept: Interceptor = () => 'proceed') {
  const clock = new VirtualClock();
  const cluster = new MemoryCluster(clock);
  const calls: string[] = [];
  const kube = cluster.client({
    intercept: (call) => {
      calls.push(call.verb);
      return intercept(call);
    },
  });
  const secrets = new SharedCredentialSecrets(kube, clock);
  const write = async (secret: string) => {
    await cluster.admin.delete(ref, {});
    const data = { clientSecret: Buffer.from(secret).toString('base64') };
    cluster.seed(SECRETS, { metadata: { namespace: 'default', name: 'sp' }, data } as KubernetesObject);
  };
  const read = async (maxAgeMs: number) => {
    const reading = secrets.read(place, maxAgeMs);
    await clock.advance(1);
    return reading;
  };
  const textOf = async (maxAgeMs: number) => {
    const result = await read(maxAgeMs);
    if (result.ok) return result.value.texts.reveal().get('clientSecret');
    return 'reason' in result.failure ? result.failure.reason : result.failure.kind;
  };
  return { calls, clock, cluster, read, secrets, textOf, write };
}

describe('a Secret that holds a credential', () => {
  it('is read by name, once for all that ask within its age, and anew afterwards', async () => {
    const { calls, clock, secrets, textOf, write } = setUp();
    await write('one');
    const together = Promise.all([1, 2, 3].map(() => secrets.read(place, 30_000)));
    await clock.advance(1);
    expect((await together).map(({ ok }) => ok)).to.deep.equal([true, true, true]);
    await write('two');
    expect(await textOf(30_000)).to.equal('one');
    expect(calls).to.deep.equal(['get']);
    await clock.advance(30_000);
    expect(await textOf(30_000)).to.equal('two');
    expect(await textOf(0)).to.equal('two');
    expect(calls).to.deep.equal(['get', 'get', 'get']);
  });

  it('is used on while the API server cannot be reached', async () => {
    let broken = false;
    const { clock, read, textOf, write } = setUp(() => (broken ? { kind: 'fail', error: down } : 'proceed'));
    await write('one');
    await textOf(0);
    broken = true;
    await clock.advance(60_000);
    expect(await textOf(0)).to.equal('one');
    const again = await read(0);
    // Asked again one interval later, not at once.
    expect(again.ok && clock.now() - again.value.readAt).to.be.within(0, 10);
  });

  it('is a failure at once when it is gone, or may not be read', async () => {
    let refused = false;
    const { cluster, textOf, write } = setUp(() =>
      refused ? { kind: 'fail', error: forbidden } : 'proceed',
    );
    await write('one');
    await textOf(0);
    await cluster.admin.delete(ref, {});
    expect(await textOf(0)).to.equal('CredentialSecretNotFound');
    await write('two');
    expect(await textOf(30_000)).to.equal('two');
    refused = true;
    expect(await textOf(0)).to.equal('KubernetesDenied');
  });

  it('names who asks for it, and what to do', async () => {
    const { read } = setUp();
    const missing = await read(0);
    expect(!missing.ok && missing.failure).to.include({
      kind: 'blocked',
      message:
        'Secret default/sp does not exist: create it, or correct spec.identity.servicePrincipal.secretRef.name',
    });
  });
});
