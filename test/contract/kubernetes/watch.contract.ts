import { expect } from 'chai';
import type { KubernetesObject, WatchEvent, WatchOptions } from '../../../src/ports/kubernetes.ts';
import { CONFIG_MAPS } from '../../support/memory-cluster/index.ts';
import { configMap, type MakeCluster, refOf, unwrap, useCluster } from './harness.ts';

export function watchContract(make: MakeCluster): void {
  describe('watching', () => {
    const given = useCluster(make);
    let stop: AbortController;
    beforeEach(() => {
      stop = new AbortController();
    });
    afterEach(() => stop.abort());

    /** Collects what a watch of the test's namespace tells, in the background. */
    function watch(options: Pick<WatchOptions, 'resourceVersion'> & Partial<WatchOptions>) {
      const { api, namespace } = given();
      const events: WatchEvent<KubernetesObject>[] = [];
      const watching = {
        namespace,
        labelSelector: 'team',
        timeoutSeconds: 300,
        signal: stop.signal,
        ...options,
      };
      const ended = (async () => {
        for await (const event of api.watch(CONFIG_MAPS, watching)) events.push(event);
      })();
      return { events, ended };
    }

    const version = async (): Promise<string> => {
      const { api, namespace } = given();
      return unwrap(await api.list(CONFIG_MAPS, { namespace })).resourceVersion;
    };

    const told = (events: readonly WatchEvent<KubernetesObject>[]): string[] =>
      events.flatMap((event) => ('object' in event ? [`${event.type} ${event.object.metadata.name}`] : []));

    const labelled = (name: string, team = 'x') =>
      configMap(given().namespace, name, {}, { labels: { team } });

    it('tells changes after the given resourceVersion, past ones first', async () => {
      const { api, cluster } = given();
      await api.create(CONFIG_MAPS, labelled('before'));
      const resourceVersion = await version();
      await api.create(CONFIG_MAPS, labelled('past'));
      const { events } = watch({ resourceVersion });
      await cluster.until(() => events.length === 1);
      await api.mergePatch(refOf(labelled('past')), { data: { a: '1' } });
      await api.delete(refOf(labelled('before')));
      await cluster.until(() => events.length === 3);
      expect(told(events)).to.deep.equal(['added past', 'modified past', 'deleted before']);
    });

    it('gives a deleted object the resourceVersion of its deletion', async () => {
      const { api, cluster } = given();
      const created = unwrap(await api.create(CONFIG_MAPS, labelled('a')));
      const { events } = watch({ resourceVersion: await version() });
      await api.delete(refOf(created));
      await cluster.until(() => events.length === 1);
      const [event] = events;
      const resourceVersion =
        event !== undefined && 'object' in event ? event.object.metadata.resourceVersion : '';
      expect(Number(resourceVersion)).to.be.greaterThan(Number(created.metadata.resourceVersion));
    });

    it('tells an object that begins or ceases to match the selector as added or deleted', async () => {
      const { api, cluster } = given();
      await api.create(CONFIG_MAPS, labelled('a'));
      const { events } = watch({ resourceVersion: await version(), labelSelector: 'team=y' });
      await api.mergePatch(refOf(labelled('a')), { metadata: { labels: { team: 'y' } } });
      await api.mergePatch(refOf(labelled('a')), { metadata: { labels: { team: 'x' } } });
      await cluster.until(() => events.length === 2);
      expect(told(events)).to.deep.equal(['added a', 'deleted a']);
    });

    it('gives metadata only when asked', async () => {
      const { api, cluster } = given();
      const { events } = watch({ resourceVersion: await version(), metadataOnly: true });
      await api.create(CONFIG_MAPS, labelled('a'));
      await cluster.until(() => events.length === 1);
      const [event] = events;
      if (event === undefined || !('object' in event)) throw new Error('The event has no object.');
      expect(event.object).to.have.keys('apiVersion', 'kind', 'metadata');
      expect(event.object).to.include({ kind: 'PartialObjectMetadata' });
    });

    it('answers 410 to a resourceVersion that is forgotten, and ends', async () => {
      const { cluster } = given();
      const { ended, events } = watch({ resourceVersion: await cluster.expiredVersion() });
      await ended;
      expect(events).to.have.length(1);
      expect(events[0]).to.deep.include({ type: 'error' });
      expect(events[0]).to.have.nested.include({ 'error.code': 410, 'error.reason': 'Expired' });
    });

    it('ends normally after its timeout', async () => {
      const { cluster } = given();
      const { ended, events } = watch({ resourceVersion: await version(), timeoutSeconds: 1 });
      let over = false;
      void ended.then(() => {
        over = true;
      });
      await cluster.until(() => over);
      expect(events.filter((event) => event.type !== 'bookmark')).to.deep.equal([]);
    });

    it('ends without another event when its signal aborts', async () => {
      const { api, cluster } = given();
      const { ended, events } = watch({ resourceVersion: await version() });
      await api.create(CONFIG_MAPS, labelled('a'));
      await cluster.until(() => events.length === 1);
      stop.abort();
      await ended;
      expect(events).to.have.length(1);
    });
  });
}
