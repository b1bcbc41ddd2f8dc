import { SERVICE_ACCOUNT, STORE } from './stage.ts';

const SCHEMA = JSON.stringify({ properties: { 'page-size': { pattern: '^[0-9]+$' } } });

/** The platform team makes a namespace for an environment. */
export const namespaceFor = (name: string, environment: string): string => `
apiVersion: v1
kind: Namespace
metadata:
  name: ${name}
  labels: {appconfig.dev/environment: ${environment}}
`;

/** What the application team applies, in every environment alike: its identity, its binding, its workload. */
export const manifests = (namespace: string, clientId: string): string => `
apiVersion: v1
kind: ServiceAccount
metadata:
  namespace: ${namespace}
  name: ${SERVICE_ACCOUNT}
  annotations:
    azure.workload.identity/client-id: ${clientId}
---
apiVersion: appconfig.dev/v1alpha1
kind: AppConfigBinding
metadata: {namespace: ${namespace}, name: orders}
spec:
  store: {endpoint: "https://${STORE}.azconfig.io"}
  identity: {workloadIdentity: {serviceAccountName: ${SERVICE_ACCOUNT}}}
  selectors: [{key: "orders:*"}]
  keys: {trimPrefixes: ["orders:"]}
  target:
    configMap: {name: orders-config}
    secret: {name: orders-secrets}
  validate:
    requiredKeys: [color]
    schema: {inline: '${SCHEMA}'}
  # The demo changes values every few seconds.
  rollout: {minInterval: 0s}
---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: ${namespace}, name: orders}
spec:
  replicas: 2
  # Short, so that the demo need not wait ten minutes.
  progressDeadlineSeconds: 6
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
