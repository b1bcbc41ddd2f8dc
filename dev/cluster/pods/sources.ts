import type { ApiClient } from '../api.ts';

/** Content of a ConfigMap or Secret by key. */
export type Content = Readonly<Record<string, Buffer>>;

interface DataObject {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

/** Reads a ConfigMap or a Secret; undefined when there is none. */
export async function readContent(
  api: ApiClient,
  kind: 'configmaps' | 'secrets',
  namespace: string,
  name: string,
): Promise<Content | undefined> {
  const path = `/api/v1/namespaces/${namespace}/${kind}/${name}`;
  const { status, body } = await api.request<DataObject>('GET', path);
  if (status === 404) return undefined;
  if (status !== 200) throw new Error(`reading ${kind} ${name} was answered with ${status}`);
  const encoding = kind === 'secrets' ? 'base64' : 'utf8';
  return { ...decode(body.data, encoding), ...decode(body.binaryData, 'base64') };
}

/** The same, where absence is an error unless it is optional. */
export async function requireContent(
  api: ApiClient,
  kind: 'configmaps' | 'secrets',
  namespace: string,
  source: { readonly name: string; readonly optional?: boolean },
): Promise<Content> {
  const content = await readContent(api, kind, namespace, source.name);
  if (content !== undefined) return content;
  if (source.optional === true) return {};
  throw new Error(`${kind === 'secrets' ? 'secret' : 'configmap'} "${source.name}" not found`);
}

function decode(
  data: Readonly<Record<string, string>> = {},
  encoding: BufferEncoding,
): Record<string, Buffer> {
  return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, encoding)]));
}
