import { isFilterError } from '../../appconfig/filters.ts';
import { compose } from '../../appconfig/snapshots/compose.ts';
import { RETENTION } from '../../appconfig/snapshots/plan.ts';
import { archive, recover, type Snapshot, statusAt } from '../../appconfig/snapshots/snapshot.ts';
import type { Cloud } from '../../cloud.ts';
import { ControlError, findStore, missing, type Operations, operation } from '../operation.ts';
import * as schemas from '../schemas.ts';
import { positionOf } from './stores.ts';

/** Exactly what providers look for (A.14). */
const REFERENCE_TYPE =
  'application/json; profile="https://azconfig.io/mime-profiles/snapshot-ref"; charset=utf-8';

/** Snapshots without a role, and how their builds go. */
export function snapshotOperations(cloud: Cloud): Operations {
  return {
    createSnapshot: operation(schemas.snapshot, ({ store: storeName, retentionSeconds, ...plan }) => {
      const store = findStore(cloud, storeName);
      const settings = compose(store.latest().settings, plan.filters, plan.composition);
      if (isFilterError(settings)) throw new ControlError(`filters: ${settings.error}`);
      const retention = retentionSeconds ?? RETENTION.standard;
      const created = store.snapshots.create({ ...plan, retentionSeconds: retention }, settings);
      if (!created) throw new ControlError(`the snapshot exists already: ${plan.name}`);
      return { status: statusAt(created, cloud.clock.now()), items: settings.length };
    }),
    setSnapshotBuilds: operation(schemas.snapshotBuilds, ({ store, buildMs, failure }) => {
      const { snapshots } = findStore(cloud, store);
      if (buildMs !== undefined) snapshots.buildMs = buildMs;
      if (failure !== undefined) snapshots.failure = failure ?? undefined;
    }),
    archiveSnapshot: operation(schemas.snapshotName, (input) => change(cloud, input, archive)),
    recoverSnapshot: operation(schemas.snapshotName, (input) => change(cloud, input, recover)),
    setSnapshotReference: operation(schemas.snapshotReference, ({ store, snapshot, tags, ...position }) => {
      const value = JSON.stringify({ snapshot_name: snapshot });
      const content = { value, contentType: REFERENCE_TYPE, tags };
      return { etag: findStore(cloud, store).put(positionOf(position), content).etag };
    }),
  };
}

type Step = (snapshot: Snapshot, now: number) => Snapshot | undefined;

function change(cloud: Cloud, { store, name }: { store: string; name: string }, step: Step): void {
  const { snapshots } = findStore(cloud, store);
  const found = snapshots.get(name) ?? missing('snapshot', name);
  const changed = step(found, cloud.clock.now());
  if (!changed)
    throw new ControlError(`not possible while it is ${statusAt(found, cloud.clock.now())}: ${name}`);
  snapshots.put(changed);
}
