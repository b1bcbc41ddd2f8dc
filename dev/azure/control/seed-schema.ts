import { z } from 'zod';
import { federatedCredential, issuer, roleAssignment, secret, setting, snapshot } from './schemas.ts';

const network = z.enum(['open', 'denied', 'black-hole']).default('open');

const keptSetting = setting.omit({ store: true }).extend({
  locked: z.boolean().default(false),
  etag: z.string().optional(),
  lastModified: z.number().optional(),
});

/** A snapshot with its content; times in milliseconds. */
const keptSnapshot = snapshot.omit({ store: true }).extend({
  retentionSeconds: z.number().int(),
  etag: z.string(),
  created: z.number(),
  readyAt: z.number(),
  failure: z.enum(['QuotaExceeded', 'Timeout', 'ServerError']).optional(),
  expires: z.number().optional(),
  settings: z.array(keptSetting),
});

/** A whole or partial state of the pretend Azure; `seed` adds it, `dump` writes it (secret values included). */
export const seed = z.strictObject({
  tenants: z
    .array(
      z.strictObject({
        id: z.uuid(),
        name: z.string(),
        apps: z
          .array(
            z.strictObject({
              name: z.string(),
              clientId: z.uuid(),
              objectId: z.uuid(),
              disabled: z.boolean().default(false),
              clientSecrets: z
                .array(
                  z.strictObject({ keyId: z.string(), value: z.string(), expiresAt: z.number().optional() }),
                )
                .default([]),
              certificates: z.array(z.strictObject({ keyId: z.string(), pem: z.string() })).default([]),
              federatedCredentials: z.array(federatedCredential.omit({ clientId: true })).default([]),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
  issuers: z.array(issuer).default([]),
  stores: z
    .array(
      z.strictObject({
        name: z.string(),
        tenantId: z.string().optional(),
        network,
        localAuth: z.boolean().default(true),
        /** Omitted: fresh ones. */
        accessKeys: z
          .array(
            z.strictObject({ name: z.string(), id: z.string(), secret: z.string(), readOnly: z.boolean() }),
          )
          .optional(),
        replicas: z
          .array(
            z.strictObject({
              name: z.string(),
              network,
              staleBy: z.number().int().default(0),
              ownPageEtags: z.boolean().default(false),
            }),
          )
          .default([]),
        settings: z.array(keptSetting).default([]),
        snapshots: z.array(keptSnapshot).default([]),
      }),
    )
    .default([]),
  vaults: z
    .array(
      z.strictObject({
        name: z.string(),
        tenantId: z.string().optional(),
        permissionModel: z.enum(['rbac', 'accessPolicy']).default('rbac'),
        network: z.enum(['open', 'firewall', 'privateOnly']).default('open'),
        secrets: z
          .array(
            z.strictObject({
              name: z.string(),
              deletedAt: z.number().optional(),
              versions: z
                .array(
                  secret.omit({ vault: true, name: true }).extend({
                    version: z.string().optional(),
                    created: z.number().optional(),
                    updated: z.number().optional(),
                    managed: z.boolean().optional(),
                  }),
                )
                .min(1),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
  roles: z.array(roleAssignment).default([]),
});

export type Seed = z.output<typeof seed>;
export type SeedInput = z.input<typeof seed>;
