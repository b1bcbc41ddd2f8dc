import { expect } from 'chai';
import fc from 'fast-check';
import { obstacleIn } from '../../../../src/adapters/kubernetes/obstacle.ts';

/** As a 1.36 API server wrote them. */
const MESSAGES = [
  [
    'configmaps "x" is forbidden: exceeded quota: few, requested: count/configmaps=1, used: count/configmaps=1, limited: count/configmaps=1',
    { kind: 'quota', name: 'few' },
  ],
  [
    `configmaps "x" is forbidden: ValidatingAdmissionPolicy 'no-config.example.test' with binding 'all' denied request: no config maps`,
    { kind: 'policy', name: 'no-config.example.test' },
  ],
  [
    'admission webhook "check.example.test" denied the request: the value s3cret is weak',
    { kind: 'webhook', name: 'check.example.test' },
  ],
  [
    'Internal error occurred: failed calling webhook "slow.example.test": failed to call webhook: Post "https://127.0.0.1:42077/?timeout=1s": context deadline exceeded',
    { kind: 'unreachable-webhook', name: 'slow.example.test' },
  ],
] as const;

describe('the message of a refusal', () => {
  for (const [message, obstacle] of MESSAGES) {
    it(`names the ${obstacle.kind} and gives nothing else away`, () => {
      expect(obstacleIn(message)).to.deep.equal(obstacle);
    });
  }

  it('names nothing when it is about something else', () => {
    for (const message of [
      '',
      'secrets "x" is forbidden: User "op" cannot create resource "secrets" in API group "" in the namespace "shop"',
      'ConfigMap "x" is invalid: data[a/b]: Invalid value: "a/b": a valid config key must consist of …',
    ])
      expect(obstacleIn(message)).to.equal(undefined);
  });

  it('gives away nothing that is no name, whatever stands there', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { name } = obstacleIn(`exceeded quota: ${text}, requested: x`) ?? {};
        if (name !== undefined) expect(name).to.match(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
      }),
    );
  });
});
