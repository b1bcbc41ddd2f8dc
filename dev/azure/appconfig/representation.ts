import type { Call } from '../http/call.ts';
import type { Setting } from './setting.ts';
import type { ApiVersion } from './versions.ts';

type MediaKind = 'kv' | 'kvset' | 'keyset' | 'labelset' | 'snapshot' | 'snapshotset';

/** `application/vnd.microsoft.appconfig.{X}+json; charset=utf-8` (A.3). */
export function mediaType(kind: MediaKind): string {
  return `application/vnd.microsoft.appconfig.${kind}+json; charset=utf-8`;
}

type Wire = Readonly<Record<string, unknown>>;

const wireCache = new WeakMap<Setting, { plain: Wire; described: Wire }>();

/** The key-value as JSON members in the service's order; `description` exists from 2026-04-01 (A.3). */
export function represent(setting: Setting, version: ApiVersion, select?: ReadonlySet<string>): Wire {
  let cached = wireCache.get(setting);
  if (!cached) {
    const plain = toWire(setting);
    cached = { plain, described: { ...plain, description: setting.description } };
    wireCache.set(setting, cached);
  }
  const wire = version.descriptions ? cached.described : cached.plain;
  return select ? Object.fromEntries(Object.entries(wire).filter(([name]) => select.has(name))) : wire;
}

function toWire(setting: Setting): Wire {
  return {
    etag: setting.etag,
    key: setting.key,
    label: setting.label,
    content_type: setting.contentType,
    value: setting.value,
    tags: setting.tags,
    locked: setting.locked,
    last_modified: isoSeconds(setting.lastModified),
  };
}

/** Whole seconds and a numeric offset, as the service writes it (A.3). */
export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}+00:00`;
}

/** Members named by `$select` (or its old synonym `fields`); undefined selects all (A.2, A.5). */
export function selection({ query }: Call): ReadonlySet<string> | undefined {
  const text = query.get('$select') ?? query.get('fields');
  if (text === undefined || text === '') return undefined;
  return new Set(text.split(',').map((name) => name.trim().toLowerCase()));
}
