import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { type Cluster, startCluster } from '../../../dev/cluster/cluster.ts';
import { type BindingStatus, bindingSchema, statusSchema, withoutNulls } from '../../../src/api/schema.ts';
import { specs } from '../../support/arbitraries/binding.ts';
import { mutatedSpecs, tellingSpecs } from '../../support/arbitraries/mutations.ts';

/** The CRD and the zod schema are generated from one source; here a real API server checks that they agree. */

const CRD = new URL('../../../crds/appconfigbindings.appconfig.dev.yaml', import.meta.url);
const BINDINGS = '/apis/appconfig.dev/v1alpha1/namespaces/default/appconfigbindings';
const PLAIN = {
  store: { endpoint: 'https://contoso.azconfig.io' },
  identity: { workloadIdentity: { serviceAccountName: 'orders' } },
  target: { configMap: { name: 'orders-config', format: 'Json' } },
};
const PATIENT_MS = 180_000;

const TIME = '2026-11-22T10:00:00Z';
const HASHES = { keyId: '01234567', usageHash: 'u', contentHash: 'c', marker: 'm', passedOver: true };
/** Every member once, so that none is pruned unseen. */
const FULL_STATUS: Required<BindingStatus> = {
  observedGeneration: 1,
  conditions: [
    {
      type: 'Ready',
      status: 'True',
      reason: 'Synced',
      message: 'm',
      lastTransitionTime: TIME,
      observedGeneration: 1,
    },
  ],
  environment: 'prod',
  identity: { subject: 's', clientId: 'c', tenantId: 't' },
  settings: 2,
  secrets: 1,
  sources: [{ selector: 'key "*", no label', settings: 3, changedAt: TIME }],
  sourcesTotal: 1,
  featureFlags: 4,
  flagSources: [{ selector: 'key ".appconfig.featureflag/*", no label', flags: 4, changedAt: TIME }],
  snapshots: ['release-7'],
  targets: [{ kind: 'Secret', name: 'n', uid: 'u', resourceVersion: '1', keys: 1 }],
  references: {
    total: 2,
    resolved: 1,
    failed: [{ key: 'k', vault: 'v', secret: 's', reason: 'SecretNotFound', message: 'm' }],
  },
  remedies: [{ reason: 'StoreForbidden', commands: ['# why', 'az version'] }],
  rollout: '1/1',
  rollouts: [
    {
      kind: 'Deployment',
      name: 'orders',
      phase: 'Complete',
      restartedAt: TIME,
      completedAt: TIME,
      progressedAt: TIME,
      message: 'm',
    },
  ],
  rolloutsTotal: 1,
  restarts: { 'Deployment/orders': HASHES },
  lastChangeTime: TIME,
  lastHandledRefresh: 'now',
};

interface Status {
  readonly message?: string;
  readonly spec?: unknown;
}

const objectOf = (spec: unknown, name = 'orders') => ({
  apiVersion: 'appconfig.dev/v1alpha1',
  kind: 'AppConfigBinding',
  metadata: { name },
  spec,
});

describe('the CRD on a real API server', function () {
  this.timeout(PATIENT_MS);
  let cluster: Cluster;

  const dryRun = (object: unknown) =>
    cluster.api.request<Status>('POST', `${BINDINGS}?dryRun=All`, { body: object });

  /** Fails unless both accept or both refuse. */
  async function agree(object: unknown): Promise<boolean> {
    const answer = await dryRun(object);
    expect(answer.status, answer.body.message ?? '').to.be.oneOf([201, 422]);
    const parsed = bindingSchema.safeParse(withoutNulls(object));
    const zod = parsed.success ? 'accepted' : parsed.error.issues.map(({ message }) => message).join('; ');
    expect(parsed.success, `zod: ${zod}; API server: ${answer.body.message ?? 'accepted'}`).to.equal(
      answer.status === 201,
    );
    return parsed.success;
  }

  before(async () => {
    cluster = await startCluster({ name: 'crd-agreement' });
    await cluster.applyYaml(readFileSync(CRD, 'utf8'));
    await cluster.untilCrdsEstablished();
  });
  after(() => cluster.stop());

  it('is established without a structural or CEL complaint', async () => {
    const { body } = await cluster.api.request<{
      status: { conditions: { type: string; status: string }[] };
    }>('GET', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/appconfigbindings.appconfig.dev');
    const states = Object.fromEntries(body.status.conditions.map(({ type, status }) => [type, status]));
    expect(states).to.include({ Established: 'True', NamesAccepted: 'True' });
    expect(states).to.not.have.property('NonStructuralSchema');
  });

  it('accepts every valid spec that zod accepts, and stores no default', async () => {
    const property = fc.asyncProperty(specs, async (spec) => {
      const { status, body } = await dryRun(objectOf(spec));
      expect(status, body.message ?? '').to.equal(201);
      expect(body.spec).to.deep.equal(JSON.parse(JSON.stringify(spec)));
      expect(bindingSchema.safeParse(objectOf(spec)).success).to.equal(true);
    });
    await fc.assert(property, { numRuns: 150 });
  });

  it('agrees with zod about every telling value of every field', async () => {
    const counts = { accepted: 0, refused: 0 };
    for (const { title, spec } of tellingSpecs(PLAIN)) {
      const accepted = await agree(objectOf(spec)).catch((error: unknown) => {
        throw new Error(`${title}: ${error instanceof Error ? error.message : String(error)}`);
      });
      counts[accepted ? 'accepted' : 'refused'] += 1;
    }
    expect(counts.accepted).to.be.greaterThan(90);
    expect(counts.refused).to.be.greaterThan(200);
  });

  it('agrees with zod about specs changed at random', async () => {
    await fc.assert(
      fc.asyncProperty(mutatedSpecs, async (spec) => void (await agree(objectOf(spec)))),
      { numRuns: 300 },
    );
  });

  it('agrees with zod about the length of the name', async () => {
    for (const length of [1, 63, 64, 253]) await agree(objectOf(PLAIN, 'a'.repeat(length)));
  });

  it('stores a whole status as it was written, and lists no more than 20 sources', async () => {
    const spec = PLAIN;
    await cluster.api.request('POST', BINDINGS, { body: objectOf(spec, 'status') });
    const patch = (status: unknown) =>
      cluster.api.request<Status>('PATCH', `${BINDINGS}/status/status`, { body: { status } });
    const stored = await patch(FULL_STATUS);
    expect(stored.status, stored.body.message ?? '').to.equal(200);
    expect(stored.body).to.have.deep.property('status', FULL_STATUS);
    expect(statusSchema.parse(FULL_STATUS)).to.deep.equal(FULL_STATUS);
    const tooMany = {
      ...FULL_STATUS,
      sources: Array.from({ length: 21 }, () => ({ selector: 'x', settings: 0 })),
    };
    expect((await patch(tooMany)).status).to.equal(422);
    expect(statusSchema.safeParse(tooMany).success).to.equal(false);
  });

  it('names the remedy when it refuses', async () => {
    const remedies: readonly (readonly [unknown, RegExp])[] = [
      [{ ...PLAIN, target: {} }, /set configMap, secret or both/],
      [{ ...PLAIN, identity: {} }, /set workloadIdentity.serviceAccountName/],
      [{ ...PLAIN, store: { endpoint: 'http://contoso.azconfig.io' } }, /must be https:\/\/ and a host name/],
      [{ ...PLAIN, selectors: [{ key: '*', label: 'a', noLabel: true }] }, /set either label or noLabel/],
      [{ ...PLAIN, selectors: [{ key: 'a*b' }] }, /a prefix ending in \*/],
      [{ ...PLAIN, selectors: [] }, /selectors may be empty only with featureFlags/],
      [
        { ...PLAIN, target: { configMap: { name: 'a' } }, featureFlags: {} },
        /set target.configMap.format .* to Json or Yaml, or remove featureFlags/,
      ],
      [
        { ...PLAIN, featureFlags: { selectors: [{ key: '.appconfig.featureflag/Beta' }] } },
        /remove .appconfig.featureflag\//,
      ],
      [{ ...PLAIN, refresh: { interval: '4s' } }, /at least 5s/],
      [{ ...PLAIN, keyVault: { refreshInterval: '59s' } }, /at least 1m/],
      [{ ...PLAIN, keyVault: { identity: {} } }, /set exactly one member/],
      [{ ...PLAIN, keyVault: { allowedVaults: ['Contoso.vault.azure.net'] } }, /in lower case, such as/],
      [{ ...PLAIN, target: { configMap: { name: 'a', file: 'a' } } }, /set format to Json, Yaml, Properties/],
      [{ ...PLAIN, target: { secret: { name: 'a', separator: ':' } } }, /set format to Json or Yaml/],
      [
        { ...PLAIN, target: { secret: { name: 'a', type: 'kubernetes.io/service-account-token' } } },
        /must not be a type that gives access to the cluster/,
      ],
    ];
    for (const [spec, remedy] of remedies) {
      const { status, body } = await dryRun(objectOf(spec));
      expect(status).to.equal(422);
      expect(body.message).to.match(remedy);
    }
  });
});
