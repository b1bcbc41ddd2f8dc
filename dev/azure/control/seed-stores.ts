import type { Store } from '../appconfig/store.ts';
import type { Cloud } from '../cloud.ts';
import { findTenant } from './operation.ts';
import { toSetting } from './operations/stores.ts';
import type { Seed } from './seed-schema.ts';

type StoreSeed = Seed['stores'][number];

/** A store with its replicas, keys and snapshots; one of the same name is replaced. */
export function plantStore(cloud: Cloud, given: StoreSeed): void {
  const store = cloud.createStore(given.name, findTenant(cloud, given.tenantId).id);
  const origin = cloud.endpoints.get(store.host);
  if (origin) origin.network = given.network;
  store.keys.disabled = !given.localAuth;
  if (given.accessKeys !== undefined) store.keys.replace(given.accessKeys);
  for (const { name, network, staleBy, ownPageEtags } of given.replicas) {
    const replica = cloud.createReplica(store, name);
    replica.network = network;
    replica.staleBy = staleBy;
    replica.pageEtagSalt = ownPageEtags ? replica.host : '';
  }
  const now = cloud.clock.now();
  store.putAll(given.settings.map((setting) => toSetting(setting, now)));
  for (const { settings, ...snapshot } of given.snapshots) {
    const content = settings.map((setting) => toSetting(setting, now));
    store.snapshots.put({ failure: undefined, expires: undefined, ...snapshot, settings: content });
  }
}

/** History, hidden writes and quotas are no part of it. */
export function dumpStore(cloud: Cloud, store: Store): StoreSeed {
  const { name, tenantId, keys } = store;
  return {
    name,
    tenantId,
    network: cloud.endpoints.get(store.host)?.network ?? 'open',
    localAuth: !keys.disabled,
    accessKeys: keys.list().map((key) => ({ ...key })),
    replicas: cloud.replicasOf(store).map(({ replica, network, staleBy, pageEtagSalt }) => ({
      name: replica ?? '',
      network,
      staleBy,
      ownPageEtags: pageEtagSalt !== '',
    })),
    settings: store.latest().settings.map((setting) => ({ ...setting })),
    snapshots: store.snapshots.list().map((snapshot) => ({
      ...snapshot,
      filters: snapshot.filters.map(({ key, label, tags }) => ({ key, label, tags: tags && [...tags] })),
      settings: snapshot.settings.map((setting) => ({ ...setting })),
    })),
  };
}
