import { expect } from 'chai';
import {
  denyByPolicy,
  hangInWebhook,
  type Requests,
  removePolicy,
  removeWebhook,
  untilRefused,
} from '../../support/real/obstacles.ts';
import { useOperator } from '../../support/real/running.ts';
import type { Team } from '../../support/real/team.ts';
import {
  generationOf,
  markerOf,
  reader,
  refreshed,
  revisions,
  seen,
  withWorkloads,
} from '../../support/real/workloads.ts';

const UPDATES: Requests = {
  apiGroups: ['apps'],
  apiVersions: ['v1'],
  operations: ['UPDATE'],
  resources: ['deployments'],
};
const isRestarted = async (team: Team, name: string) =>
  markerOf(await seen(team, 'Deployment', name)) !== undefined;
const untilHeld = (team: Team, name: string) => {
  const body = { spec: { template: { metadata: { annotations: { probe: 'yes' } } } } };
  return untilRefused(team, { method: 'PATCH', plural: 'deployments', name, body });
};
/** `a` is restarted after all, and `b`, which was before, not again; both given with their generation of the beginning. */
async function madeUpOnce(team: Team, { a, b }: { readonly a: number; readonly b: number }): Promise<void> {
  await team.until('the restart', () => isRestarted(team, 'a'));
  await team.untilCondition('RolloutsComplete', 'True', 'Completed');
  await refreshed(team, 'after all');
  expect(await generationOf(team, 'a')).to.equal(a + 1);
  expect(await generationOf(team, 'b')).to.equal(b + 1);
  expect(await revisions(team, 'a')).to.equal(2);
}
const rolloutOf = async (team: Team, name: string) =>
  (await team.status()).rollouts?.find((rollout) => rollout.name === name);

describe('a restart that admission refuses', function () {
  this.timeout(180_000);
  const running = useOperator({ flags: ['--drift-interval=3s'] });
  const rollout = { minInterval: '0s' };

  it('is told with the policy in the way, holds no others back, and is made once when that is gone', async () => {
    const workloads = [reader('Deployment', 'a'), reader('Deployment', 'b')];
    const team = await withWorkloads(await running().team(), workloads, rollout);
    const [a, b] = [await generationOf(team, 'a'), await generationOf(team, 'b')];
    const policy = `leave-a-alone.${team.namespace}.example.test`;
    await denyByPolicy(team, policy, UPDATES, 'object.metadata.name != "a"');
    await untilHeld(team, 'a');
    await team.set('color', 'green');
    const told = await team.untilCondition('RolloutsComplete', 'False', 'RestartDenied');
    const inTheWay = `ValidatingAdmissionPolicy ${policy} is in the way`;
    expect(told.message).to.include(`Deployment/a: ${inTheWay}`).and.not.include('Deployment/b');
    expect(await rolloutOf(team, 'a')).to.include({ phase: 'Pending' });
    expect((await rolloutOf(team, 'a'))?.message).to.include(inTheWay);
    await team.until('the other to be complete', async () => (await team.status()).rollout === '1/2');
    expect(await generationOf(team, 'b')).to.equal(b + 1);
    const refused = () => running().operator.metric('restarts_total{kind="Deployment",outcome="failed"}');
    const before = await refused();
    await team.until('two more attempts', async () => (await refused()) >= before + 2);
    expect(await generationOf(team, 'a')).to.equal(a);
    expect((await team.condition('Ready'))?.status).to.equal('True');
    expect((await team.untilEvent('RestartDenied')).note).to.include(inTheWay);
    const warnings = (await team.events()).filter(({ type }) => type === 'Warning');
    expect(warnings.map(({ reason, series }) => `${reason} x${series?.count ?? 1}`)).to.deep.equal([
      'RestartDenied x1',
    ]);

    await removePolicy(team, policy);
    await madeUpOnce(team, { a, b });
  });

  it('is told with the webhook that does not answer, holds no others back, and is made once when that is gone', async () => {
    const workloads = [reader('Deployment', 'a'), reader('Deployment', 'b')];
    const team = await withWorkloads(await running().team(), workloads, rollout);
    const [a, b] = [await generationOf(team, 'a'), await generationOf(team, 'b')];
    const webhook = `silent.${team.namespace}.example.test`;
    await hangInWebhook(team, webhook, UPDATES, 'object.metadata.name == "a"');
    await untilHeld(team, 'a');
    await team.set('color', 'green');
    const told = await team.untilCondition('RolloutsComplete', 'False', 'RestartDenied');
    expect(told.message).to.include(`Deployment/a: admission webhook ${webhook} is in the way: repair it`);
    await team.until('the other to be complete', async () => (await team.status()).rollout === '1/2');
    expect(await generationOf(team, 'b')).to.equal(b + 1);
    expect(await generationOf(team, 'a')).to.equal(a);
    expect((await team.condition('Ready'))?.status).to.equal('True');

    await removeWebhook(team, webhook);
    await madeUpOnce(team, { a, b });
  });
});
