import { expect } from 'chai';
import { rewritePaths } from '../../../dev/cluster/pods/paths.ts';

describe('rewriting of mount paths', () => {
  const mounts = [
    { mountPath: '/etc/config', folder: '/host/config' },
    { mountPath: '/etc/config/tls/', folder: '/host/tls' },
    { mountPath: '/tmp', folder: '/host/tmp' },
  ];
  const cases: [string, string][] = [
    ['/etc/config', '/host/config'],
    ['/etc/config/a.json', '/host/config/a.json'],
    ['--file=/etc/config/a.json', '--file=/host/config/a.json'],
    ['/tmp:/etc/config', '/host/tmp:/host/config'],
    ['a,/tmp/x,/tmp/y', 'a,/host/tmp/x,/host/tmp/y'],
    ['/etc/config/tls/ca.crt', '/host/tls/ca.crt'],
    ['/etc/configuration', '/etc/configuration'],
    ['/etc/config.d', '/etc/config.d'],
    ['/opt/etc/config', '/opt/etc/config'],
    ['https://host/tmp/x', 'https://host/tmp/x'],
  ];
  for (const [text, expected] of cases) {
    it(`turns ${text} into ${expected}`, () => {
      expect(rewritePaths(text, mounts)).to.equal(expected);
    });
  }

  it('replaces each path once, even when a folder looks like another mount', () => {
    const chained = [
      { mountPath: '/a', folder: '/b/1' },
      { mountPath: '/b', folder: '/c' },
    ];
    expect(rewritePaths('/a/x /b/x', chained)).to.equal('/b/1/x /c/x');
  });

  it('changes nothing in a container without mounts', () => {
    expect(rewritePaths('/tmp/x', [])).to.equal('/tmp/x');
  });
});
