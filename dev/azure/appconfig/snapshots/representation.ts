import { isoSeconds } from '../representation.ts';
import type { ApiVersion } from '../versions.ts';
import { etagAt, type Snapshot, sizeOf, statusAt } from './snapshot.ts';

/** A snapshot as JSON members; counts appear when the build has ended, `expires` while archived (A.11). */
export function representSnapshot(
  snapshot: Snapshot,
  now: number,
  api: ApiVersion,
  select?: ReadonlySet<string>,
): Record<string, unknown> {
  const { settings, expires } = snapshot;
  const built = statusAt(snapshot, now) === 'ready' || statusAt(snapshot, now) === 'archived';
  const wire = {
    etag: etagAt(snapshot, now),
    name: snapshot.name,
    status: statusAt(snapshot, now),
    filters: snapshot.filters.map(({ key, label, tags }) => ({
      key,
      label: label ?? null,
      tags: tags ?? null,
    })),
    composition_type: snapshot.composition,
    created: isoSeconds(snapshot.created),
    expires: expires === undefined ? null : isoSeconds(expires),
    size: built ? sizeOf(settings) : 0,
    items_count: built ? settings.length : 0,
    tags: snapshot.tags,
    retention_period: snapshot.retentionSeconds,
    ...(api.descriptions ? { description: snapshot.description } : {}),
  };
  return select ? Object.fromEntries(Object.entries(wire).filter(([name]) => select.has(name))) : wire;
}

/** The status document of a build: `GET /operations?snapshot=` (A.11). */
export function representOperation(snapshot: Snapshot, now: number): Record<string, unknown> {
  const status = statusAt(snapshot, now);
  const { failure } = snapshot;
  if (status === 'provisioning') return { id: snapshot.name, status: 'Running', error: null };
  if (failure === undefined) return { id: snapshot.name, status: 'Succeeded', error: null };
  const error = { code: failure, message: 'The snapshot could not be created.' };
  return { id: snapshot.name, status: 'Failed', error };
}
