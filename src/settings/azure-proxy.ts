/**
 * Where tokens of AKS identity bindings come from, as the webhook of Azure Workload Identity tells a pod that asks for
 * one. The variables and their rules are those of the Azure SDKs (`enableAzureProxy` of `WorkloadIdentityCredential`,
 * learn.microsoft.com/azure/aks/identity-bindings-concepts).
 */
export interface AzureProxySettings {
  /** `https://<host>[:<port>][/<path>]`, without a slash at the end. */
  readonly url: string;
  /** By which the proxy is called in TLS; '' for the host of the URL. */
  readonly serverName: string;
  /** Whom to trust instead of the usual authorities, if anyone. */
  readonly ca: { readonly file: string } | { readonly pem: string } | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const NAMES = {
  url: 'AZURE_KUBERNETES_TOKEN_PROXY',
  serverName: 'AZURE_KUBERNETES_SNI_NAME',
  caFile: 'AZURE_KUBERNETES_CA_FILE',
  caData: 'AZURE_KUBERNETES_CA_DATA',
} as const;

/** Undefined: there is no proxy. What is wrong goes to `errors`. */
export function parseAzureProxy(env: Environment, errors: string[]): AzureProxySettings | undefined {
  const given = (name: keyof typeof NAMES) => env[NAMES[name]]?.trim() ?? '';
  const [url, serverName, file, pem] = [given('url'), given('serverName'), given('caFile'), given('caData')];
  if (url === '') {
    const stray = Object.values(NAMES).find((name) => env[name]?.trim());
    if (stray !== undefined) errors.push(`${stray} is set, and ${NAMES.url} is not`);
    return undefined;
  }
  if (!isEndpoint(url))
    errors.push(
      `${NAMES.url} is ${JSON.stringify(url)}; expected https:// and a host, without user, query or fragment`,
    );
  if (file !== '' && pem !== '')
    errors.push(`${NAMES.caFile} and ${NAMES.caData} are both set; expected one`);
  return { url: url.replace(/\/+$/, ''), serverName, ca: authority(file, pem) };
}

const authority = (file: string, pem: string): AzureProxySettings['ca'] =>
  file !== '' ? { file } : pem !== '' ? { pem } : undefined;

function isEndpoint(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return protocol === 'https:' && [username, password, search, hash].every((part) => part === '');
}
