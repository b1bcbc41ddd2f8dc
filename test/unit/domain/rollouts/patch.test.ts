import { expect } from 'chai';
import { restartPatch } from '../../../../src/domain/rollouts/patch.ts';
import type { Workload } from '../../../../src/domain/rollouts/workload.ts';

const NAME = 'rollout.appconfig.dev/orders';
const ALONE = { shared: false };
const MARKER = { binding: 'orders', marker: { keyId: 'k1', contentHash: '0123456789abcdef' } };

const workload = (present?: string): Workload => ({
  kind: 'Deployment',
  metadata: { name: 'orders', uid: 'the-uid', resourceVersion: '7' },
  spec: { template: { metadata: { annotations: present === undefined ? {} : { [NAME]: present } } } },
});

describe('The patch that restarts a workload', () => {
  it('holds the uid as a precondition and the marker of one binding, nothing else', () => {
    expect(restartPatch(workload(), [MARKER], ALONE)).to.deep.equal({
      metadata: { uid: 'the-uid' },
      spec: { template: { metadata: { annotations: { [NAME]: 'k1:0123456789abcdef' } } } },
    });
  });

  it('holds the version as well where another binding may restart the workload', () => {
    const { metadata } = restartPatch(workload(), [MARKER], { shared: true });
    expect(metadata).to.deep.equal({ uid: 'the-uid', resourceVersion: '7' });
  });

  it('holds the markers of all bindings whose restarts are made one', () => {
    const other = { binding: 'mail', marker: { keyId: 'k1', contentHash: 'fedcba9876543210' } };
    const { annotations } = restartPatch(workload(), [MARKER, other], ALONE).spec.template.metadata;
    expect(annotations).to.deep.equal({
      [NAME]: 'k1:0123456789abcdef',
      'rollout.appconfig.dev/mail': 'k1:fedcba9876543210',
    });
  });

  const turns: readonly [string, string, string][] = [
    ['replaces the marker of other content', 'k1:fedcba9876543210.7', 'k1:0123456789abcdef'],
    ['replaces the marker of another key', 'k0:0123456789abcdef', 'k1:0123456789abcdef'],
    ['replaces a text that is no marker', 'nonsense', 'k1:0123456789abcdef'],
    ['counts up when the template already has the marker', 'k1:0123456789abcdef', 'k1:0123456789abcdef.2'],
    ['counts on from there', 'k1:0123456789abcdef.2', 'k1:0123456789abcdef.3'],
  ];
  for (const [title, present, expected] of turns) {
    it(title, () => {
      const { annotations } = restartPatch(workload(present), [MARKER], ALONE).spec.template.metadata;
      expect(annotations[NAME]).to.equal(expected);
    });
  }

  it('is refused for an object that never was on a server', () => {
    expect(() => restartPatch({ kind: 'Deployment', metadata: { name: 'x' } }, [MARKER], ALONE)).to.throw(
      /uid/,
    );
  });
});
