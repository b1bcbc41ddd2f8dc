/**
 * The developer's own login, for an operator outside of clusters (`--local-identity`).
 *
 * Guarantees: asked in this order, and no others: a service principal in the environment, Azure CLI, Azure Developer
 * CLI, PowerShell, VS Code; never a managed identity. The first that gives a token is asked from then on. A service
 * principal in the environment is meant: if Entra refuses it, nobody else is asked.
 * Assumptions: imported lazily, so that a pod loads none of it.
 * Failure: one that names what is missing for each; nothing of what a program or Entra says is in it but an AADSTS number.
 */
import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import {
  AzureCliCredential,
  AzureDeveloperCliCredential,
  AzurePowerShellCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  useIdentityPlugin,
  VisualStudioCodeCredential,
} from '@azure/identity';
import { CLOUDS, type CloudName, DEFAULT_CLOUD } from '../../domain/clouds.ts';
import { blocked, fail, ok, type Result } from '../../domain/failure.ts';
import { isTenant, TENANT_FORM } from '../../domain/identity/entra-ids.ts';
import { isKnownAuthority } from './authorities.ts';

export interface LocalLoginOptions {
  /** As the process has it: AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, … */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** '' for the one that each login is in. */
  readonly tenantId: string;
  readonly cloud: CloudName;
  readonly authorityHost: string;
  readonly http: HttpClient;
  readonly userAgent: string;
}

interface Source {
  readonly name: string;
  readonly credential: TokenCredential | undefined;
  /** What to do to have it. */
  readonly remedy: string;
  /** Whether a refusal is the last word. */
  readonly meant: boolean;
}

/** PowerShell takes many seconds to start. */
const PROCESS_MS = 30_000;

export class LocalLogin {
  readonly #sources: readonly Source[];
  #chosen: Source | undefined;

  constructor(options: LocalLoginOptions) {
    this.#sources = sourcesOf(options);
  }

  async token(scopes: readonly string[], options: GetTokenOptions): Promise<Result<AccessToken>> {
    const missing: string[] = [];
    for (const source of this.#chosen ? [this.#chosen] : this.#sources) {
      const answer = await ask(source, scopes, options);
      if (answer.token !== undefined) {
        this.#chosen = source;
        return ok(answer.token);
      }
      missing.push(`${source.name}: ${answer.why}`);
      if (source.meant && source.credential !== undefined) break;
    }
    const audience = scopes.map((scope) => scope.replace(/\/\.default$/, '')).join(' ');
    const message = `No login of yours gives a token for ${audience} (${missing.join('; ')}): log in with one of them.`;
    return fail(blocked('LocalLoginMissing', message));
  }
}

type Said = { readonly token: AccessToken } | { readonly token?: undefined; readonly why: string };

async function ask(
  { credential, remedy }: Source,
  scopes: readonly string[],
  options: GetTokenOptions,
): Promise<Said> {
  if (credential === undefined) return { why: remedy };
  try {
    const token = await credential.getToken([...scopes], options);
    return token === null ? { why: remedy } : { token };
  } catch (error) {
    const [number] = /AADSTS\d{4,9}/.exec(error instanceof Error ? error.message : '') ?? [];
    return { why: number === undefined ? remedy : `Entra refuses it with ${number}` };
  }
}

/** How each program logs in to a cloud: all but the public one must be named first. */
function loginCommands(cloud: CloudName): Readonly<Record<'az' | 'azd' | 'powershell', string>> {
  if (cloud === DEFAULT_CLOUD)
    return { az: 'az login', azd: 'azd auth login', powershell: 'Connect-AzAccount' };
  const { cliName } = CLOUDS[cloud];
  return {
    az: `az cloud set --name ${cliName} && az login`,
    // (learn.microsoft.com/azure/developer/azure-developer-cli/sovereign-clouds)
    azd: `azd config set cloud.name ${cliName} && azd auth login`,
    powershell: `Connect-AzAccount -Environment ${cliName}`,
  };
}

function sourcesOf(options: LocalLoginOptions): readonly Source[] {
  const { env, tenantId, cloud, authorityHost, http, userAgent } = options;
  const commands = loginCommands(cloud);
  const tenant = tenantId === '' ? {} : { tenantId };
  const program = { ...tenant, processTimeoutInMs: PROCESS_MS };
  const direct = {
    authorityHost,
    disableInstanceDiscovery: !isKnownAuthority(authorityHost),
    httpClient: http,
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
    userAgentOptions: { userAgentPrefix: userAgent },
  };
  return [
    environment(env ?? {}, direct),
    other('Azure CLI', new AzureCliCredential(program), commands.az),
    other('Azure Developer CLI', new AzureDeveloperCliCredential(program), commands.azd),
    other('PowerShell', new AzurePowerShellCredential(program), commands.powershell),
    other(
      'VS Code',
      fromVsCode(new VisualStudioCodeCredential({ ...tenant, ...direct })),
      'sign in with its Azure Resources extension, and install @azure/identity-vscode here',
    ),
  ];
}

const other = (name: string, credential: TokenCredential, remedy: string): Source => ({
  name,
  credential,
  remedy,
  meant: false,
});

/** By a plugin with native parts, which whoever wants it installs: without it the credential is not available. */
const VS_CODE_PLUGIN = '@azure/identity-vscode';

const fromVsCode = (credential: TokenCredential): TokenCredential => ({
  async getToken(scopes, options) {
    const { vsCodePlugin } = await import(VS_CODE_PLUGIN);
    useIdentityPlugin(vsCodePlugin);
    return credential.getToken(scopes, options);
  },
});

type Environment = NonNullable<LocalLoginOptions['env']>;
type DirectOptions = ConstructorParameters<typeof ClientSecretCredential>[3];

/** For a tenant id that is none: the SDK's credentials throw on it where they are made. */
const NONE: TokenCredential = { getToken: () => Promise.resolve(null) };

function environment(env: Environment, options: DirectOptions): Source {
  const credential = principalOf(env, options);
  const remedy =
    credential === NONE
      ? `correct AZURE_TENANT_ID, expected ${TENANT_FORM}`
      : 'set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH, or correct them';
  return { name: 'environment', credential, remedy, meant: true };
}

/** By the variables of the SDKs' own `EnvironmentCredential`, without its user names and passwords. */
function principalOf(env: Environment, options: DirectOptions): TokenCredential | undefined {
  const { AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: clientId } = env;
  const { AZURE_CLIENT_SECRET: secret, AZURE_CLIENT_CERTIFICATE_PATH: path = '' } = env;
  if (!tenantId || !clientId || !(secret || path)) return undefined;
  if (!isTenant(tenantId)) return NONE;
  if (secret) return new ClientSecretCredential(tenantId, clientId, secret, options);
  const password = env['AZURE_CLIENT_CERTIFICATE_PASSWORD'];
  const certificate = { certificatePath: path, ...(password ? { certificatePassword: password } : {}) };
  return new ClientCertificateCredential(tenantId, clientId, certificate, options);
}
