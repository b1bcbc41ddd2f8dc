import { expect } from 'chai';
import { useOperator } from '../../support/real/running.ts';
import type { Team } from '../../support/real/team.ts';

interface Read {
  readonly name: string;
  readonly version?: string;
  readonly requestId: string;
  readonly outcome: string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("the operator's log, beside the log of a vault", function () {
  this.timeout(180_000);
  const running = useOperator();

  /** What the operator wrote of the team's vault. */
  const logged = async ({ vaultHost }: Team) =>
    (await running().operator.log())
      .filter(
        ({ message, ...fields }) =>
          message === 'Secrets were read from a vault.' && fields['vault'] === vaultHost,
      )
      .flatMap((line) => (line['reads'] as Read[]).map((read) => ({ ...read, line })));

  /** What the vault wrote of those that had a token: path, id and caller. */
  const served = async ({ azure, vaultHost }: Team) =>
    (await azure.requests({ service: 'keyvault', host: vaultHost })).filter(({ status }) => status !== 401);

  it('has each read of the vault once, by request id, name, version and caller', async () => {
    const team = await running().team();
    const names = ['alpha', 'beta', 'gamma'];
    for (const name of names) {
      await team.setSecret(name, `${name}-never-log-me`);
      await team.setReference(name, name);
    }
    await team.setReference('missing', 'missing');
    await team.apply(team.spec());
    await team.untilCondition('SecretsResolved', 'False', 'SecretNotFound');
    await team.setSecret('missing', 'here-never-log-me');
    await team.untilReady();
    await team.setSecret('alpha', 'rotated-never-log-me');
    await team.refresh('audit');
    await team.until('the echo', async () => (await team.status()).lastHandledRefresh === 'audit');
    const reads = await team.until('all reads in the log', async () => {
      const [own, theirs] = [await logged(team), await served(team)];
      return own.length === theirs.length && own;
    });
    const requests = await served(team);
    expect(requests.length).to.be.at.least(2 * names.length);
    const joined = requests.map(({ clientRequestId, path, principal }) => ({
      entries: reads.filter(
        ({ requestId, name, line }) =>
          requestId === clientRequestId &&
          path.split('/')[2] === name &&
          Object(line['identity']).clientId === principal,
      ).length,
    }));
    expect(joined.every(({ entries }) => entries === 1)).to.equal(true);
    for (const { requestId, outcome, version, line } of reads) {
      expect(requestId).to.match(UUID);
      expect(outcome).to.be.oneOf(['ok', 'SecretNotFound']);
      expect(version === undefined).to.equal(outcome !== 'ok');
      expect(line['binding']).to.equal(`${team.namespace}/orders`);
      expect(Object(line['identity'])).to.include({ subject: team.subject, clientId: team.app.clientId });
    }
    expect(await running().operator.output()).to.not.include('never-log-me');
  });

  it('has the list of a whole vault, by the id that each of its pages carries', async () => {
    const team = await running().team();
    for (let index = 0; index < 30; index += 1) await team.setSecret(`listed-${index}`, 'never-log-me');
    await team.apply(team.spec({ keyVault: { all: [{ vault: team.vault }] } }));
    await team.set('color', 'blue');
    await team.untilReady();
    const lines = (await running().operator.log()).filter(
      ({ message, ...fields }) =>
        message === 'The secrets of a vault were listed.' && fields['vault'] === team.vaultHost,
    );
    const pages = (await served(team)).filter(({ path }) => /^\/secrets\/?$/.test(path));
    const ids = new Set(pages.map(({ clientRequestId }) => clientRequestId));
    expect(new Set(lines.map(({ requestId }) => requestId))).to.deep.equal(ids);
    expect(pages).to.have.length(2 * ids.size);
    for (const line of lines) {
      expect(line).to.include({ listed: 30, outcome: 'ok', binding: `${team.namespace}/orders` });
      expect(Object(line['identity'])).to.include({ subject: team.subject, clientId: team.app.clientId });
    }
    expect(await running().operator.output()).to.not.include('never-log-me');
  });
});
