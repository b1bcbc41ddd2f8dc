import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { Cluster } from '../../../dev/cluster/cluster.ts';
import { useOperator } from '../../support/real/running.ts';
import { CONFIG_MAP } from '../../support/real/team.ts';

/** The controllers are held for a while: they would empty the namespace before anyone sees it terminate. */
describe('a namespace that is being deleted', function () {
  this.timeout(180_000);
  const running = useOperator();
  let held: number | undefined;
  afterEach(() => {
    if (held !== undefined) process.kill(held, 'SIGCONT');
    held = undefined;
  });

  it('is told in the status, written to no more, and leaves nothing behind in the operator', async () => {
    const { operator, world } = running();
    const team = await running().syncedTeam();
    const { namespace, objects } = team;
    held = await controllerManagerOf(world.cluster);
    process.kill(held, 'SIGSTOP');
    await world.cluster.api.request('DELETE', `/api/v1/namespaces/${namespace}`);
    await objects.delete('configmaps', namespace, CONFIG_MAP);
    const ready = await team.untilCondition('Ready', 'False', 'NamespaceTerminating');
    expect(ready.message).to.include(`ConfigMap ${namespace}/${CONFIG_MAP}`).and.include('being deleted');

    const mine = async (message: string) =>
      (await operator.log()).filter(
        (line) => line.message === message && JSON.stringify(line).includes(namespace),
      );
    const failures = async () => (await mine('A binding was not reconciled.')).length;
    const refusedEvents = async () => (await mine('An event could not be recorded.')).length;
    const seen = await failures();
    const since = new Date().toISOString();
    // Events of the first sync may still have been waiting when the namespace began to go.
    const refusedBefore = await refusedEvents();
    await team.until('two more passes', async () => (await failures()) >= seen + 2);
    const writes = await world.cluster.auditEvents(
      ({ objectRef, requestReceivedTimestamp, user, verb }) =>
        objectRef?.namespace === namespace &&
        requestReceivedTimestamp > since &&
        (user.username ?? '').includes(':system-') &&
        !['get', 'list', 'watch'].includes(verb) &&
        objectRef.subresource !== 'token',
    );
    const attempts = writes.filter(({ objectRef }) => objectRef?.resource === 'configmaps');
    expect(attempts.length, 'attempts to create the ConfigMap').to.be.at.most((await failures()) - seen + 1);
    expect(writes.length - attempts.length, 'other writes').to.be.at.most(1);
    expect((await refusedEvents()) - refusedBefore, 'refused events').to.be.at.most(1);

    process.kill(held, 'SIGCONT');
    held = undefined;
    const isGone = async () => {
      const { status } = await world.cluster.api.request('GET', `/api/v1/namespaces/${namespace}`);
      return status === 404;
    };
    await team.until('the namespace to go', isGone, 120_000);
    const errors = (await operator.log()).filter(({ level }) => level === 'error');
    expect(errors).to.deep.equal([]);
  });
});

async function controllerManagerOf(cluster: Cluster): Promise<number> {
  for (const pid of cluster.pids()) {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    if (commandLine.includes('kube-controller-manager\0')) return pid;
  }
  throw new Error('no controller manager runs');
}
