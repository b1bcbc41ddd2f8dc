import { expect } from 'chai';
import { buildKey } from '../../../dev/cluster/build/key.ts';
import { buildFlags, readModule, requiredVersion } from '../../../dev/cluster/build/module.ts';
import { isAtLeast } from '../../../dev/cluster/build/toolchain.ts';

describe('the cache key of the control plane', () => {
  const files = [
    { name: 'go.mod', text: 'module m' },
    { name: 'main.go', text: 'package main' },
  ];
  const inputs = { files, flags: ['-trimpath'], goVersion: 'go1.26.8', platform: 'linux/amd64' };

  it('does not depend on the order in which files are read', () => {
    expect(buildKey({ ...inputs, files: [...files].reverse() })).to.equal(buildKey(inputs));
  });

  it('changes with each of its inputs', () => {
    const changed = [
      { ...inputs, files: [{ name: 'go.mod', text: 'module n' }, ...files.slice(1)] },
      { ...inputs, files: [...files, { name: 'go.sum', text: '' }] },
      { ...inputs, flags: ['-trimpath', '-s'] },
      { ...inputs, goVersion: 'go1.26.9' },
      { ...inputs, platform: 'linux/arm64' },
    ];
    const keys = [inputs, ...changed].map(buildKey);
    expect(new Set(keys).size).to.equal(keys.length);
  });

  it('covers go.mod, go.sum and every Go file of the module', async () => {
    const names = (await readModule()).map(({ name }) => name);
    expect(names).to.include.members(['go.mod', 'go.sum', 'main.go', 'etcd.go', 'lifetime/lifetime.go']);
  });
});

describe('the build flags', () => {
  const goMod = 'require (\n\thelm.sh/helm/v4 v4.2.4\n\tk8s.io/kubernetes v1.36.4\n)\n';

  it('tell Kubernetes and helm the versions that go.mod requires', () => {
    const flags = buildFlags(goMod).join(' ');
    expect(flags).to.include('version.gitVersion=v1.36.4');
    expect(flags).to.include('version.gitMajor=1');
    expect(flags).to.include('version.gitMinor=36');
    expect(flags).to.include('helm.sh/helm/v4/internal/version.version=v4.2.4');
  });

  it('cannot be made from a go.mod that lacks a version', () => {
    expect(() => requiredVersion(goMod, 'k8s.io/kubectl')).to.throw('k8s.io/kubectl');
  });

  it('find staging modules replaced by released ones in the real go.mod', async () => {
    const real = (await readModule()).find(({ name }) => name === 'go.mod')?.text ?? '';
    const replaced = real.match(/^\tk8s\.io\/\S+ => k8s\.io\/\S+ v0\.36\.4$/gm) ?? [];
    expect(requiredVersion(real, 'k8s.io/kubernetes')).to.equal('v1.36.4');
    expect(replaced).to.have.length(33);
  });
});

describe('the comparison of Go versions', () => {
  const cases: [string, boolean][] = [
    ['go1.26.0', true],
    ['go1.26.8', true],
    ['go1.26', true],
    ['go1.27rc1', true],
    ['go2.0', true],
    ['go1.25.9', false],
    ['go1.9', false],
    ['devel', false],
  ];
  for (const [version, enough] of cases) {
    it(`finds ${version} ${enough ? 'new enough' : 'too old'}`, () => {
      expect(isAtLeast(version, '1.26.0')).to.equal(enough);
    });
  }
});
