import { expect } from 'chai';
import { type Cluster, startCluster } from '../../../dev/cluster/cluster.ts';
import { checkType } from '../../../src/domain/targets/secret-types.ts';

/** What a Secret of a type must hold is known to us and to the API server; here they are held together. */

const SECRETS = '/api/v1/namespaces/default/secrets?dryRun=All';
const TYPES = [
  'Opaque',
  'example.com/own',
  'kubernetes.io/tls',
  'kubernetes.io/ssh-auth',
  'kubernetes.io/basic-auth',
  'kubernetes.io/dockercfg',
  'kubernetes.io/dockerconfigjson',
];
const DATA: readonly Record<string, string>[] = [
  {},
  { 'tls.crt': 'x' },
  { 'tls.key': 'x' },
  { 'tls.crt': '', 'tls.key': '' },
  { 'ssh-privatekey': 'x' },
  { 'ssh-privatekey': '' },
  { username: 'x' },
  { password: '' },
  { '.dockercfg': '{}' },
  { '.dockercfg': '' },
  { '.dockercfg': '[]' },
  { '.dockerconfigjson': '{"auths": {}}' },
  { '.dockerconfigjson': '1' },
  { '.dockerconfigjson': 'null' },
  { '.dockerconfigjson': '{' },
];

describe('the types of Secrets', function () {
  this.timeout(180_000);
  let cluster: Cluster;

  before(async () => {
    cluster = await startCluster({ name: 'secret-types' });
  });
  after(() => cluster.stop());

  for (const type of TYPES) {
    it(`${type} asks for the same keys here and on a real API server`, async () => {
      for (const data of DATA) {
        const object = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, type, stringData: data };
        const { status, body } = await cluster.api.request<{ message?: string }>('POST', SECRETS, {
          body: object,
        });
        const ours = checkType(type, data, 's').ok;
        expect(ours, `${JSON.stringify(data)}: ${status} ${body.message ?? ''}`).to.equal(status === 201);
      }
    });
  }
});
