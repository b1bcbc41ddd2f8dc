import { z } from 'zod';
import { ROLES, type RoleName } from '../roles.ts';

export * from './store-schemas.ts';

/** Inputs of the control operations: the server validates with these, the client takes its types from them. */

const roleNames = Object.keys(ROLES) as [RoleName, ...RoleName[]];
const tenantId = z.string().optional();
const unixSeconds = z.number().int();

export const tenant = z.strictObject({ id: z.uuid().optional(), name: z.string().optional() });

export const app = z.strictObject({
  name: z.string(),
  tenantId,
  clientId: z.uuid().optional(),
  objectId: z.uuid().optional(),
});

export const identityBinding = z.strictObject({ clientId: z.string() });

export const appState = z.strictObject({ clientId: z.string(), disabled: z.boolean() });

export const federatedCredential = z.strictObject({
  clientId: z.string(),
  issuer: z.string(),
  subject: z.string(),
  audience: z.string().default('api://AzureADTokenExchange'),
  name: z.string().optional(),
});

/** Omitted members match any credential of the app. */
export const credentialSelector = z.strictObject({
  clientId: z.string(),
  name: z.string().optional(),
  issuer: z.string().optional(),
  subject: z.string().optional(),
});

/** Omitted: a random value that does not expire. */
export const clientSecret = z.strictObject({
  clientId: z.string(),
  value: z.string().min(1).optional(),
  expiresAt: unixSeconds.optional(),
});

/** One certificate in PEM form; a private key beside it is ignored. */
export const clientCertificate = z.strictObject({ clientId: z.string(), pem: z.string() });

export const clientSecretKey = z.strictObject({ clientId: z.string(), keyId: z.string() });

/** By client id; omitted members stay as they are, null takes the system's identity away. */
export const nodeIdentities = z.strictObject({
  system: z.string().nullable().optional(),
  user: z.array(z.string()).optional(),
});

export const issuer = z.strictObject({ issuer: z.string(), caPem: z.string() });

export const forgedToken = z.strictObject({
  clientId: z.string(),
  audience: z.string(),
  lifetimeSeconds: z.number().int().optional(),
  issuer: z.string().optional(),
  foreignKey: z.boolean().optional(),
});

export const seconds = z.strictObject({ seconds: z.number().int().positive() });

export const named = z.strictObject({ name: z.string() });

export const vault = z.strictObject({
  name: z.string().regex(/^[A-Za-z][A-Za-z0-9-]{2,23}$/),
  tenantId,
  permissionModel: z.enum(['rbac', 'accessPolicy']).optional(),
});

export const vaultNetwork = z.strictObject({
  vault: z.string(),
  access: z.enum(['open', 'firewall', 'privateOnly']),
});

export const secretName = z.strictObject({ vault: z.string(), name: z.string() });

export const secret = z.strictObject({
  vault: z.string(),
  name: z.string().regex(/^[0-9A-Za-z-]{1,127}$/),
  value: z.string(),
  contentType: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
  enabled: z.boolean().optional(),
  expires: unixSeconds.optional(),
  notBefore: unixSeconds.optional(),
});

/** A new version of the secret of a certificate. */
export const certificate = z.strictObject({
  vault: z.string(),
  name: z.string().regex(/^[0-9A-Za-z-]{1,127}$/),
  subject: z.string().default('www.contoso.com'),
  keyType: z.enum(['RSA', 'EC']).default('RSA'),
  format: z.enum(['pkcs12', 'pem']).default('pkcs12'),
});

/** Without a version the newest is changed; null clears a time. */
export const secretChange = z.strictObject({
  vault: z.string(),
  name: z.string(),
  version: z.string().optional(),
  enabled: z.boolean().optional(),
  expires: unixSeconds.nullable().optional(),
  notBefore: unixSeconds.nullable().optional(),
});

/** `principal` is a client id or an object id; exactly one of `store` and `vault` names the scope. */
export const roleAssignment = z
  .strictObject({
    role: z.enum(roleNames),
    principal: z.string(),
    store: z.string().optional(),
    vault: z.string().optional(),
  })
  .refine((value) => (value.store === undefined) !== (value.vault === undefined), 'name a store or a vault');

/** Exactly one member. */
export const clock = z
  .strictObject({
    offsetMs: z.number().int().optional(),
    advanceMs: z.number().int().optional(),
    freezeAt: z.iso.datetime().optional(),
  })
  .refine((value) => Object.keys(value).length === 1, 'give one of offsetMs, advanceMs, freezeAt');

export const dnsTrouble = z.strictObject({
  mode: z.enum(['servfail', 'refused', 'nxdomain', 'silent', 'truncated', 'garbage']).optional(),
  delayMs: z.number().int().nonnegative().optional(),
  name: z.string().optional(),
  transport: z.enum(['udp', 'tcp']).optional(),
  count: z.number().int().positive().optional(),
});

export const dnsRecord = z.strictObject({
  name: z.string(),
  target: z.string(),
  port: z.number().int().min(0).max(65_535).default(443),
  priority: z.number().int().min(0).max(65_535).default(0),
  weight: z.number().int().min(0).max(65_535).default(0),
});

const service = z.enum(['appconfig', 'keyvault', 'entra', 'imds', 'identitybinding']);

export const fault = z.strictObject({
  service: service.optional(),
  host: z.string().optional(),
  method: z.string().optional(),
  path: z.string().optional(),
  count: z.number().int().positive().optional(),
  skip: z.number().int().nonnegative().optional(),
  delayMs: z.number().int().nonnegative().optional(),
  bodyDelayMs: z.number().int().nonnegative().optional(),
  status: z.number().int().min(200).max(599).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.string().optional(),
  reset: z.boolean().optional(),
  hang: z.boolean().optional(),
});

export const faultId = z.strictObject({ id: z.string() });

export const requestFilter = z.strictObject({
  service: z.enum(['appconfig', 'keyvault', 'entra', 'imds', 'identitybinding', 'proxy', 'dns']).optional(),
  host: z.string().optional(),
  method: z.string().optional(),
  status: z.number().int().optional(),
  principal: z.string().optional(),
  path: z.string().optional(),
  since: z.number().int().optional(),
});

export const nothing = z.strictObject({});
