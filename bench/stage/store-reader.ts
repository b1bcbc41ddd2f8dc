/** A bare client of a store: no SDK, so that what is measured is the pretend Azure. */
import { Agent, request } from 'node:https';
import type { PretendAzure } from './pretend-azure.ts';

export interface Answer {
  readonly status: number;
  readonly etag: string;
  readonly text: string;
}

const LIST = '/kv?api-version=2026-04-01&key=*&label=%00';

export class StoreReader {
  readonly #agent: Agent;
  readonly #host: string;
  #authorization = '';

  /** @param ca - Certificates of the pretend Azure, PEM. */
  constructor({ env }: PretendAzure, ca: string, host: string) {
    const proxyEnv = { HTTPS_PROXY: env['HTTPS_PROXY'] ?? '' };
    this.#agent = new Agent({ keepAlive: true, proxyEnv, ca });
    this.#host = host;
  }

  /** Reads as an application from now on. Failure: an error without the token endpoint's words. */
  async login(tenantId: string, clientId: string, secret: string): Promise<void> {
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: secret,
      scope: 'https://azconfig.io/.default',
    });
    const answer = await this.#ask('login.microsoftonline.com', `/${tenantId}/oauth2/v2.0/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
    });
    if (answer.status !== 200) throw new Error(`the token endpoint answered with ${answer.status}`);
    const { access_token } = JSON.parse(answer.text) as { access_token: string };
    this.#authorization = `Bearer ${access_token}`;
  }

  /** One page of all settings without a label; 304 where `known` is its ETag. */
  list(known?: string): Promise<Answer> {
    const condition = known === undefined ? {} : { 'if-none-match': known };
    const headers = { authorization: this.#authorization, ...condition };
    return this.#ask(this.#host, LIST, { method: 'GET', headers });
  }

  close(): void {
    this.#agent.destroy();
  }

  #ask(
    host: string,
    path: string,
    { method, headers, body }: { method: string; headers: Record<string, string>; body?: string },
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const asked = request({ agent: this.#agent, host, path, method, headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => {
          text += chunk;
        });
        answer.on('error', reject);
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 0, etag: String(answer.headers.etag ?? ''), text });
        });
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }
}
