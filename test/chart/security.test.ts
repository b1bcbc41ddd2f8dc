import { expect } from 'chai';
import { type Manifest, podOf, type Rule, useHelm } from './support/chart.ts';
import { VALUE_SETS } from './support/value-sets.ts';

/** What no value of the chart can take away. */

const rulesOf = (objects: readonly Manifest[]): readonly Rule[] =>
  objects.flatMap(({ rules }) => rules ?? []);

const concerning = (rules: readonly Rule[], resource: string): readonly Rule[] =>
  rules.filter(({ resources }) => resources.includes(resource));

const verbsOn = (objects: readonly Manifest[], kind: string, resource: string): readonly string[] =>
  concerning(rulesOf(objects.filter((object) => object.kind === kind)), resource).flatMap(
    ({ verbs }) => verbs,
  );

describe('the security of the chart', () => {
  const helm = useHelm();

  for (const [name, options] of Object.entries(VALUE_SETS)) {
    describe(`with the values of ${name}`, () => {
      it('runs as a numeric user that is not root, with the default seccomp profile', async () => {
        const { securityContext } = podOf(await helm().objects(options));
        expect(securityContext).to.deep.include({
          runAsNonRoot: true,
          runAsUser: 65_532,
          runAsGroup: 65_532,
          seccompProfile: { type: 'RuntimeDefault' },
        });
      });

      it('has a read-only root, no capabilities and no way to more privileges', async () => {
        const { container, containers } = podOf(await helm().objects(options));
        expect(containers).to.have.length(1);
        expect(container.securityContext).to.deep.equal({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
      });

      it('shares nothing with its node and bounds its memory', async () => {
        const pod = podOf(await helm().objects(options));
        expect(pod).not.to.have.any.keys('hostNetwork', 'hostPID', 'hostIPC');
        expect(pod.volumes ?? []).not.to.satisfy((volumes: object[]) =>
          volumes.some((one) => 'hostPath' in one),
        );
        expect(pod.container.resources.requests).to.have.keys('cpu', 'memory');
        expect(pod.container.resources.limits).to.have.property('memory');
      });

      it('mounts the token only into its own pod', async () => {
        const objects = await helm().objects(options);
        const account = objects.find(({ kind }) => kind === 'ServiceAccount');
        expect(account?.automountServiceAccountToken).to.equal(false);
        expect(podOf(objects).automountServiceAccountToken).to.equal(true);
      });

      it('can neither list nor watch Secrets', async () => {
        const verbs = concerning(rulesOf(await helm().objects(options)), 'secrets').flatMap(
          ({ verbs }) => verbs,
        );
        expect(verbs).not.to.include.members(['list']);
        expect(verbs).not.to.include.members(['watch']);
      });

      it('has no right by wildcard, over roles, as someone else or into pods', async () => {
        const rules = rulesOf(await helm().objects(options));
        const words = rules.flatMap(({ apiGroups, resources, verbs }) => [
          ...apiGroups,
          ...resources,
          ...verbs,
        ]);
        const forbidden = [
          '*',
          'rbac.authorization.k8s.io',
          'escalate',
          'bind',
          'impersonate',
          'pods',
          'pods/exec',
        ];
        expect(words.filter((word) => forbidden.includes(word))).to.deep.equal([]);
      });
    });
  }

  it('may patch workloads only while rollouts are enabled, and no dry run', async () => {
    const verbs = async (rollouts: object) =>
      verbsOn(await helm().objects({ values: { rollouts } }), 'ClusterRole', 'deployments');
    expect(await verbs({ enabled: true })).to.have.members(['get', 'list', 'patch']);
    expect(await verbs({ enabled: false })).to.have.members(['get', 'list']);
    expect(await verbs({ dryRun: true })).to.have.members(['get', 'list']);
  });

  it('may only list Jobs and CronJobs, with restarts or without', async () => {
    for (const rollouts of [{ enabled: true }, { enabled: false }])
      for (const resource of ['jobs', 'cronjobs'])
        expect(
          verbsOn(await helm().objects({ values: { rollouts } }), 'ClusterRole', resource),
        ).to.deep.equal(['list']);
  });

  it('may watch namespaces, and only get those that it serves where it serves single ones', async () => {
    const verbs = async (watchNamespaces: string[]) =>
      verbsOn(await helm().objects({ values: { watchNamespaces } }), 'ClusterRole', 'namespaces');
    expect(await verbs([])).to.have.members(['get', 'list', 'watch']);
    expect(await verbs(['shop'])).to.have.members(['get']);
  });

  it('reads, in its own namespace, no Secret but its key', async () => {
    const role = (await helm().objects()).filter(({ kind }) => kind === 'Role');
    const reading = concerning(rulesOf(role), 'secrets').filter(({ verbs }) => verbs.includes('get'));
    expect(reading.map(({ resourceNames }) => resourceNames)).to.deep.equal([['appconfig-operator-key']]);
  });

  it('binds its ClusterRole only in the namespaces that it watches', async () => {
    const objects = await helm().objects({ values: { watchNamespaces: ['a', 'b'] } });
    expect(objects.filter(({ kind }) => kind === 'ClusterRoleBinding')).to.deep.equal([]);
    const bound = objects.filter(
      ({ kind, roleRef }) =>
        kind === 'RoleBinding' && roleRef?.name === 'appconfig-system:appconfig-operator',
    );
    expect(bound.map(({ metadata }) => metadata.namespace)).to.deep.equal(['a', 'b']);
  });

  it('takes its image by digest where one is given', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const image = { repository: 'registry.example/operator', tag: '1.2.3', digest };
    const { container } = podOf(await helm().objects({ values: { image } }));
    expect(container.image).to.equal(`registry.example/operator:1.2.3@${digest}`);
  });
});
