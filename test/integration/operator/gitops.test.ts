import { expect } from 'chai';
import { forgetBindings, useOperator } from '../../support/real/running.ts';
import type { Team } from '../../support/real/team.ts';
import { markerOf, reader, restartComplete, seen, withWorkloads } from '../../support/real/workloads.ts';

/** What a tool that keeps the cluster equal to Git does, again and again, with a manifest that knows no marker. */
const REAPPLY: Readonly<Record<string, readonly string[]>> = {
  'client-side apply': ['apply', '-f', '-'],
  'server-side apply by force': [
    'apply',
    '--server-side',
    '--force-conflicts',
    '--field-manager=argocd-controller',
    '-f',
    '-',
  ],
};

const web = async (team: Team) => seen(team, 'Deployment', 'web');

describe('a Deployment that a tool applies from Git again and again', function () {
  this.timeout(180_000);
  const running = useOperator({ flags: ['--drift-interval=2s'] });
  const restarts = () => running().operator.metric('restarts_total{kind="Deployment",outcome="restarted"}');
  const passes = () => running().operator.metric('reconcile_total{outcome="requeueAfter"}');

  async function morePasses(team: Team, count: number): Promise<void> {
    const before = await passes();
    await team.until(`${count} more passes`, async () => (await passes()) >= before + count);
  }

  // Passes are counted, and are to be those of one binding.
  afterEach(() => forgetBindings(running().world));

  /** The count follows the answer of the API server, who shows the restart to others before. */
  async function counted(team: Team, count: number): Promise<void> {
    await team.until(`${count} restarts to be counted`, async () => (await restarts()) >= count);
    expect(await restarts()).to.equal(count);
  }

  /** Restarted once, and at rest. */
  async function restartedOnce(manifest: object): Promise<Team> {
    const team = await withWorkloads(await running().team(), [manifest], { minInterval: '0s' });
    await team.set('color', 'green');
    await restartComplete(team, 'web');
    return team;
  }

  for (const [how, args] of Object.entries(REAPPLY)) {
    it(`keeps its marker and is not rolled out again by ${how}, nor restarted`, async () => {
      const manifest = reader('Deployment', 'web');
      const team = await restartedOnce(manifest);
      // The first apply may change labels of ownership; what counts is that the template stays.
      await team.kubectl(args, manifest);
      const { metadata } = await web(team);
      const marker = markerOf(await web(team));
      const count = await restarts();
      for (let round = 0; round < 4; round += 1) {
        await team.kubectl(args, manifest);
        await morePasses(team, 2);
      }
      const after = await web(team);
      expect(after.metadata.generation).to.equal(metadata.generation);
      expect(markerOf(after)).to.equal(marker).and.not.equal(undefined);
      expect(await restarts()).to.equal(count);
      // The next change restarts it as ever.
      await team.set('color', 'red');
      await team.until('the next restart', async () => markerOf(await web(team)) !== marker);
      await counted(team, count + 1);
    });
  }

  it('is not restarted when a tool replaces it as a whole, which takes the marker away', async () => {
    const manifest = reader('Deployment', 'web');
    const team = await restartedOnce(manifest);
    const count = await restarts();
    for (let round = 0; round < 3; round += 1) {
      await team.kubectl(['replace', '-f', '-'], manifest);
      await morePasses(team, 2);
    }
    expect(markerOf(await web(team))).to.equal(undefined);
    expect(await restarts()).to.equal(count);
    await team.set('color', 'red');
    await team.until('the next restart', async () => markerOf(await web(team)) !== undefined);
    await counted(team, count + 1);
  });

  it('is not restarted again after kubectl rollout undo, and is for the next change', async () => {
    const team = await restartedOnce(reader('Deployment', 'web'));
    const count = await restarts();
    await team.kubectl(['rollout', 'undo', 'deployment/web']);
    expect(markerOf(await web(team))).to.equal(undefined);
    await morePasses(team, 4);
    expect(await restarts()).to.equal(count);
    await team.set('color', 'red');
    await team.until('the next restart', async () => markerOf(await web(team)) !== undefined);
    await counted(team, count + 1);
  });

  it('keeps an old marker that kubectl rollout undo brings back, and is restarted when its content is, too', async () => {
    const team = await restartedOnce(reader('Deployment', 'web'));
    const green = markerOf(await web(team));
    await team.set('color', 'red');
    await team.until('the next restart', async () => markerOf(await web(team)) !== green);
    await restartComplete(team, 'web');
    const count = await restarts();
    await team.kubectl(['rollout', 'undo', 'deployment/web']);
    const undone = await web(team);
    expect(markerOf(undone)).to.equal(green).and.not.equal(undefined);
    await morePasses(team, 4);
    expect((await web(team)).metadata.generation).to.equal(undone.metadata.generation);
    // The marker speaks of this very content already, but the pods have started with another.
    await team.set('color', 'green');
    await team.until('one more restart', async () => markerOf(await web(team)) !== green);
    await restartComplete(team, 'web');
    await morePasses(team, 4);
    await counted(team, count + 1);
  });

  it('is not restarted for a new image, and is for a change that came after it', async () => {
    const team = await restartedOnce(reader('Deployment', 'web'));
    const count = await restarts();
    await team.kubectl(['set', 'image', 'deployment/web', 'app=example.test/app:2']);
    await morePasses(team, 4);
    expect(await restarts()).to.equal(count);
    const marker = markerOf(await web(team));
    await team.set('color', 'red');
    await team.until('the next restart', async () => markerOf(await web(team)) !== marker);
    await counted(team, count + 1);
  });
});
