import { expect } from 'chai';
import { parseSettings } from '../../../src/settings/parse.ts';

const URL_NAME = 'AZURE_KUBERNETES_TOKEN_PROXY';
const proxyOf = (env: Record<string, string>) => {
  const parsed = parseSettings([], env);
  if (!parsed.ok) throw new Error(parsed.errors.join('; '));
  return parsed.settings.azureProxy;
};
const errorsOf = (env: Record<string, string>): readonly string[] => {
  const parsed = parseSettings([], env);
  return parsed.ok ? [] : parsed.errors;
};

describe('the proxy for identity bindings', () => {
  it('is what the webhook of AKS puts into the environment of a pod', () => {
    const env = {
      [URL_NAME]: 'https://kubernetes.default.svc.cluster.local/',
      AZURE_KUBERNETES_SNI_NAME: 'a123.ests.aks',
      AZURE_KUBERNETES_CA_FILE: '/var/run/secrets/azure/wi/ca-cert/ca.crt',
    };
    expect(proxyOf(env)).to.deep.equal({
      url: 'https://kubernetes.default.svc.cluster.local',
      serverName: 'a123.ests.aks',
      ca: { file: '/var/run/secrets/azure/wi/ca-cert/ca.crt' },
    });
  });

  it('is trusted by certificates in place of a file, or by the usual authorities', () => {
    expect(proxyOf({ [URL_NAME]: 'https://proxy:8443/path', AZURE_KUBERNETES_CA_DATA: 'PEM' })).to.deep.equal(
      {
        url: 'https://proxy:8443/path',
        serverName: '',
        ca: { pem: 'PEM' },
      },
    );
    expect(proxyOf({ [URL_NAME]: 'https://proxy' })).to.deep.equal({
      url: 'https://proxy',
      serverName: '',
      ca: undefined,
    });
  });

  it('is none where the environment names none', () => {
    expect(proxyOf({})).to.equal(undefined);
    expect(proxyOf({ [URL_NAME]: '' })).to.equal(undefined);
  });

  it('must be https and a host, with no user, query or fragment', () => {
    for (const url of ['http://a', 'proxy', 'https://u:p@a', 'https://a?x=y', 'https://a#x', 'ftp://a'])
      expect(errorsOf({ [URL_NAME]: url }), url).to.deep.equal([
        `${URL_NAME} is ${JSON.stringify(url)}; expected https:// and a host, without user, query or fragment`,
      ]);
  });

  it('is refused with two authorities, and with parts of it but no address', () => {
    const both = { AZURE_KUBERNETES_CA_FILE: '/ca.crt', AZURE_KUBERNETES_CA_DATA: 'PEM' };
    expect(errorsOf({ [URL_NAME]: 'https://proxy', ...both })).to.deep.equal([
      'AZURE_KUBERNETES_CA_FILE and AZURE_KUBERNETES_CA_DATA are both set; expected one',
    ]);
    for (const name of ['AZURE_KUBERNETES_SNI_NAME', 'AZURE_KUBERNETES_CA_FILE', 'AZURE_KUBERNETES_CA_DATA'])
      expect(errorsOf({ [name]: 'x' })).to.deep.equal([`${name} is set, and ${URL_NAME} is not`]);
  });
});
