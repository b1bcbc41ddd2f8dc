import { expect } from 'chai';
import fc from 'fast-check';
import { managedIdentity } from '../../../../src/domain/identity/identity.ts';
import {
  assigneeOf,
  enableSecret,
  grantStore,
  grantVault,
  openStore,
  openVault,
} from '../../../../src/domain/remedies/access.ts';
import {
  compareKeys,
  enableApplication,
  findApplication,
  nameTenant,
  publishIssuer,
  trustServiceAccount,
} from '../../../../src/domain/remedies/federation.ts';
import {
  allowIdentityBinding,
  createIdentityBinding,
} from '../../../../src/domain/remedies/identity-binding.ts';
import { nameApplication, nameTenantOf, newClientSecret } from '../../../../src/domain/remedies/principal.ts';
import { callsOf } from '../../../support/shell.ts';

const CLIENT = '5e0c2f2e-9a31-4c8a-8d55-0c7a5b1d2e3f';
const TENANT = '7d1a3f0e-52c4-4b0e-9a6d-3c5e8f2b9d41';
const account = { namespace: 'shop', serviceAccount: 'orders.v2', clientId: CLIENT, tenantId: TENANT };
const principal = { namespace: 'shop', secretName: 'orders-azure', clientId: CLIENT };
const trust = {
  issuer: 'https://oidc.example/tenant/',
  subject: 'system:serviceaccount:shop:orders.v2',
  audience: 'api://AzureADTokenExchange',
};
const ENDPOINT = 'https://contoso.azconfig.io';
const VAULT = 'contoso.vault.azure.net';

/** The calls that begin with these words. */
const called = (commands: readonly string[] | undefined, ...words: readonly string[]) =>
  callsOf(commands ?? []).filter((call) => words.every((word, at) => call[at] === word));
const argumentOf = (call: readonly string[] | undefined, option: string) => call?.[call.indexOf(option) + 1];

/** The name of the credential that `of` is trusted by. */
function credentialOf(of: typeof account, issuer = trust.issuer): string {
  const subject = `system:serviceaccount:${of.namespace}:${of.serviceAccount}`;
  const commands = trustServiceAccount(of, { ...trust, issuer, subject });
  const [call] = called(commands, 'az', 'identity', 'federated-credential', 'create');
  return argumentOf(call, '--name') ?? '';
}

/** The objects that let a ServiceAccount use a managed identity. */
function rightsOf(of: typeof account) {
  const [, line = ''] = allowIdentityBinding(of) ?? [];
  const [, text = ''] = /^echo '(.*)' \| kubectl apply --filename -$/.exec(line) ?? [];
  return JSON.parse(text).items;
}

describe('the commands of a remedy, run in a shell', () => {
  it('make a managed identity trust the ServiceAccount, letter by letter', () => {
    const [call, ...more] = called(
      trustServiceAccount(account, trust),
      ...['az', 'identity', 'federated-credential', 'create'],
    );
    expect(more).to.deep.equal([]);
    expect(call?.slice(4)).to.deep.equal([
      ...['--name', credentialOf(account), '--identity-name', 'of-az', '--resource-group', 'of-az'],
      ...['--issuer', trust.issuer, '--subject', trust.subject, '--audiences', trust.audience],
    ]);
    const [lookup] = called(trustServiceAccount(account, trust), 'az', 'identity', 'list');
    expect(argumentOf(lookup, '--query')).to.equal(`[?clientId=='${CLIENT}'].name`);
  });

  it('make an app registration trust it', () => {
    const [call] = called(trustServiceAccount(account, trust), 'az', 'ad', 'app', 'federated-credential');
    expect(argumentOf(call, '--id')).to.equal(CLIENT);
    expect(JSON.parse(argumentOf(call, '--parameters') ?? '')).to.deep.equal({
      name: credentialOf(account),
      issuer: trust.issuer,
      subject: trust.subject,
      audiences: [trust.audience],
    });
  });

  it('let a ServiceAccount use a managed identity by an identity binding', () => {
    const [call] = called(
      createIdentityBinding({ clientId: CLIENT }),
      'az',
      'aks',
      'identity-binding',
      'create',
    );
    expect(argumentOf(call, '--managed-identity-resource-id')).to.equal('of-az');
    const [role, binding] = rightsOf(account);
    expect(role.rules).to.deep.equal([
      { apiGroups: ['cid.wi.aks.azure.com'], resources: [CLIENT], verbs: ['use-managed-identity'] },
    ]);
    expect(binding.roleRef.name).to.equal(role.metadata.name);
    expect(binding.subjects).to.deep.equal([
      { kind: 'ServiceAccount', namespace: 'shop', name: 'orders.v2' },
    ]);
  });

  it('grant to an identity of the node that nobody named, once its principal id is put in', () => {
    const assignee = assigneeOf(managedIdentity());
    const [, role] = callsOf(grantStore(assignee, ENDPOINT) ?? []);
    expect(argumentOf(role, '--assignee')).to.equal('PRINCIPAL_ID');
    const commands = grantVault(assignee, VAULT, 'unknown');
    const [policy] = called(commands, 'az', 'keyvault', 'set-policy');
    expect(argumentOf(policy, '--object-id')).to.equal('PRINCIPAL_ID');
    for (const [first] of [commands, grantStore(assignee, ENDPOINT)].map((lines) => lines ?? []))
      expect(first).to.match(/^# PRINCIPAL_ID is /);
  });

  it('grant the role of the store, found by its endpoint', () => {
    const calls = callsOf(grantStore({ clientId: CLIENT }, ENDPOINT) ?? []);
    expect(argumentOf(calls[0], '--query')).to.equal(`[?endpoint=='${ENDPOINT}'].id`);
    expect(calls[1]).to.deep.equal([
      ...['az', 'role', 'assignment', 'create', '--assignee', CLIENT],
      ...['--role', 'App Configuration Data Reader', '--scope', 'of-az'],
    ]);
  });

  it('grant what the permission model of the vault knows, or both where that is not known', () => {
    const words = (model: Parameters<typeof grantVault>[2]) =>
      callsOf(grantVault({ clientId: CLIENT }, VAULT, model) ?? []).map((call) => call.slice(1, 3).join(' '));
    expect(words('rbac')).to.deep.equal(['keyvault show', 'role assignment']);
    expect(words('access-policy')).to.deep.equal(['keyvault set-policy']);
    expect(words('unknown')).to.deep.equal(['keyvault show', 'role assignment', 'keyvault set-policy']);
    const [, role] = callsOf(grantVault({ clientId: CLIENT }, VAULT, 'rbac') ?? []);
    expect([argumentOf(role, '--assignee'), argumentOf(role, '--role')]).to.deep.equal([
      CLIENT,
      'Key Vault Secrets User',
    ]);
    const [policy] = callsOf(grantVault({ clientId: CLIENT }, VAULT, 'access-policy') ?? []);
    expect([argumentOf(policy, '--name'), argumentOf(policy, '--spn')]).to.deep.equal(['contoso', CLIENT]);
    expect(policy?.slice(-2)).to.deep.equal(['--secret-permissions', 'get']);
    const [listing] = callsOf(grantVault({ clientId: CLIENT }, VAULT, 'access-policy', 'get list') ?? []);
    expect(listing?.slice(-3)).to.deep.equal(['--secret-permissions', 'get', 'list']);
  });

  it('open the way to a store or a vault', () => {
    const [update] = called(openStore(ENDPOINT), 'az', 'appconfig', 'update');
    expect(update?.slice(-2)).to.deep.equal(['--enable-public-network', 'true']);
    const rule = (publicAccess: boolean) =>
      called(openVault(VAULT, publicAccess), 'az', 'keyvault', 'network-rule');
    expect([rule(true).length, rule(false).length]).to.deep.equal([1, 0]);
    for (const commands of [openStore(ENDPOINT), openVault(VAULT, false)]) {
      expect(called(commands, 'az', 'network', 'private-endpoint', 'create')).to.have.length(1);
    }
  });

  it('enable a secret, or the version that is referred to', () => {
    const version = 'f'.repeat(32);
    const newest = callsOf(enableSecret({ vault: VAULT, name: 'db' }) ?? []);
    const pinned = callsOf(enableSecret({ vault: VAULT, name: 'db', version }) ?? []);
    expect(newest[0]).to.not.include('--version');
    expect(argumentOf(pinned[0], '--version')).to.equal(version);
    expect(argumentOf(pinned[0], '--vault-name')).to.equal('contoso');
  });

  it('put a new client secret, or the right ids, into a Secret, and leave the rest of it', () => {
    const patchOf = (commands: readonly string[] | undefined) => {
      const [call] = called(commands, 'kubectl', 'patch', 'secret', 'orders-azure');
      expect([argumentOf(call, '--namespace'), argumentOf(call, '--type')]).to.deep.equal(['shop', 'merge']);
      return JSON.parse(argumentOf(call, '--patch') ?? '');
    };
    const reset = called(newClientSecret(principal), 'az', 'ad', 'app', 'credential', 'reset');
    expect(reset[0]).to.include.members(['--append', CLIENT]);
    expect(patchOf(newClientSecret(principal))).to.deep.equal({ stringData: { clientSecret: 'of-az' } });
    expect(patchOf(nameApplication(principal))).to.deep.equal({ stringData: { clientId: 'CLIENT_ID' } });
    expect(patchOf(nameTenantOf(principal))).to.deep.equal({ stringData: { tenantId: 'of-az' } });
  });

  it('name the right application, tenant and issuer', () => {
    expect(called(enableApplication(account), 'az', 'ad', 'sp', 'update')[0]).to.include(CLIENT);
    expect(called(findApplication(account), 'kubectl', 'annotate')[0]).to.include.members([
      'orders.v2',
      'shop',
    ]);
    expect(called(nameTenant(account), 'kubectl', 'annotate')[0]).to.include(
      'azure.workload.identity/tenant-id=of-az',
    );
    const url = (commands: readonly string[] | undefined) => called(commands, 'curl')[0]?.at(-1);
    expect(url(publishIssuer(trust.issuer))).to.equal(
      'https://oidc.example/tenant/.well-known/openid-configuration',
    );
    expect(url(compareKeys(trust.issuer))).to.equal('https://oidc.example/tenant/openid/v1/jwks');
  });
});

describe('names of what a remedy creates', () => {
  const accounts = [
    { ...account, namespace: 'shop', serviceAccount: 'eu-orders' },
    { ...account, namespace: 'shop-eu', serviceAccount: 'orders' },
    { ...account, namespace: 'shop', serviceAccount: 'eu.orders' },
    { ...account, namespace: 'n'.repeat(63), serviceAccount: 's'.repeat(253) },
    { ...account, namespace: 'n'.repeat(63), serviceAccount: `${'s'.repeat(252)}t` },
  ];

  it('are of one ServiceAccount alone, so that the trust of no other is replaced', () => {
    const distinct = (names: readonly string[]) => expect(new Set(names).size).to.equal(accounts.length);
    distinct(accounts.map((one) => credentialOf(one)));
    distinct(accounts.map((one) => rightsOf(one)[1].metadata.name));
  });

  it('are of one cluster alone, and the same each time', () => {
    expect(credentialOf(account)).to.not.equal(credentialOf(account, 'https://oidc.example/other/'));
    expect(credentialOf(account))
      .to.equal(credentialOf(account))
      .and.match(/^shop-orders-v2-[0-9a-f]{8}$/);
  });

  it('are ones that Azure and Kubernetes take', () => {
    for (const one of accounts) {
      expect(credentialOf(one)).to.match(/^[A-Za-z0-9][A-Za-z0-9_-]{2,119}$/);
      for (const { metadata } of rightsOf(one)) {
        expect(metadata.name).to.match(/^[a-z0-9][a-z0-9-]*[a-z0-9]$/);
        expect(metadata.name.length).to.be.at.most(253);
      }
    }
  });
});

describe('names in the commands of a remedy', () => {
  const hostile = fc.oneof(
    fc.string({ minLength: 1 }),
    fc.constantFrom(
      '$(id)',
      '`id`',
      "'; id; '",
      '"; id; "',
      'a b',
      'a\nid',
      '--help',
      "x'] | [?'1'=='1",
      '\\',
    ),
  );
  const makers: readonly ((name: string) => readonly string[] | undefined)[] = [
    (name) => trustServiceAccount({ ...account, clientId: name }, trust),
    (name) => trustServiceAccount(account, { ...trust, issuer: name }),
    (name) => trustServiceAccount(account, { ...trust, audience: name }),
    (name) => findApplication({ ...account, tenantId: name }),
    (name) => nameTenant({ ...account, serviceAccount: name }),
    (name) => enableApplication({ clientId: name }),
    (name) => newClientSecret({ ...principal, secretName: name }),
    (name) => nameApplication({ ...principal, namespace: name }),
    (name) => nameTenantOf({ ...principal, secretName: name }),
    (name) => grantStore({ clientId: name }, ENDPOINT),
    (name) => grantStore({ clientId: CLIENT }, name),
    (name) => grantVault({ clientId: name }, VAULT, 'unknown'),
    (name) => enableSecret({ vault: VAULT, name }),
    (name) => createIdentityBinding({ clientId: name }),
    (name) => allowIdentityBinding({ ...account, clientId: name }),
    (name) => allowIdentityBinding({ ...account, serviceAccount: name }),
    publishIssuer,
    compareKeys,
  ];

  it('are taken literally by shell and query, or there is no command', () => {
    fc.assert(
      fc.property(fc.constantFrom(...makers), hostile, (make, name) => {
        const commands = make(name);
        if (commands === undefined) return;
        expect(name).to.match(/^[A-Za-z0-9:/._-]+$/);
        expect(name.startsWith('-'), 'an option').to.equal(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it('that are usual give commands', () => {
    for (const make of makers) expect(make('usual-name.v1')).to.not.equal(undefined);
  });
});
