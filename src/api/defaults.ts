/**
 * Defaults and bounds of the spec. The CRD carries no `default:` (GitOps tools would report a difference for
 * ever): the operator applies these, and the descriptions and the reference page name them.
 */
export const DEFAULTS = {
  suspend: false,
  replicaDiscovery: true,
  loadBalancing: false,
  selectorKey: '*',
  allowEmpty: false,
  vaultRefreshInterval: '5m',
  onReferenceError: 'KeepLast',
  expansionSeparator: '.',
  format: 'KeyValue',
  /** What libraries of each format look for, or close to it. */
  files: {
    Json: 'settings.json',
    Yaml: 'settings.yaml',
    Properties: 'application.properties',
    DotEnv: '.env',
  },
  include: 'References',
  secretType: 'Opaque',
  creationPolicy: 'Owner',
  deletionPolicy: 'Delete',
  invalidKeys: 'Fail',
  refreshInterval: '30s',
  restart: 'Auto',
  includeVolumes: false,
  minInterval: '1m',
  maxConcurrent: 1,
  dryRun: false,
} as const;

export const BOUNDS = {
  bindingName: 63,
  selectors: 64,
  flagSelectors: 10,
  keyFilter: 4096,
  label: 1024,
  snapshot: 256,
  referencedSnapshots: 64,
  /** A name of 24 characters and a domain. */
  vaultHost: 128,
  vaults: 32,
  allowedVaults: 64,
  sentinels: 16,
  sentinelKey: 1024,
  trimPrefixes: 32,
  trimPrefix: 1024,
  replacements: 32,
  replacement: 64,
  separator: 16,
  expandedKeys: 32,
  vaultSecrets: 64,
  secretName: 127,
  secretVersion: 32,
  selfNamedKey: 253,
  expandedKey: 1024,
  workloads: 32,
  minIntervalMin: '0s',
  /** All that are under way must stand in the list of the status. */
  maxConcurrent: 20,
  selectorTerms: 16,
  selectorValues: 32,
  labelName: 317,
  labelValue: 63,
  secretType: 253,
  objectName: 253,
  /** How many labels, and how many annotations, a spec may put on targets; together far below 256 KiB. */
  targetMetadata: 16,
  targetAnnotation: 1024,
  dataKey: 253,
  endpoint: 270,
  duration: 32,
  refreshIntervalMin: '5s',
  vaultRefreshIntervalMin: '1m',
  /** What a list call takes. */
  tags: 5,
  tag: 256,
  /** Far below what a timer can hold (2^31 ms). */
  intervalMax: '168h',
  /** Lists in the status hold at most this many entries; a count tells the rest. */
  statusList: 20,
  remedyCommands: 16,
} as const;
