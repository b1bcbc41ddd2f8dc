import { expect } from 'chai';
import type { AuditEvent } from '../../../dev/cluster/audit.ts';
import { useOperator } from '../../support/real/running.ts';
import { CONFIG_MAP, type Team } from '../../support/real/team.ts';

/** Sorts before the namespaces of teams, so that theirs come on a later page. */
const CROWD = 'crowd';
const FOREIGN = 2_000;
const LABELLED = 700;
const AT_ONCE = 32;
const VALUE = 'x'.repeat(1_000);

interface MetadataList {
  readonly kind: string;
  readonly items: readonly { readonly kind: string; readonly data?: object }[];
}

/** What belongs to others costs the operator nothing: it neither lists nor watches it. */
describe('a cluster full of foreign Secrets and ConfigMaps', function () {
  this.timeout(180_000);
  const running = useOperator();
  const cluster = () => running().world.cluster;
  let team: Team;

  before(async () => {
    team = await running().syncedTeam();
    await running().operator.terminate();
    await cluster().api.request('POST', '/api/v1/namespaces', { body: { metadata: { name: CROWD } } });
    await crowd('secrets', FOREIGN, {});
    await crowd('configmaps', FOREIGN, {});
    // Of a binding that does not exist: watched, and nothing else.
    await crowd('configmaps', LABELLED, { 'appconfig.dev/binding': 'gone' });
  });
  after(async function () {
    this.timeout(60_000);
    await cluster().api.request('DELETE', `/api/v1/namespaces/${CROWD}`);
  });

  /** Makes `count` objects of one kind, some at a time. */
  async function crowd(plural: string, count: number, labels: object): Promise<void> {
    const { api } = cluster();
    const path = `/api/v1/namespaces/${CROWD}/${plural}`;
    const kind = Object.keys(labels).length === 0 ? 'foreign' : 'labelled';
    let next = 0;
    const worker = async () => {
      while (next < count) {
        const metadata = { name: `${kind}-${next++}`, labels };
        const { status } = await api.request('POST', path, { body: { metadata, data: { value: VALUE } } });
        expect(status).to.equal(201);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  const mine = (verbs: readonly string[], resource: string): Promise<readonly AuditEvent[]> =>
    cluster().auditEvents(
      ({ objectRef, user, verb }) =>
        user.username?.startsWith(`system:serviceaccount:${running().place.namespace}:`) === true &&
        verbs.includes(verb) &&
        objectRef?.resource === resource,
    );

  it('is not read: no Secret is listed, ConfigMaps only by the label of bindings, page by page, without their data', async () => {
    const { namespace, objects } = team;
    await objects.patch('configmaps', namespace, CONFIG_MAP, { data: { color: 'pink' } });
    const since = new Date().toISOString();
    await running().restart();
    // What was edited while no operator ran stands on a later page than the first.
    await team.until('the repair', async () => (await team.configMap())?.data?.['color'] === 'blue');
    expect(await mine(['list', 'watch'], 'secrets')).to.deep.equal([]);
    const lists = await mine(['list'], 'configmaps');
    const pages = lists.filter(({ requestReceivedTimestamp }) => requestReceivedTimestamp > since);
    expect(pages.length).to.be.at.least(Math.ceil(LABELLED / 500));
    expect(pages.filter(({ requestURI }) => requestURI.includes('continue=')).length).to.equal(
      pages.length - 1,
    );
    for (const { requestURI, responseObject } of [...pages, ...(await mine(['watch'], 'configmaps'))]) {
      expect(requestURI).to.include('labelSelector=appconfig.dev%2Fbinding');
      if (responseObject === undefined) continue;
      const { items = [] } = responseObject as MetadataList;
      expect(items.length).to.be.at.most(500);
      expect(items.filter(({ data }) => data !== undefined)).to.deep.equal([]);
    }
    for (const { requestURI } of pages) expect(requestURI).to.include('limit=500');
  });
});
