import { expect } from 'chai';
import type { BindingStatus } from '../../../src/api/schema.ts';
import { UNSEEN } from '../../../src/api/status.ts';
import type { SeenObject } from '../../support/real/objects.ts';
import { newTeam, type Team } from '../../support/real/team.ts';
import { useWorld } from '../../support/real/world.ts';
import { kstatus } from '../../support/status/kstatus.ts';

interface Refusal {
  readonly title: string;
  readonly says: string;
  /** The spec, given one that is right. */
  readonly spec: (right: object) => object;
  readonly name?: string;
}

const REFUSALS: readonly Refusal[] = [
  {
    title: 'an endpoint that is no https URL of a host',
    says: 'must be https:// and a host name, such as https://contoso.azconfig.io',
    spec: (right) => ({ ...right, store: { endpoint: 'http://contoso.azconfig.io/kv?x=1' } }),
  },
  {
    title: 'an identity without a member',
    says: 'set workloadIdentity.serviceAccountName to a ServiceAccount of this namespace',
    spec: (right) => ({ ...right, identity: {} }),
  },
  {
    title: 'a client id that is no GUID',
    says: 'must be a GUID such as 00000000-0000-0000-0000-000000000000',
    spec: (right) => ({
      ...right,
      identity: { workloadIdentity: { serviceAccountName: 'orders', clientId: 'mine' } },
    }),
  },
  {
    title: 'a key filter that the store would not understand',
    says: 'must be an exact key, a prefix ending in *',
    spec: (right) => ({ ...right, selectors: [{ key: 'a*b' }] }),
  },
  {
    title: 'a selector with label and noLabel',
    says: 'set either label or noLabel: true, not both',
    spec: (right) => ({ ...right, selectors: [{ key: '*', label: 'prod', noLabel: true }] }),
  },
  {
    title: 'a target that is none',
    says: 'set configMap, secret or both',
    spec: (right) => ({ ...right, target: {} }),
  },
  {
    title: 'a file without a format of one file',
    says: 'set format to Json, Yaml, Properties or DotEnv, or remove file',
    spec: (right) => ({ ...right, target: { configMap: { name: 'a', file: 'a.json' } } }),
  },
  {
    title: 'an interval below the minimum',
    says: 'must be a duration such as 90s or 1h30m (units h, m, s, ms), at least 5s',
    spec: (right) => ({ ...right, refresh: { interval: '1s' } }),
  },
  {
    title: 'a name that would not fit into an annotation',
    says: 'metadata.name must be at most 63 characters',
    spec: (right) => right,
    name: 'a'.repeat(64),
  },
];

describe('admission', function () {
  this.timeout(180_000);
  const world = useWorld();
  let team: Team;

  before(async () => {
    team = await newTeam(world());
  });

  for (const { title, says, spec, name } of REFUSALS) {
    it(`refuses ${title}, and says what to do`, async () => {
      const wrong = spec(team.spec()) as ReturnType<Team['spec']>;
      const refused = await team.apply(wrong, name).then(
        () => 'accepted',
        (error: Error) => error.message,
      );
      expect(refused).to.include(says);
    });
  }

  it('gives a new binding a status that tells that nobody has looked at it, so that nobody waits in vain', async () => {
    await team.apply(team.spec(), 'unseen');
    const binding = await team.objects.get<SeenObject & { status?: BindingStatus }>(
      'appconfigbindings',
      team.namespace,
      'unseen',
    );
    expect(binding?.status).to.deep.equal(UNSEEN);
    expect(binding && kstatus(binding)).to.equal('InProgress');
  });
});
