import { randomBytes, randomUUID, X509Certificate } from 'node:crypto';
import type { Cloud } from '../../cloud.ts';
import type { App } from '../../entra/directory.ts';
import { bind, unbind } from '../../identitybinding/binding.ts';
import type { RoleAssignment } from '../../roles.ts';
import { findApp, findTenant, type Operations, operation } from '../operation.ts';
import * as schemas from '../schemas.ts';

/** Tenants, apps, federated credentials, issuers, roles and tokens. */
export function directoryOperations(cloud: Cloud): Operations {
  return {
    createTenant: operation(schemas.tenant, ({ id, name }) => {
      const tenant = cloud.directory.createTenant(id, name);
      return { id: tenant.id, name: tenant.name };
    }),
    createApp: operation(schemas.app, ({ tenantId, name, clientId, objectId }) => {
      const ids = { ...(clientId ? { clientId } : {}), ...(objectId ? { objectId } : {}) };
      return describeApp(cloud.directory.createApp(findTenant(cloud, tenantId), { name, ...ids }));
    }),
    setAppDisabled: operation(schemas.appState, ({ clientId, disabled }) => {
      findApp(cloud, clientId).disabled = disabled;
    }),
    registerIssuer: operation(schemas.issuer, ({ issuer, caPem }) => cloud.issuers.register(issuer, caPem)),
    setTokenLifetime: operation(schemas.seconds, ({ seconds }) => {
      cloud.tokens.lifetimeSeconds = seconds;
    }),
    issueToken: operation(schemas.forgedToken, async ({ clientId, foreignKey, ...rest }) => {
      const key = foreignKey ? cloud.foreignKey : undefined;
      return { token: await cloud.tokens.issue({ app: findApp(cloud, clientId), key, ...rest }) };
    }),
    setNodeIdentities: operation(schemas.nodeIdentities, ({ system, user }) => {
      if (system !== undefined) cloud.node.system = system?.toLowerCase();
      if (user === undefined) return;
      cloud.node.user.clear();
      for (const clientId of user) cloud.node.user.add(clientId.toLowerCase());
    }),
    createIdentityBinding: operation(schemas.identityBinding, ({ clientId }) =>
      bind(findApp(cloud, clientId)),
    ),
    removeIdentityBinding: operation(schemas.identityBinding, ({ clientId }) =>
      unbind(findApp(cloud, clientId)),
    ),
    ...credentialOperations(cloud),
    ...secretOperations(cloud),
    ...roleOperations(cloud),
  };
}

function credentialOperations(cloud: Cloud): Operations {
  return {
    addFederatedCredential: operation(schemas.federatedCredential, ({ clientId, name, ...credential }) => {
      const app = findApp(cloud, clientId);
      app.credentials.push({ name: name ?? `credential-${app.credentials.length + 1}`, ...credential });
    }),
    removeFederatedCredential: operation(
      schemas.credentialSelector,
      ({ clientId, name, issuer, subject }) => {
        const app = findApp(cloud, clientId);
        const before = app.credentials.length;
        app.credentials = app.credentials.filter(
          (credential) =>
            (name !== undefined && credential.name !== name) ||
            (issuer !== undefined && credential.issuer !== issuer) ||
            (subject !== undefined && credential.subject !== subject),
        );
        return { removed: before - app.credentials.length };
      },
    ),
  };
}

function secretOperations(cloud: Cloud): Operations {
  return {
    addClientSecret: operation(schemas.clientSecret, ({ clientId, value = newSecret(), expiresAt }) => {
      const secret = { keyId: randomUUID(), value, expiresAt };
      findApp(cloud, clientId).secrets.push(secret);
      return { keyId: secret.keyId, value };
    }),
    addClientCertificate: operation(schemas.clientCertificate, ({ clientId, pem }) => {
      const certificate = new X509Certificate(pem);
      const keyId = randomUUID();
      findApp(cloud, clientId).certificates.push({ keyId, pem: certificate.toString() });
      return { keyId, thumbprint: certificate.fingerprint.replaceAll(':', '') };
    }),
    removeClientCertificate: operation(schemas.clientSecretKey, ({ clientId, keyId }) => {
      const app = findApp(cloud, clientId);
      const before = app.certificates.length;
      app.certificates = app.certificates.filter((certificate) => certificate.keyId !== keyId);
      return { removed: app.certificates.length < before };
    }),
    removeClientSecret: operation(schemas.clientSecretKey, ({ clientId, keyId }) => {
      const app = findApp(cloud, clientId);
      const before = app.secrets.length;
      app.secrets = app.secrets.filter((secret) => secret.keyId !== keyId);
      return { removed: app.secrets.length < before };
    }),
  };
}

/** 40 characters, some of which a form must escape, as Entra's are. */
const newSecret = (): string => `~.${randomBytes(29).toString('base64url').slice(0, 38)}`;

function roleOperations(cloud: Cloud): Operations {
  return {
    assignRole: operation(schemas.roleAssignment, (input) => cloud.roles.assign(toAssignment(cloud, input))),
    removeRole: operation(schemas.roleAssignment, (input) => ({
      removed: cloud.roles.remove(toAssignment(cloud, input)),
    })),
  };
}

/** Roles are assigned to object ids; a client id is looked up, as the Azure command line does. */
export function toAssignment(
  cloud: Cloud,
  input: {
    role: RoleAssignment['role'];
    principal: string;
    store?: string | undefined;
    vault?: string | undefined;
  },
): RoleAssignment {
  const objectId = cloud.directory.app(input.principal)?.objectId ?? input.principal.toLowerCase();
  const host = input.store === undefined ? cloud.vaultHost(input.vault ?? '') : cloud.storeHost(input.store);
  return { role: input.role, objectId, host };
}

function describeApp({ name, tenantId, clientId, objectId }: App) {
  return { name, tenantId, clientId, objectId };
}
