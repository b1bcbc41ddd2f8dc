import { expect } from 'chai';
import { localIdentity } from '../../../src/domain/identity/identity.ts';
import { type StandIns, standIns } from '../../support/stand-ins.ts';
import { type Bench, failureOf, okValue, patience, select, startBench, VAULT } from './bench.ts';

const NOBODY = 'echo "please log in: never-log-me" >&2; exit 1';
const EXPIRES = new Date(Date.now() + 3_600_000);

describe("the developer's own login", () => {
  let bench: Bench;
  let programs: StandIns;
  let token = '';

  before(async () => {
    bench = await startBench();
    const { control } = bench.pretend;
    await control.setSecret({ vault: 'shop-vault', name: 'db', value: 's3cret' });
    await control.setSetting({ store: 'shop', key: 'color', value: 'blue' });
    token = await control.issueToken({ clientId: bench.clientId, audience: 'https://azconfig.io' });
    programs = standIns();
  });
  after(async () => {
    programs.remove();
    await bench.stop();
  });
  beforeEach(() => {
    for (const program of ['az', 'azd', 'pwsh']) programs.set(program, NOBODY);
    programs.clear();
  });

  const identity = localIdentity('');
  const readStore = (azure = bench.azure()) => azure.headPages(select('*'), identity, [], patience());

  const az = () =>
    JSON.stringify({ accessToken: token, expires_on: EXPIRES.getTime() / 1_000, tokenType: 'Bearer' });
  const azd = () => JSON.stringify({ token, expiresOn: EXPIRES.toISOString() });
  const pwsh = () => JSON.stringify({ Token: token, ExpiresOn: EXPIRES.toISOString() });

  it('is that of the Azure CLI, and nobody else is asked', async () => {
    programs.set('az', `echo '${az()}'`);
    okValue(await readStore());
    expect(programs.calls()).to.deep.equal(['az']);
    expect(bench.cluster.calls).to.equal(0);
  });

  it('is that of the Azure Developer CLI, then of PowerShell, where the ones before give none', async () => {
    programs.set('pwsh', `echo '${pwsh()}'`);
    okValue(await readStore());
    expect([...new Set(programs.calls())]).to.deep.equal(['az', 'azd', 'pwsh']);
    programs.clear();
    programs.set('azd', `echo '${azd()}'`);
    okValue(await readStore());
    expect(programs.calls()).to.deep.equal(['az', 'azd']);
  });

  it('is asked for once for each audience, and only where it was found', async () => {
    programs.set('azd', `echo '${azd()}'`);
    const azure = bench.azure();
    okValue(await readStore(azure));
    okValue(await readStore(azure));
    expect(programs.calls()).to.deep.equal(['az', 'azd']);
    // The token is for stores: what counts is who is asked.
    failureOf(await azure.readSecret({ vault: VAULT, name: 'db' }, identity, patience()));
    expect(programs.calls()).to.deep.equal(['az', 'azd', 'azd']);
  });

  it('is a service principal of the environment before all others', async () => {
    const { value } = await bench.pretend.control.addClientSecret({ clientId: bench.clientId });
    programs.set('az', `echo '${az()}'`);
    const env = {
      AZURE_TENANT_ID: bench.pretend.tenantId,
      AZURE_CLIENT_ID: bench.clientId,
      AZURE_CLIENT_SECRET: value,
    };
    const azure = bench.azure({ env });
    okValue(await readStore(azure));
    const secret = await azure.readSecret({ vault: VAULT, name: 'db' }, identity, patience());
    expect(okValue(secret).value).to.equal('s3cret');
    expect(programs.calls()).to.deep.equal([]);
  });

  it('is nobody else where Entra refuses the service principal of the environment', async () => {
    programs.set('az', `echo '${az()}'`);
    const env = {
      AZURE_TENANT_ID: bench.pretend.tenantId,
      AZURE_CLIENT_ID: bench.clientId,
      AZURE_CLIENT_SECRET: 'never-log-me',
    };
    const failure = failureOf(await readStore(bench.azure({ env })));
    expect(failure).to.include({ kind: 'blocked', reason: 'LocalLoginMissing' });
    expect(failure.message).to.include('environment').and.include('AADSTS7000215');
    expect(failure.message).to.not.include('never-log-me');
    expect(programs.calls()).to.deep.equal([]);
  });

  it('is nobody else where the environment names a tenant that is none', async () => {
    programs.set('az', `echo '${az()}'`);
    const principal = { AZURE_CLIENT_ID: bench.clientId, AZURE_CLIENT_SECRET: 'never-log-me' };
    const azure = bench.azure({ env: { ...principal, AZURE_TENANT_ID: 'my tenant' } });
    const store = failureOf(await readStore(azure));
    const vault = failureOf(await azure.readSecret({ vault: VAULT, name: 'db' }, identity, patience()));
    for (const failure of [store, vault]) {
      expect(failure).to.include({ kind: 'blocked', reason: 'LocalLoginMissing' });
      expect(failure.message)
        .to.include('environment: correct AZURE_TENANT_ID')
        .and.not.include('never-log-me');
    }
    expect(programs.calls()).to.deep.equal([]);
  });

  it('is missed with what to do for each, and without what the programs say', async () => {
    const failure = failureOf(await readStore());
    expect(failure).to.include({ kind: 'blocked', reason: 'LocalLoginMissing' });
    for (const word of ['AZURE_CLIENT_SECRET', 'az login', 'azd auth login', 'Connect-AzAccount', 'VS Code'])
      expect(failure.message).to.include(word);
    expect(failure.message).to.include('https://azconfig.io').and.not.include('never-log-me');
  });

  it('is missed with the way into another cloud, where the operator works in one', async () => {
    const failure = failureOf(await readStore(bench.azure({ cloud: 'AzureChina' })));
    for (const command of [
      'az cloud set --name AzureChinaCloud && az login',
      'azd config set cloud.name AzureChinaCloud && azd auth login',
      'Connect-AzAccount -Environment AzureChinaCloud',
    ])
      expect(failure.message).to.include(command);
  });

  it('is told what to grant to itself', async () => {
    const { control } = bench.pretend;
    const role = {
      role: 'AppConfigurationDataReader',
      principal: bench.clientId,
      store: 'shop',
    } as const;
    await control.removeRole(role);
    programs.set('az', `echo '${az()}'`);
    const failure = failureOf(await readStore());
    await control.assignRole(role);
    expect(failure.message).to.match(/^Your own login may not read/);
    const remedies = failure.kind === 'blocked' ? (failure.remedies ?? []) : [];
    expect(remedies[0]?.commands.join()).to.include('az ad signed-in-user show');
  });
});
