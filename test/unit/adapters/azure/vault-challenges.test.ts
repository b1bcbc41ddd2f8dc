import {
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import { expect } from 'chai';
import { CHALLENGE_MS, VaultChallenges } from '../../../../src/adapters/azure/vault-challenges.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

const CHALLENGE = 'Bearer authorization="https://login.example/tenant", resource="https://vault.azure.net"';

describe('challenges of vaults', () => {
  function setup() {
    const clock = new VirtualClock();
    const sent: string[] = [];
    const world = { status: 401, header: CHALLENGE, fails: false };
    const http: HttpClient = {
      async sendRequest(request): Promise<PipelineResponse> {
        sent.push(request.headers.get('authorization') ?? 'anonymous');
        await clock.sleep(10);
        if (world.fails) throw new Error('no network');
        const headers = createHttpHeaders({ 'www-authenticate': world.header });
        return { request, status: world.status, headers };
      },
    };
    const challenges = new VaultChallenges(http, clock);
    const send = (token?: string, host = 'shop.vault.azure.net') => {
      const request = createPipelineRequest({ url: `https://${host}/secrets/db` });
      if (token !== undefined) request.headers.set('authorization', token);
      return challenges.sendRequest(request).then(
        ({ status, headers }) => `${status} ${headers.get('www-authenticate')}`,
        () => 'failed',
      );
    };
    /** All answers, with the time that they take. */
    const answers = async (...asked: Promise<string>[]) => {
      await clock.advance(100);
      return Promise.all(asked);
    };
    return { clock, sent, world, send, answers };
  }

  it('are asked for once by all who begin together, and then told', async () => {
    const { sent, send, answers } = setup();
    const told = await answers(send(), send(), send());
    expect(told).to.deep.equal(Array(3).fill(`401 ${CHALLENGE}`));
    expect(await answers(send())).to.deep.equal([`401 ${CHALLENGE}`]);
    expect(sent).to.deep.equal(['anonymous']);
  });

  it('are those of one vault', async () => {
    const { sent, send, answers } = setup();
    await answers(send(), send(undefined, 'other.vault.azure.net'));
    expect(sent).to.have.length(2);
  });

  it('do not concern requests that carry a token', async () => {
    const { sent, world, send, answers } = setup();
    await answers(send());
    world.status = 200;
    expect(await answers(send('Bearer t'))).to.deep.equal([`200 ${CHALLENGE}`]);
    expect(sent).to.deep.equal(['anonymous', 'Bearer t']);
  });

  it('are asked for again after a minute, and when a token was refused', async () => {
    const { clock, sent, send, answers } = setup();
    await answers(send());
    await clock.advance(CHALLENGE_MS - 150);
    await answers(send());
    expect(sent).to.have.length(1);
    await answers(send());
    expect(sent).to.have.length(2);
    await answers(send('Bearer old'));
    await answers(send());
    expect(sent).to.deep.equal(['anonymous', 'anonymous', 'Bearer old', 'anonymous']);
  });

  it('are asked for again when the clock was set back', async () => {
    const { clock, sent, send, answers } = setup();
    await answers(send());
    clock.setBack(3_600_000);
    await answers(send());
    expect(sent).to.have.length(2);
  });

  for (const header of ['Bearer error="insufficient_claims"', 'HMAC-SHA256', `${CHALLENGE}, error="x"`]) {
    it(`are nothing else that comes with a 401: ${header}`, async () => {
      const { sent, world, send, answers } = setup();
      world.header = header;
      await answers(send());
      await answers(send());
      expect(sent).to.have.length(2);
    });
  }

  it('leave everyone to ask for himself when the first got no answer', async () => {
    const { sent, world, send, answers } = setup();
    world.fails = true;
    expect(await answers(send(), send())).to.deep.equal(['failed', 'failed']);
    world.fails = false;
    expect(await answers(send(), send())).to.deep.equal(Array(2).fill(`401 ${CHALLENGE}`));
    expect(sent).to.have.length(3);
  });
});
