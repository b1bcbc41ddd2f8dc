import type { App, FederatedCredential } from '../entra/directory.ts';

/**
 * What `az aks identity-binding create` makes of a managed identity: one federated credential, for an issuer that AKS has
 * for it, whatever clusters and ServiceAccounts there are (learn.microsoft.com/azure/aks/identity-bindings). Its subject
 * and audience are not documented: ours.
 */
const CREDENTIAL_NAME = 'aks-identity-binding';
export const BINDING_SUBJECT = 'aks-identity-binding';
export const BINDING_AUDIENCE = 'api://AzureADTokenExchange';

export const bindingIssuer = ({ tenantId, clientId }: Pick<App, 'tenantId' | 'clientId'>): string =>
  `https://ib.oic.prod-aks.azure.com/${tenantId}/${clientId}`;

/** Once for an application, however many clusters. */
export function bind(app: App): void {
  unbind(app);
  const credential: FederatedCredential = {
    name: CREDENTIAL_NAME,
    issuer: bindingIssuer(app),
    subject: BINDING_SUBJECT,
    audience: BINDING_AUDIENCE,
  };
  app.credentials.push(credential);
}

export function unbind(app: App): void {
  app.credentials = app.credentials.filter(({ name }) => name !== CREDENTIAL_NAME);
}
