import { expect } from 'chai';
import { type Cluster, startCluster } from '../../../dev/cluster/cluster.ts';
import { BAD_SELECTORS, GOOD_SELECTORS } from '../../support/label-selectors.ts';

/** Which label selectors the operator's settings take is known to us and to the API server; here they are held together. */

describe('label selectors', function () {
  this.timeout(180_000);
  let cluster: Cluster;

  before(async () => {
    cluster = await startCluster({ name: 'label-selectors' });
  });
  after(() => cluster.stop());

  for (const [selectors, answer] of [
    [GOOD_SELECTORS, 200],
    [BAD_SELECTORS, 400],
  ] as const)
    it(`are answered with ${answer} by a real API server where the settings ${answer === 200 ? 'take' : 'refuse'} them`, async () => {
      const others: string[] = [];
      for (const selector of selectors) {
        const path = `/api/v1/namespaces/default/configmaps?labelSelector=${encodeURIComponent(selector)}`;
        const { status } = await cluster.api.request('GET', path);
        if (status !== answer) others.push(`${status}: ${selector}`);
      }
      expect(others).to.deep.equal([]);
    });
});
