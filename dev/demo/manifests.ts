import { NAMESPACE, SERVICE_ACCOUNT, STORE } from './stage.ts';

/** What the application team applies: its identity, its binding, its workload. */
export const manifests = (clientId: string): string => `
apiVersion: v1
kind: Namespace
metadata: {name: ${NAMESPACE}}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  namespace: ${NAMESPACE}
  name: ${SERVICE_ACCOUNT}
  annotations:
    azure.workload.identity/client-id: ${clientId}
---
apiVersion: appconfig.dev/v1alpha1
kind: AppConfigBinding
metadata: {namespace: ${NAMESPACE}, name: orders}
spec:
  store: {endpoint: "https://${STORE}.azconfig.io"}
  identity: {workloadIdentity: {serviceAccountName: ${SERVICE_ACCOUNT}}}
  environment: prod
  selectors: [{key: "orders:*"}]
  keys: {trimPrefixes: ["orders:"]}
  target:
    configMap: {name: orders-config}
    secret: {name: orders-secrets}
---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: ${NAMESPACE}, name: orders}
spec:
  replicas: 2
  selector: {matchLabels: {app: orders}}
  template:
    metadata: {labels: {app: orders}}
    spec:
      containers:
      - name: orders
        image: example/orders
        envFrom:
        - configMapRef: {name: orders-config}
        - secretRef: {name: orders-secrets}
`;
