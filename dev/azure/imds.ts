import { createServer } from 'node:http';
import type { Cloud } from './cloud.ts';
import type { App } from './entra/directory.ts';
import { FrontDoor } from './frontdoor.ts';
import { type Answer, type Call, header, json, type Service } from './http/call.ts';
import { answering, onLoopback } from './http/loopback.ts';

/** The instance metadata service of one pretend virtual machine. */
export interface MetadataServer {
  /** `http://127.0.0.1:PORT`, the value of AZURE_POD_IDENTITY_AUTHORITY_HOST. */
  readonly url: string;
  stop(): Promise<void>;
}

const LIFETIME_SECONDS = 86_399;
const API_VERSION = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Tokens for managed identities (C.7): the header `Metadata: true` is needed, and nothing that came through a proxy is
 * answered; numbers are strings.
 *
 * Limits: `object_id` and `msi_res_id` are not looked up; every other path of the metadata service is 404.
 */
export class MetadataService implements Service {
  readonly name = 'imds';
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  answer(call: Call): Answer | Promise<Answer> {
    if (call.method !== 'GET' || call.path !== '/metadata/identity/oauth2/token') return { status: 404 };
    if (header(call, 'x-forwarded-for') !== undefined)
      return refused('invalid_request', 'Forwarded requests are not answered');
    if (header(call, 'metadata') !== 'true')
      return refused('bad_request_102', 'Required metadata header not specified');
    if (!API_VERSION.test(call.query.get('api-version') ?? ''))
      return refused('invalid_request', 'Required query variable api-version is missing or invalid');
    const resource = call.query.get('resource') ?? '';
    if (resource === '') return refused('invalid_request', 'Required query variable resource is missing');
    const identity = this.#identityOf(call.query.get('client_id') ?? undefined);
    return typeof identity === 'string'
      ? refused('invalid_request', identity)
      : this.#issue(identity, resource);
  }

  nativeError(status: number): Answer {
    return json(status, { error: 'server_error', error_description: 'The service is disturbed.' });
  }

  /** Without a client id: the system's, else the only one. Or what is wrong. */
  #identityOf(clientId: string | undefined): App | string {
    const { node, directory } = this.#cloud;
    const [only, ...others] = node.user;
    if (clientId === undefined && node.system === undefined && others.length > 0)
      return 'Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request';
    const wanted = (clientId ?? node.system ?? only ?? '').toLowerCase();
    const assigned = wanted === node.system || node.user.has(wanted);
    return (assigned ? directory.app(wanted) : undefined) ?? 'Identity not found';
  }

  async #issue(app: App, audience: string): Promise<Answer> {
    const { tokens, clock } = this.#cloud;
    const token = await tokens.issue({ app, audience, lifetimeSeconds: LIFETIME_SECONDS });
    const body = {
      access_token: token,
      client_id: app.clientId,
      expires_in: String(LIFETIME_SECONDS),
      expires_on: String(clock.seconds() + LIFETIME_SECONDS),
      ext_expires_in: String(LIFETIME_SECONDS),
      not_before: String(clock.seconds() - 300),
      resource: audience,
      token_type: 'Bearer',
    };
    return { ...json(200, body), principal: app.clientId };
  }
}

const refused = (error: string, text: string): Answer => ({
  ...json(400, { error, error_description: text }),
  code: error,
});

/** Plain HTTP on loopback, as on the link-local address of a virtual machine. */
export async function startMetadataServer(cloud: Cloud, port = 0): Promise<MetadataServer> {
  const service = new MetadataService(cloud);
  const { clock, faults, log } = cloud;
  const door = new FrontDoor({ clock, faults, log, resolve: () => service, isBlackHole: () => false });
  const server = createServer(answering((request, response) => door.handle(request, response)));
  const { port: bound, stop } = await onLoopback(server, port);
  return { url: `http://127.0.0.1:${bound}`, stop };
}
