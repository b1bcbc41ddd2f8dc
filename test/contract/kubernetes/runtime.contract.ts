import { expect } from 'chai';
import { eventObject } from '../../../src/adapters/kubernetes/event-object.ts';
import { createEventRecorder } from '../../../src/adapters/kubernetes/events.ts';
import type { KubernetesObject } from '../../../src/ports/kubernetes.ts';
import { Informer } from '../../../src/runtime/informer.ts';
import { LeaderElection } from '../../../src/runtime/leader-election.ts';
import { LEASES, type Lease } from '../../../src/runtime/lease.ts';
import {
  CONFIG_MAPS,
  EVENTS,
  RecordingLogger,
  RecordingMetrics,
  SeededRandom,
} from '../../support/memory-cluster/index.ts';
import { configMap, expectRefusal, type MakeCluster, refOf, unwrap, useCluster } from './harness.ts';

interface StoredEvent extends KubernetesObject {
  readonly note?: string;
  readonly series?: { readonly count: number };
}

/** The parts of the operator whose requests only a real server can judge. */
export function runtimeContract(make: MakeCluster): void {
  describe('the runtime on it', () => {
    const given = useCluster(make);
    const observed = () => ({
      api: given().api,
      clock: given().cluster.clock,
      random: new SeededRandom(),
      logger: new RecordingLogger(),
      metrics: new RecordingMetrics(),
    });

    it('follows objects, also across an outage in which one was deleted', async () => {
      const { api, cluster, namespace } = given();
      for (const name of ['a', 'b']) unwrap(await api.create(CONFIG_MAPS, configMap(namespace, name)));
      const informer = new Informer({ ...observed(), type: CONFIG_MAPS, namespace, metadataOnly: true });
      informer.start();
      await cluster.until(() => informer.hasSynced());
      expect(informer.get(`${namespace}/a`)).to.not.equal(undefined);
      await cluster.interrupt(async () => {
        unwrap(await api.delete(refOf(configMap(namespace, 'a'))));
        unwrap(await api.create(CONFIG_MAPS, configMap(namespace, 'c')));
      });
      await cluster.until(() => informer.get(`${namespace}/c`) !== undefined);
      await cluster.until(() => informer.get(`${namespace}/a`) === undefined);
      await informer.stop();
    });

    it('hands the lease from one leader to the next', async () => {
      const { api, cluster, namespace } = given();
      const acting: string[] = [];
      const candidate = (identity: string): LeaderElection => {
        const election = new LeaderElection({ ...observed(), namespace, name: 'operator', identity });
        election.start({
          onLeading: () => acting.push(identity),
          onLost: () => acting.push(`${identity} lost`),
        });
        return election;
      };
      const first = candidate('first');
      await cluster.until(() => acting.length === 1);
      const second = candidate('second');
      await first.stop();
      await cluster.until(() => acting.length === 2);
      expect(acting).to.deep.equal(['first', 'second']);
      const lease = unwrap(await api.get<Lease>({ type: LEASES, namespace, name: 'operator' }));
      expect(lease.spec).to.include({ holderIdentity: 'second', leaseTransitions: 1 });
      await second.stop();
    });

    it('records events that the server takes, and counts repetitions', async () => {
      const { api, namespace } = given();
      const { logger, ...rest } = observed();
      const reporter = { controller: 'appconfig.dev/operator', instance: 'operator-abc' };
      const recorder = createEventRecorder({ ...rest, logger, reporter });
      const { metadata } = unwrap(await api.create(CONFIG_MAPS, configMap(namespace, 'a')));
      const regarding = { ...refOf({ metadata }), uid: metadata.uid ?? '' };
      const event = { regarding, type: 'Warning', reason: 'StoreForbidden', action: 'Fetch' } as const;
      for (const note of ['x'.repeat(2_000), 'y', 'y', 'y']) recorder.record({ ...event, note });
      await recorder.flush();
      expect(logger.lines).to.deep.equal([]);
      const { items } = unwrap(await api.list<StoredEvent>(EVENTS, { namespace }));
      const recorded = items.map(({ note, series }) => [note?.length, series?.count]).sort();
      expect(recorded).to.deep.equal([
        [1, 3],
        [1_024, undefined],
      ]);
    });

    it('records events in every script: the server counts bytes', async () => {
      const { api, namespace } = given();
      const { logger, ...rest } = observed();
      const reporter = { controller: 'appconfig.dev/operator', instance: 'ö'.repeat(128) };
      const recorder = createEventRecorder({ ...rest, logger, reporter });
      const { metadata } = unwrap(await api.create(CONFIG_MAPS, configMap(namespace, 'a')));
      const regarding = { ...refOf({ metadata }), uid: metadata.uid ?? '' };
      const event = { regarding, type: 'Warning', reason: 'KeyInvalid', action: 'Render' } as const;
      for (const character of ['é', '€', '😀']) recorder.record({ ...event, note: character.repeat(1_024) });
      await recorder.flush();
      expect(logger.lines).to.deep.equal([]);
      const { items } = unwrap(await api.list<StoredEvent>(EVENTS, { namespace }));
      const expected = ['é'.repeat(512), '€'.repeat(341), '😀'.repeat(256)];
      expect(items.map(({ note }) => note)).to.have.members(expected);
    });

    it('refuses an event whose note is longer than 1,024 bytes, however few its characters', async () => {
      const { api, namespace } = given();
      const regarding = { ...refOf(configMap(namespace, 'a')), uid: 'u' };
      const event = { regarding, type: 'Warning', reason: 'KeyInvalid', action: 'Render', note: '' } as const;
      const reporter = { controller: 'appconfig.dev/operator', instance: 'operator-abc' };
      const object = (note: string) => ({ ...eventObject(event, reporter, Date.now(), 1), note });
      expectRefusal(await api.create(EVENTS, object('é'.repeat(513))), 422, 'Invalid');
      unwrap(await api.create(EVENTS, object('é'.repeat(512))));
    });
  });
}
