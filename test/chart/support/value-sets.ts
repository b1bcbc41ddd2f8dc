import type { RenderOptions } from './chart.ts';

/** A certificate to nobody: only its form matters to the chart. */
const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

/** The releases whose renderings are kept in golden/, by file name. */
export const VALUE_SETS: Readonly<Record<string, RenderOptions>> = {
  defaults: {},
  'high-availability': {
    values: {
      replicas: 3,
      image: { repository: 'registry.example/appconfig-operator', digest: DIGEST },
      imagePullSecrets: [{ name: 'registry' }],
      podDisruptionBudget: { enabled: true, maxUnavailable: '34%' },
      priorityClassName: 'system-cluster-critical',
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
      ],
      affinity: {
        podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'node' }] },
      },
      nodeSelector: { pool: 'system' },
      tolerations: [{ key: 'critical', operator: 'Exists' }],
      podLabels: { tier: 'platform' },
      podAnnotations: { 'example.com/owner': 'platform' },
      metrics: { service: { labels: { scrape: 'yes' }, annotations: { 'prometheus.io/scrape': 'true' } } },
    },
  },
  'scoped-second-release': {
    release: 'team-a',
    namespace: 'appconfig-team-a',
    values: {
      crds: { install: false },
      rbac: { aggregate: false },
      watchNamespaces: ['team-a', 'team-a-test'],
      bindingSelector: 'release in (a, b),!legacy',
      rollouts: { enabled: false },
    },
  },
  'behind-a-proxy': {
    values: {
      proxy: { httpsProxy: 'http://proxy.example:3128', noProxy: '.privatelink.azconfig.io,10.0.0.0/8' },
      extraCaCerts: { pem: PEM },
      extraEnv: [{ name: 'NODE_OPTIONS', value: '--max-old-space-size=200' }],
      extraVolumes: [{ name: 'scratch', emptyDir: {} }],
      extraVolumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
    },
  },
  'other-cloud': {
    values: {
      azure: {
        tenantId: '11111111-2222-3333-4444-555555555555',
        cloud: 'AzureChina',
        authorityHost: 'https://login.partner.microsoftonline.cn',
        tokenAudience: 'api://AzureADTokenExchangeChina',
        storeAudience: 'https://azconfig.azure.cn',
        storeSuffixes: ['azconfig.example'],
        vaultSuffixes: ['vault.example', 'vault2.example'],
        allowedVaults: ['shop-*.vault.azure.cn', 'platform.vault.example'],
        allowManagedIdentities: true,
        dnsServer: '10.0.0.10:5353',
        storeRequestBudget: 30_000,
      },
      extraCaCerts: { configMap: { name: 'company-ca', key: 'bundle.pem' } },
      driftInterval: '1h30m',
      concurrency: 32,
      logLevel: 'debug',
    },
  },
  monitored: {
    values: {
      metrics: {
        serviceMonitor: { enabled: true, interval: '15s', labels: { release: 'prometheus' } },
        prometheusRule: {
          enabled: true,
          labels: { release: 'prometheus' },
          runbookUrl: 'https://docs.example/alerts',
        },
        dashboard: { enabled: true, annotations: { grafana_folder: 'Platform' } },
      },
    },
  },
  'rights-from-elsewhere': {
    values: {
      fullnameOverride: 'acop',
      serviceAccount: { name: 'acop-sa', annotations: { owner: 'security' } },
      rbac: { create: false },
      crds: { install: false },
      leaderElection: { enabled: false },
      metrics: { service: { enabled: false } },
    },
  },
};
