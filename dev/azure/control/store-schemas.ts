import { z } from 'zod';
import { MAX_STALE } from '../appconfig/store.ts';

/** Inputs about stores: settings, access keys, replicas, snapshots. */

const tags = z.record(z.string(), z.string().nullable());

export const store = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9-]{1,50}$/),
  tenantId: z.string().optional(),
});

const position = { store: z.string(), key: z.string().min(1), label: z.string().nullable().optional() };

export const setting = z.strictObject({
  ...position,
  value: z.string().nullable().optional(),
  contentType: z.string().nullable().optional(),
  tags: tags.optional(),
  description: z.string().nullable().optional(),
});

export const settings = z.strictObject({
  store: z.string(),
  settings: z.array(setting.omit({ store: true })),
});

export const settingPosition = z.strictObject(position);

export const settingLock = z.strictObject({ ...position, locked: z.boolean() });

export const reference = z.strictObject({
  ...position,
  vault: z.string(),
  secret: z.string(),
  version: z.string().optional(),
  tags: tags.optional(),
});

export const storeNetwork = z.strictObject({
  store: z.string(),
  access: z.enum(['open', 'denied', 'black-hole']),
});

export const hiddenWrites = z.strictObject({ store: z.string(), ms: z.number().int().nonnegative() });

/** Null removes the quota; each replica has its own. */
export const dailyQuota = z.strictObject({
  store: z.string(),
  requests: z.number().int().nonnegative().nullable(),
});

/** A store by its name, or a replica as `{store}-{replica}`. */
export const endpoint = z.strictObject({ store: z.string() });

export const accessKey = z.strictObject({ store: z.string(), name: z.string() });

export const localAuth = z.strictObject({ store: z.string(), enabled: z.boolean() });

const replication = {
  staleBy: z.number().int().min(0).max(MAX_STALE).optional(),
  ownPageEtags: z.boolean().optional(),
};

/** `name` is the part behind the store's: the host is `{store}-{name}.azconfig.io`. */
export const replica = z.strictObject({
  store: z.string(),
  name: z.string().regex(/^[A-Za-z0-9]{1,50}$/),
  ...replication,
});

export const replicaState = z.strictObject({ store: z.string(), ...replication });

export const snapshotName = z.strictObject({ store: z.string(), name: z.string() });

export const snapshot = z.strictObject({
  store: z.string(),
  name: z.string().min(1).max(256),
  filters: z
    .array(
      z.strictObject({
        key: z.string().min(1),
        label: z.string().nullable().optional(),
        tags: z.array(z.string()).optional(),
      }),
    )
    .min(1)
    .max(3),
  composition: z.enum(['key', 'key_label']).default('key'),
  retentionSeconds: z.number().int().positive().optional(),
  tags: tags.default({}),
  description: z.string().nullable().default(null),
});

/** For builds that start from now on; a null failure lets them end well again. */
export const snapshotBuilds = z.strictObject({
  store: z.string(),
  buildMs: z.number().int().nonnegative().optional(),
  failure: z.enum(['QuotaExceeded', 'Timeout', 'ServerError']).nullable().optional(),
});

export const snapshotReference = z.strictObject({ ...position, snapshot: z.string(), tags: tags.optional() });
