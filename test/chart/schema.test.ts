import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { parse } from 'yaml';
import { CLOUD_NAMES } from '../../src/domain/clouds.ts';
import { LABEL_SELECTOR } from '../../src/settings/label-selector.ts';
import { parseSettings } from '../../src/settings/parse.ts';
import { BAD_SELECTORS, GOOD_SELECTORS } from '../support/label-selectors.ts';
import { CHART, useHelm, type Values } from './support/chart.ts';

/** values.schema.json refuses what cannot work, before anything is installed, and names the value. */

const REFUSED: readonly (readonly [path: string, values: Values])[] = [
  ['', { replcas: 2 }],
  ['/azure', { azure: { tenantID: 'x' } }],
  ['/replicas', { replicas: -1 }],
  ['/replicas', { replicas: 11 }],
  ['/replicas', { replicas: '2' }],
  ['/image/repository', { image: { repository: '' } }],
  ['/image/repository', { image: { repository: 'https://registry.example/a' } }],
  ['/image/tag', { image: { tag: 1.1 } }],
  ['/image/tag', { image: { tag: 'a b' } }],
  ['/image/digest', { image: { digest: 'sha256:abc' } }],
  ['/image/pullPolicy', { image: { pullPolicy: 'Sometimes' } }],
  ['/imagePullSecrets/0', { imagePullSecrets: ['registry'] }],
  ['/fullnameOverride', { fullnameOverride: 'Upper_Case' }],
  ['/serviceAccount/name', { serviceAccount: { name: '-a' } }],
  ['/crds/install', { crds: { install: 'false' } }],
  ['/azure/tenantId', { azure: { tenantId: 'two words' } }],
  ['/azure/tenantId', { azure: { tenantId: 'my-tenant' } }],
  ['/azure/tenantId', { azure: { tenantId: '7d1a3f0e-52c4-4b0e-9a6d' } }],
  ['/azure/authorityHost', { azure: { authorityHost: 'http://login.microsoftonline.com' } }],
  ['/azure/authorityHost', { azure: { authorityHost: 'https://login.microsoftonline.com/tenant' } }],
  ['/azure/cloud', { azure: { cloud: 'AzureCloud' } }],
  ['/azure/tokenAudience', { azure: { tokenAudience: '' } }],
  ['/azure/storeAudience', { azure: { storeAudience: 'azconfig.io' } }],
  ['/azure/storeSuffixes/0', { azure: { storeSuffixes: ['*.azconfig.io'] } }],
  ['/azure/allowedVaults/0', { azure: { allowedVaults: ['https://a.vault.azure.net'] } }],
  ['/azure/vaultSuffixes', { azure: { vaultSuffixes: ['a.example', 'a.example'] } }],
  ['/azure/dnsServer', { azure: { dnsServer: 'dns.example' } }],
  ['/azure/storeRequestBudget', { azure: { storeRequestBudget: -1 } }],
  ['/azure/storeRequestBudget', { azure: { storeRequestBudget: '30k' } }],
  ['/watchNamespaces', { watchNamespaces: 'shop' }],
  ['/watchNamespaces/1', { watchNamespaces: ['shop', 'Shop'] }],
  ['/watchNamespaces/0', { watchNamespaces: ['a'.repeat(64)] }],
  ['/watchNamespaces', { watchNamespaces: ['shop', 'shop'] }],
  ['/bindingSelector', { bindingSelector: 'a=b\nc=d' }],
  ['/bindingSelector', { bindingSelector: 'team in (a' }],
  ['/bindingSelector', { bindingSelector: 'team===a' }],
  ['/rollouts/enabled', { rollouts: { enabled: 'yes' } }],
  ['/rollouts/dryRun', { rollouts: { dryRun: 'yes' } }],
  ['/rollouts/perNamespace', { rollouts: { perNamespace: -1 } }],
  ['/rollouts/perCluster', { rollouts: { perCluster: 1.5 } }],
  ['/concurrency', { concurrency: 0 }],
  ['/concurrency', { concurrency: 10_000 }],
  ['/concurrency', { concurrency: 1.5 }],
  ['/driftInterval', { driftInterval: 300 }],
  ['/driftInterval', { driftInterval: '5 m' }],
  ['/driftInterval', { driftInterval: '5d' }],
  ['/driftInterval', { driftInterval: '500ms' }],
  ['/driftInterval', { driftInterval: '0s' }],
  ['/logLevel', { logLevel: 'trace' }],
  ['/metrics/service/port', { metrics: { service: { port: 70_000 } } }],
  ['/metrics/serviceMonitor/interval', { metrics: { serviceMonitor: { interval: '30' } } }],
  ['/metrics/prometheusRule/runbookUrl', { metrics: { prometheusRule: { runbookUrl: '' } } }],
  ['/metrics/prometheusRule/runbookUrl', { metrics: { prometheusRule: { runbookUrl: 'https://a#b' } } }],
  ['/metrics/dashboard', { metrics: { dashboard: { enable: true } } }],
  ['/proxy/httpsProxy', { proxy: { httpsProxy: 'proxy.example:3128' } }],
  ['/proxy/noProxy', { proxy: { noProxy: 'a, b' } }],
  ['/extraCaCerts/pem', { extraCaCerts: { pem: '/etc/ssl/ca.pem' } }],
  [
    '/extraCaCerts/pem',
    { extraCaCerts: { pem: '-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----' } },
  ],
  ['/extraEnv/0', { extraEnv: [{ value: 'x' }] }],
  ['/resources', { resources: { limit: {} } }],
  ['/podLabels', { podLabels: { 'app.kubernetes.io/name': 'other' } }],
  ['/podAnnotations/a', { podAnnotations: { a: 1 } }],
  ['/terminationGracePeriodSeconds', { terminationGracePeriodSeconds: 5 }],
  ['/podDisruptionBudget/maxUnavailable', { podDisruptionBudget: { maxUnavailable: 0 } }],
  ['/podDisruptionBudget/maxUnavailable', { podDisruptionBudget: { maxUnavailable: '150%' } }],
];

describe('the schema of the values', () => {
  const helm = useHelm();

  for (const [path, values] of REFUSED) {
    it(`refuses ${JSON.stringify(values).slice(0, 100)} and names ${path || 'the misspelt value'}`, async () => {
      const { exitCode, stderr } = await helm().template({ values });
      expect(exitCode, 'exit code').not.to.equal(0);
      expect(stderr).to.include(path === '' ? `'${Object.keys(values)[0]}'` : path);
    });
  }

  it('takes the values of a parent chart', async () => {
    expect((await helm().template({ values: { global: { region: 'eu' } } })).exitCode).to.equal(0);
  });

  it('takes only intervals that the operator takes', async () => {
    const schema = await readSchema();
    const pattern = new RegExp(schema.properties['driftInterval']?.pattern ?? '');
    const intervals = [
      '5m',
      '1s',
      '1h30m',
      '1.5h',
      '0h5m',
      '90000ms1s',
      '10m0.5s',
      '1m',
      '0.5s',
      '5',
      '',
      '-1s',
    ];
    const accepted = intervals.filter((interval) => pattern.test(interval));
    expect(accepted).to.include.members(['5m', '1s', '1h30m', '1.5h', '0h5m']);
    for (const interval of accepted)
      expect(parseSettings([`--drift-interval=${interval}`], {}), interval).to.have.property('ok', true);
  });

  it('takes only tenants that the operator takes', async () => {
    const { azure } = (await readSchema()).properties;
    const pattern = new RegExp(azure?.properties['tenantId']?.pattern ?? '');
    const guid = '7D1A3F0E-52c4-4b0e-9a6d-3c5e8f2b9d41';
    const tenants = ['', guid, 'Contoso.onmicrosoft.com', 'contoso.example', `${guid}0`, 'my-tenant', '<t>'];
    for (const tenant of tenants)
      expect(parseSettings([`--tenant-id=${tenant}`], {}), tenant).to.have.property(
        'ok',
        pattern.test(tenant),
      );
  });

  it('takes exactly the label selectors that the operator takes', async () => {
    const { bindingSelector } = (await readSchema()).properties;
    expect(bindingSelector?.pattern).to.equal(LABEL_SELECTOR);
    const pattern = new RegExp(LABEL_SELECTOR);
    expect(GOOD_SELECTORS.filter((selector) => !pattern.test(selector))).to.deep.equal([]);
    expect(BAD_SELECTORS.filter((selector) => pattern.test(selector))).to.deep.equal([]);
  });

  it('takes exactly the clouds that the operator takes', async () => {
    const { azure } = (await readSchema()).properties;
    expect(azure?.properties['cloud']?.enum).to.have.members([...CLOUD_NAMES]);
  });

  it('describes every value, and knows exactly those in values.yaml', async () => {
    const values = parse(await readFile(`${CHART}/values.yaml`, 'utf8'));
    const problems = differences('', await readSchema(), values);
    expect(problems).to.deep.equal([]);
  });
});

interface Schema {
  readonly description?: string;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly additionalProperties?: unknown;
  readonly properties: Readonly<Record<string, Schema | undefined>>;
}

const readSchema = async (): Promise<Schema> =>
  JSON.parse(await readFile(`${CHART}/values.schema.json`, 'utf8'));

/** Values that a parent or Kubernetes defines, so that the chart has no default for them. */
const WITHOUT_DEFAULT = ['/global', '/resources/claims'];

/** Where schema and defaults part, or a description is missing. */
function differences(path: string, schema: Schema, values: unknown): readonly string[] {
  const undescribed = path !== '' && !schema.description ? [`${path} has no description`] : [];
  if (schema.properties === undefined || WITHOUT_DEFAULT.includes(path)) return undescribed;
  const open = schema.additionalProperties === false ? [] : [`${path} takes anything`];
  const defaults = values as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(defaults).filter((name) => schema.properties[name] === undefined);
  const members = Object.entries(schema.properties).flatMap(([name, member]) => {
    const at = `${path}/${name}`;
    const missing = name in defaults || WITHOUT_DEFAULT.includes(at) ? [] : [`${at} is not in values.yaml`];
    return [...missing, ...(member === undefined ? [] : differences(at, member, defaults[name]))];
  });
  return [
    ...undescribed,
    ...open,
    ...unknown.map((name) => `${path}/${name} is not in the schema`),
    ...members,
  ];
}
