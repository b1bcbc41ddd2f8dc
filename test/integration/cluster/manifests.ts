/** Manifests of these tests, as JSON texts that kubectl applies. */

/** What a workload's pods look like. */
export interface PodParts {
  readonly image?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Merged into the only container. */
  readonly container?: object;
  /** Merged into the pod's spec. */
  readonly spec?: object;
}

function template(name: string, { image = 'example.test/web', annotations = {}, container, spec }: PodParts) {
  return {
    metadata: { labels: { app: name }, annotations },
    spec: { ...spec, containers: [{ name: 'main', image, ...container }] },
  };
}

/** A Deployment, StatefulSet or DaemonSet. */
export function workload(
  kind: 'Deployment' | 'StatefulSet' | 'DaemonSet',
  name: string,
  parts: PodParts = {},
): string {
  const spec = { selector: { matchLabels: { app: name } }, template: template(name, parts) };
  return JSON.stringify({ apiVersion: 'apps/v1', kind, metadata: { name }, spec });
}

/** A Pod of its own. */
export function pod(name: string, parts: PodParts = {}): string {
  const { metadata, spec } = template(name, parts);
  return JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name }, spec });
}
