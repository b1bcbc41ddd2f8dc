import { expect } from 'chai';
import { podAddress } from '../../../dev/cluster/pods/address.ts';
import { parseBehaviour } from '../../../dev/cluster/pods/behaviour.ts';
import { podField } from '../../../dev/cluster/pods/fields.ts';
import { portNumber } from '../../../dev/cluster/pods/probe.ts';
import { programOf } from '../../../dev/cluster/pods/programs.ts';

describe('the behaviour annotation', () => {
  it('knows ready, never-ready, crash and slow with a time', () => {
    expect(parseBehaviour('ready')).to.deep.equal({ kind: 'ready' });
    expect(parseBehaviour('never-ready')).to.deep.equal({ kind: 'never-ready' });
    expect(parseBehaviour('crash')).to.deep.equal({ kind: 'crash' });
    expect(parseBehaviour('slow:250')).to.deep.equal({ kind: 'slow', milliseconds: 250 });
  });

  for (const text of ['', 'Ready', 'slow', 'slow:-1', 'slow:1s', ' ready']) {
    it(`calls ${JSON.stringify(text)} a mistake and names the choices`, () => {
      const behaviour = parseBehaviour(text);
      expect(behaviour.kind).to.equal('mistaken');
      expect(JSON.stringify(behaviour)).to.include('never-ready');
    });
  }
});

describe('the program of an image', () => {
  const programs = { operator: ['node', 'main.ts'], 'registry:5000/team/app:1.0': ['app'] };

  it('is found by name without tag or digest', () => {
    for (const image of ['operator', 'operator:dev', 'operator@sha256:00', 'operator:dev@sha256:00']) {
      expect(programOf(image, programs), image).to.deep.equal(['node', 'main.ts']);
    }
  });

  it('is found by the exact image, whose registry may have a port', () => {
    expect(programOf('registry:5000/team/app:1.0', programs)).to.deep.equal(['app']);
  });

  it('is not found for another tag, another repository or a name that objects inherit', () => {
    for (const image of ['registry:5000/team/app:2.0', 'team/operator', 'constructor']) {
      expect(programOf(image, programs), image).to.equal(undefined);
    }
  });
});

describe('a downward API field', () => {
  const metadata = { name: 'op-1', namespace: 'system', uid: 'u', labels: { app: 'op', 'a/b': 'c' } };
  const pod = { metadata, spec: { serviceAccountName: 'operator', containers: [] } };
  const place = { nodeName: 'dev-node', podIp: '127.9.0.1', hostIp: '127.0.0.1' };
  const cases: [string, string][] = [
    ['metadata.name', 'op-1'],
    ['metadata.namespace', 'system'],
    ["metadata.labels['a/b']", 'c'],
    ["metadata.annotations['none']", ''],
    ['metadata.labels', 'a/b="c"\napp="op"'],
    ['spec.serviceAccountName', 'operator'],
    ['status.podIP', '127.9.0.1'],
  ];
  for (const [path, expected] of cases) {
    it(`reads ${path}`, () => expect(podField(pod, place, path)).to.equal(expected));
  }

  it('is refused when it is unknown', () => {
    expect(() => podField(pod, place, 'spec.hostNetwork')).to.throw('spec.hostNetwork');
  });
});

describe('pod addresses', () => {
  it('count up within the network of the cluster', () => {
    expect(podAddress(20_000, 0)).to.equal('127.79.188.1');
    expect(podAddress(20_000, 1)).to.equal('127.79.188.2');
    expect(podAddress(20_000, 254)).to.equal('127.79.188.1');
  });

  it('differ between clusters, whatever their ports', () => {
    const ports = Array.from({ length: 10_000 }, (_, index) => 20_000 + index);
    expect(new Set(ports.map((port) => podAddress(port, 0))).size).to.equal(ports.length);
  });
});

describe('the port of a probe', () => {
  const container = { name: 'main', image: 'x', ports: [{ name: 'health', containerPort: 8081 }] };

  it('is a number or the name of a container port', () => {
    expect(portNumber(80, container)).to.equal(80);
    expect(portNumber('health', container)).to.equal(8081);
  });

  it('is refused when no port has that name', () => {
    expect(() => portNumber('metrics', container)).to.throw('metrics');
  });
});
