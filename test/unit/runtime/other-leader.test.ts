import { expect } from 'chai';
import { LEASES, microTime } from '../../../src/runtime/lease.ts';
import { otherLeader } from '../../../src/runtime/other-leader.ts';
import { MemoryCluster } from '../../support/memory-cluster/index.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const LEASE = { namespace: 'appconfig-system', name: 'appconfig-operator' };

describe('another leader', () => {
  function setup(holderIdentity?: string) {
    const clock = new VirtualClock();
    const cluster = new MemoryCluster(clock, [LEASE.namespace]);
    if (holderIdentity !== undefined)
      cluster.seed(LEASES, { metadata: LEASE, spec: { holderIdentity, leaseDurationSeconds: 15 } });
    const renew = () =>
      cluster.admin.mergePatch({ type: LEASES, ...LEASE }, { spec: { renewTime: microTime(clock.now()) } });
    return { clock, cluster, renew };
  }

  it('is whoever holds the Lease and renews it', async () => {
    const { clock, cluster, renew } = setup('pod-1');
    const found = otherLeader(cluster.admin, LEASE, clock);
    await clock.advance(2_000);
    expect((await renew()).ok).to.equal(true);
    await clock.advance(10_000);
    expect(await found).to.equal('pod-1');
  });

  it('is not one that left a Lease behind', async () => {
    const { clock, cluster } = setup('pod-1');
    const found = otherLeader(cluster.admin, LEASE, clock);
    await clock.advance(10_000);
    expect(await found).to.equal(undefined);
  });

  it('does not exist where the Lease is free, or there is none', async () => {
    for (const holder of ['', undefined]) {
      const { clock, cluster } = setup(holder);
      expect(await otherLeader(cluster.admin, LEASE, clock)).to.equal(undefined);
    }
  });
});
