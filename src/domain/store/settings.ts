/** One key-value of an App Configuration store, exactly as stored. */
export interface Setting {
  readonly key: string;
  /** Absent: a setting without a label. */
  readonly label?: string;
  /** Absent for a stored null. */
  readonly value?: string;
  readonly contentType?: string;
  /** Of references only, where they have some: what a reference is used as. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly etag: string;
}

export type StoreFilter = KeyFilter | SnapshotFilter;

/**
 * What is read from one store in one list call. `key` is the store's filter grammar (exact, `prefix*`, `a,b`,
 * `\` escapes). `label` and `tags` are literal, no filters: the adapter escapes them; the label null means settings
 * without one. A setting must carry all `tags`, pairs of name and value in ordinal order of the names.
 */
export interface KeyFilter {
  readonly key: string;
  readonly label: string | null;
  readonly tags?: readonly (readonly [name: string, value: string])[];
}

/** What a snapshot holds: immutable, but its state changes. `snapshot` is its name. */
export interface SnapshotFilter {
  readonly snapshot: string;
}

export const isSnapshot = (filter: StoreFilter): filter is SnapshotFilter => 'snapshot' in filter;

/** A filter of a store: what bindings subscribe to, and what is polled once for all of them. */
export interface Selection {
  /** `https://<host>`, lower case, no path. */
  readonly endpoint: string;
  readonly filter: StoreFilter;
  /** What the store's other hosts are for; absent: to be asked when its own fails. */
  readonly replicas?: 'ignored' | 'balanced';
}

/** Equal for equal selections. */
export const selectionKey = ({ endpoint, filter, replicas }: Selection): string =>
  JSON.stringify([endpoint, ...(replicas === undefined ? [] : [{ replicas }]), ...filterParts(filter)]);

/** Equal for equal filters. */
export const filterParts = (filter: StoreFilter) =>
  isSnapshot(filter)
    ? (['snapshot', filter.snapshot] as const)
    : ([filter.key, filter.label, filter.tags ?? null] as const);
