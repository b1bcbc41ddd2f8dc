import { expect } from 'chai';
import { parseSettings } from '../../src/settings/parse.ts';
import { ENVIRONMENT, helpText, SETTINGS } from '../../src/settings/table.ts';
import { BAD_SELECTORS, GOOD_SELECTORS } from '../support/label-selectors.ts';

const settings = (argv: readonly string[], env: Record<string, string> = {}) => {
  const parsed = parseSettings(argv, env);
  if (!parsed.ok) throw new Error(parsed.errors.join('; '));
  return parsed.settings;
};

const errors = (argv: readonly string[], env: Record<string, string> = {}): readonly string[] => {
  const parsed = parseSettings(argv, env);
  return parsed.ok ? [] : parsed.errors;
};

describe('settings', () => {
  it('have a default for everything', () => {
    const { http, driftIntervalMs, leaderElect, concurrency } = settings([]);
    expect({ http, driftIntervalMs, leaderElect, concurrency }).to.deep.equal({
      http: { host: '0.0.0.0', port: 8080 },
      driftIntervalMs: 300_000,
      leaderElect: true,
      concurrency: 16,
    });
  });

  it('take a flag over the environment over the default', () => {
    const env = { APPCONFIG_OPERATOR_LEASE_NAME: 'from-env', APPCONFIG_OPERATOR_LOG_LEVEL: 'debug' };
    const { leaseName, logLevel, namespace } = settings(['--lease-name=from-flag'], env);
    expect([leaseName, logLevel, namespace]).to.deep.equal(['from-flag', 'debug', 'appconfig-system']);
  });

  it('accept --flag value and --flag=value', () => {
    expect(settings(['--watch-namespaces', 'a, b,', '--concurrency=4'])).to.include({ concurrency: 4 });
    expect(settings(['--watch-namespaces', 'a, b,']).watchNamespaces).to.deep.equal(['a', 'b']);
  });

  it('take a bare IPv6 address of the downward API, and a bracketed one', () => {
    expect(settings(['--http-address=fd00::7:8080']).http).to.deep.equal({ host: 'fd00::7', port: 8080 });
    expect(settings(['--http-address=[::]:8080']).http).to.deep.equal({ host: '::', port: 8080 });
  });

  it('report every error at once, each with the flag and what was expected', () => {
    const found = errors([
      '--concurrency=many',
      '--drift-interval=5',
      '--nonsense',
      '--http-address=8080',
      '--leader-elect=yes',
      '--authority-host=http://x',
      '--log-level',
    ]);
    expect(found).to.have.length(7);
    for (const flag of [
      'concurrency',
      'drift-interval',
      'nonsense',
      'http-address',
      'leader-elect',
      'authority-host',
      'log-level',
    ]) {
      expect(
        found.some((error) => error.includes(`--${flag}`)),
        flag,
      ).to.equal(true);
    }
  });

  it('refuse a label selector that the API server would refuse', () => {
    for (const selector of GOOD_SELECTORS)
      expect(settings([`--binding-selector=${selector}`]).bindingSelector, selector).to.equal(selector);
    for (const selector of BAD_SELECTORS)
      expect(errors([`--binding-selector=${selector}`]), selector).to.deep.equal([
        `--binding-selector is ${JSON.stringify(selector)}; expected a label selector, such as team=a or team in (a,b)`,
      ]);
  });

  it('refuse what can be the name of no namespace, Lease or Secret', () => {
    expect(errors([`--watch-namespaces=shop,Shop,team a,a.b,-a,${'a'.repeat(64)}`])).to.deep.equal(
      ['Shop', 'team a', 'a.b', '-a', 'a'.repeat(64)].map(
        (name) =>
          `--watch-namespaces holds ${JSON.stringify(name)}; expected names of namespaces, such as team-a`,
      ),
    );
    expect(settings([`--watch-namespaces=shop,${'a'.repeat(63)},1`]).watchNamespaces).to.have.length(3);
    for (const flag of ['namespace', 'lease-name', 'key-secret-name'])
      for (const wrong of ['', 'Upper', 'two words', '-a'])
        expect(errors([`--${flag}=${wrong}`])[0], wrong).to.match(
          new RegExp(`^--${flag} is ".*"; expected `),
        );
    expect(errors(['--lease-name=a.b', '--key-secret-name=a.b'])).to.deep.equal([]);
  });

  it('take hosts of allowed vaults, with * in the first label', () => {
    expect(
      settings(['--allowed-vaults=Shop-*.vault.azure.net, a.vault.azure.net']).allowedVaults,
    ).to.deep.equal(['shop-*.vault.azure.net', 'a.vault.azure.net']);
    expect(settings([]).allowedVaults).to.deep.equal([]);
    for (const wrong of ['https://a.vault.azure.net', 'a.*.net', '*'])
      expect(errors([`--allowed-vaults=${wrong}`])[0], wrong).to.match(
        /--allowed-vaults holds .*; expected hosts/,
      );
  });

  it('take a tenant by its id or by a domain name, in lower case', () => {
    const tenant = (text: string) => settings([`--tenant-id=${text}`]).tenantId;
    const guid = '7d1a3f0e-52c4-4b0e-9a6d-3c5e8f2b9d41';
    expect([guid.toUpperCase(), 'Contoso.onmicrosoft.com', ''].map(tenant)).to.deep.equal([
      guid,
      'contoso.onmicrosoft.com',
      '',
    ]);
    for (const wrong of ['<tenant>', 'my tenant', 'abc/def', 'organizations', guid.slice(1), `${guid}.`])
      expect(errors([`--tenant-id=${wrong}`]), wrong).to.deep.equal([
        `--tenant-id is ${JSON.stringify(wrong)}; expected a GUID or a domain name such as contoso.onmicrosoft.com`,
      ]);
  });

  it('take a request budget of stores, and none by default', () => {
    expect(settings([]).storeRequestBudget).to.equal(0);
    expect(settings(['--store-request-budget=30000']).storeRequestBudget).to.equal(30_000);
    for (const wrong of ['-1', '1.5', '30k', '']) {
      expect(errors([`--store-request-budget=${wrong}`])).to.have.length(1);
    }
  });

  it('take a DNS server by its address, with a port or without', () => {
    const server = (text: string) => settings([`--dns-server=${text}`]).dnsServer;
    expect(['10.0.0.10', '10.0.0.10:5353', '::1', '[::1]:53', ''].map(server)).to.deep.equal([
      '10.0.0.10',
      '10.0.0.10:5353',
      '::1',
      '[::1]:53',
      '',
    ]);
    for (const wrong of ['dns.example', '10.0.0.10:0', '10.0.0.10:65536', '10.0.0', ':53'])
      expect(parseSettings([`--dns-server=${wrong}`], {})).to.deep.include({ ok: false });
  });

  it('take a flag alone for true, where it is true or false', () => {
    expect(settings(['--local-identity']).localIdentity).to.equal(true);
    expect(settings(['--local-identity', '--log-level=debug']).logLevel).to.equal('debug');
    expect(settings(['--leader-elect', 'false', '--local-identity']).leaderElect).to.equal(false);
    expect(errors(['--log-level'])).to.have.length(1);
  });

  it('take no part in an election and listen to nobody else on a laptop, unless told to', () => {
    const local = settings(['--local-identity']);
    expect([local.leaderElect, local.http.host]).to.deep.equal([false, '127.0.0.1']);
    const told = settings(['--local-identity', '--leader-elect', '--http-address=0.0.0.0:1']);
    expect([told.leaderElect, told.http.host]).to.deep.equal([true, '0.0.0.0']);
    expect(settings(['--local-identity=false']).leaderElect).to.equal(true);
  });

  it('refuse the login of a developer in a pod, whatever else is set', () => {
    const pod = { KUBERNETES_SERVICE_HOST: '10.0.0.1' };
    for (const argv of [['--local-identity'], ['--local-identity', '--kubeconfig=/k']]) {
      const refused = parseSettings(argv, pod);
      expect(refused.ok ? [] : refused.errors)
        .to.have.length(1)
        .and.satisfy(([error = '']: string[]) => error.includes('outside of clusters'));
    }
    const byVariable = parseSettings([], { ...pod, APPCONFIG_OPERATOR_LOCAL_IDENTITY: 'true' });
    expect(byVariable.ok).to.equal(false);
  });

  it('name a host suffix that is no domain, under which nothing could lie', () => {
    for (const flag of ['store-suffixes', 'vault-suffixes'])
      for (const wrong of ['*.contoso.example', 'https://contoso.example', 'contoso.example:443', 'a..b'])
        expect(errors([`--${flag}=good.example,${wrong}`])[0], wrong).to.match(
          new RegExp(`^--${flag} holds ".*"; expected domain names without scheme or \\*`),
        );
  });

  it('normalise host suffixes', () => {
    expect(settings(['--store-suffixes=.Example.COM,private.link']).storeSuffixes.slice(-2)).to.deep.equal([
      'example.com',
      'private.link',
    ]);
  });

  it('take authority and domains from the cloud', () => {
    const chosen = (...argv: string[]) => {
      const { cloud, authorityHost, storeSuffixes, vaultSuffixes } = settings(argv);
      return { cloud, authorityHost, storeSuffixes, vaultSuffixes };
    };
    expect(chosen()).to.deep.equal({
      cloud: 'AzurePublic',
      authorityHost: 'https://login.microsoftonline.com',
      storeSuffixes: ['azconfig.io', 'appconfig.azure.com'],
      vaultSuffixes: ['vault.azure.net'],
    });
    expect(chosen('--cloud=AzureUSGovernment')).to.deep.equal({
      cloud: 'AzureUSGovernment',
      authorityHost: 'https://login.microsoftonline.us',
      storeSuffixes: ['azconfig.azure.us', 'appconfig.azure.us'],
      vaultSuffixes: ['vault.usgovcloudapi.net'],
    });
    expect(chosen('--cloud=AzureChina')).to.include({
      authorityHost: 'https://login.partner.microsoftonline.cn',
    });
    expect(settings([], { APPCONFIG_OPERATOR_CLOUD: 'AzureChina' }).cloud).to.equal('AzureChina');
  });

  it('let an authority and further domains stand beside the cloud', () => {
    const { authorityHost, storeSuffixes, vaultSuffixes } = settings([
      '--cloud=AzureChina',
      '--authority-host=https://login.example/',
      '--store-suffixes=stores.example',
      '--vault-suffixes=vaults.example',
    ]);
    expect(authorityHost).to.equal('https://login.example');
    expect(storeSuffixes).to.deep.equal(['azconfig.azure.cn', 'appconfig.azure.cn', 'stores.example']);
    expect(vaultSuffixes).to.deep.equal(['vault.azure.cn', 'vaults.example']);
  });

  it('name the clouds there are where one is unknown', () => {
    expect(errors(['--cloud=AzureGermany'])).to.deep.equal([
      '--cloud is "AzureGermany"; expected one of AzurePublic, AzureUSGovernment, AzureChina',
    ]);
  });

  it('are all explained by --help', () => {
    for (const { name, help } of ENVIRONMENT) expect(helpText()).to.contain(name).and.contain(help);
    for (const { flag, help } of SETTINGS) {
      expect(helpText()).to.contain(`--${flag} `);
      expect(help).not.to.equal('');
    }
  });
});
