import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { parseSettings } from '../../src/settings/parse.ts';
import { podOf, useHelm } from './support/chart.ts';
import { VALUE_SETS } from './support/value-sets.ts';

/** What the chart renders, word by word. `UPDATE_GOLDEN=1` accepts it as it is now. */

const GOLDEN = new URL('golden/', import.meta.url);
const update = process.env['UPDATE_GOLDEN'] === '1';

/** The CRD is generated and compared elsewhere. */
const withoutCrd = (text: string): string =>
  text
    .split(/^---\n/m)
    .filter((document) => !document.includes('/templates/crd.yaml'))
    .join('---\n');

describe('the rendered chart', () => {
  const helm = useHelm();

  for (const [name, options] of Object.entries(VALUE_SETS)) {
    it(`is as recorded in golden/${name}.yaml`, async () => {
      const rendered = withoutCrd(await helm().text(options));
      const file = new URL(`${name}.yaml`, GOLDEN);
      if (update) await mkdir(GOLDEN, { recursive: true }).then(() => writeFile(file, rendered));
      expect(rendered).to.equal(await readFile(file, 'utf8'));
    });

    it(`passes helm lint --strict with the values of ${name}`, async () => {
      const { exitCode, stdout, stderr } = await helm().lint(options.values ?? {});
      expect(exitCode, `${stdout}${stderr}`).to.equal(0);
    });

    it(`gives the operator arguments that it takes, with the values of ${name}`, async () => {
      const { args } = podOf(await helm().objects(options)).container;
      // As the kubelet expands them.
      const expanded = args.map((arg) => arg.replace('$(POD_IP)', '10.0.0.1').replace(/\$\(\w+\)/, 'a'));
      expect(parseSettings(expanded, {})).to.have.property('ok', true);
    });
  }

  it('holds the CRD, to be kept at uninstall, unless crds.install is false', async () => {
    const crdOf = async (install: boolean) =>
      (await helm().objects({ values: { crds: { install } } })).find(
        ({ kind }) => kind === 'CustomResourceDefinition',
      );
    expect((await crdOf(true))?.metadata.annotations).to.include({ 'helm.sh/resource-policy': 'keep' });
    expect(await crdOf(false)).to.equal(undefined);
  });

  it('is refused on a Kubernetes older than the rules of the CRD need', async () => {
    const { exitCode, stderr } = await helm().template({ kubeVersion: '1.28.9' });
    expect(exitCode).not.to.equal(0);
    expect(stderr).to.include('kubeVersion');
  });

  it('shares no name with a second release in the same cluster', async () => {
    const idOf = ({ kind, metadata: { name, namespace } }: { kind: string; metadata: Name }) =>
      `${kind} ${namespace ?? ''}/${name}`;
    const values = { crds: { install: false }, watchNamespaces: ['shared'] };
    const releases = [{}, { namespace: 'elsewhere' }, { release: 'second' }];
    const ids = await Promise.all(
      releases.map(async (release) => (await helm().objects({ ...release, values })).map(idOf)),
    );
    const all = ids.flat();
    expect(new Set(all).size).to.equal(all.length);
  });

  it('names Lease and key after the release, so that two in one namespace have their own', async () => {
    const namesOf = async (release: string) =>
      podOf(await helm().objects({ release })).container.args.filter((arg) => /lease|key-secret/.test(arg));
    expect(await namesOf('one')).to.deep.equal([
      '--lease-name=one-appconfig-operator',
      '--key-secret-name=one-appconfig-operator-key',
    ]);
    expect(await namesOf('two')).not.to.deep.equal(await namesOf('one'));
  });

  it('says after the installation what it does not do, and what it lets everyone do', async () => {
    const [plain, still, dry, managed] = await Promise.all([
      helm().notes(),
      helm().notes({ rollouts: { enabled: false } }),
      helm().notes({ rollouts: { dryRun: true } }),
      helm().notes({ azure: { allowManagedIdentities: true } }),
    ]);
    expect(plain)
      .to.contain('serves all namespaces')
      .and.not.match(/rollouts|allowManagedIdentities/);
    expect(still).to.contain('rollouts.enabled: false');
    expect(dry).to.contain('rollouts.dryRun: true');
    expect(managed).to.contain('azure.allowManagedIdentities: true');
  });

  it('runs on nodes of Linux, whatever other labels of nodes are asked for', async () => {
    const selectorOf = async (values: Readonly<Record<string, unknown>>) =>
      podOf(await helm().objects({ values })).nodeSelector;
    const linux = { 'kubernetes.io/os': 'linux' };
    expect(await selectorOf({})).to.deep.equal(linux);
    const arm = { 'kubernetes.io/arch': 'arm64' };
    expect(await selectorOf({ nodeSelector: arm })).to.deep.equal({ ...linux, ...arm });
  });

  it('always keeps the address of instance metadata from the proxy, and lets extraEnv have the last word', async () => {
    const values = {
      proxy: { httpsProxy: 'http://proxy:3128' },
      extraEnv: [{ name: 'NO_PROXY', value: 'mine' }],
    };
    const { env } = podOf(await helm().objects({ values })).container;
    const noProxy = env.filter(({ name }) => name === 'NO_PROXY').map(({ value }) => value);
    expect(noProxy).to.deep.equal(['169.254.169.254', 'mine']);
  });
});

interface Name {
  readonly name: string;
  readonly namespace?: string;
}
