import { expect } from 'chai';
import { checkType } from '../../../../src/domain/targets/secret-types.ts';

const problem = (type: string, data: Record<string, string>): string | undefined => {
  const result = checkType(type, data, 'orders');
  if (result.ok) return undefined;
  expect(result.failure).to.include({ kind: 'blocked', reason: 'SecretTypeUnfit' });
  return 'message' in result.failure ? result.failure.message : '';
};

describe('the type of a Secret', () => {
  it('asks for the keys that Kubernetes asks for, and names those that are missing', () => {
    expect(problem('kubernetes.io/tls', { 'tls.crt': '', 'tls.key': '' })).to.equal(undefined);
    expect(problem('kubernetes.io/tls', { 'tls.crt': '' })).to.match(
      /^Secret orders of type kubernetes\.io\/tls needs the key tls\.key, which .*; map settings to that key/,
    );
    expect(problem('kubernetes.io/tls', {})).to.include('needs the keys tls.crt and tls.key');
    expect(problem('kubernetes.io/ssh-auth', {})).to.include('ssh-privatekey');
    expect(problem('kubernetes.io/basic-auth', { password: '' })).to.equal(undefined);
    expect(problem('kubernetes.io/basic-auth', { user: '' })).to.include('username or password');
  });

  it('asks for JSON where Kubernetes does, and does not quote what is there', () => {
    expect(problem('kubernetes.io/dockerconfigjson', { '.dockerconfigjson': '{}' })).to.equal(undefined);
    const message = problem('kubernetes.io/dockerconfigjson', { '.dockerconfigjson': 'hunter2' });
    expect(message)
      .to.match(/needs a JSON object in the key \.dockerconfigjson/)
      .and.to.not.include('hunter2');
  });

  it('asks for nothing with any other type', () => {
    for (const type of ['Opaque', 'example.com/own', 'constructor'])
      expect(problem(type, {})).to.equal(undefined);
  });
});
