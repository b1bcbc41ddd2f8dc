/** What people and other controllers do around a binding. */
import type { BindingSpec } from '../../../src/api/schema.ts';
import type { KubernetesObject } from '../../../src/ports/kubernetes.ts';
import { CONFIG_MAPS, DEPLOYMENTS, SECRETS, SERVICE_ACCOUNTS } from '../memory-cluster/index.ts';
import { CLIENT_ID, ENDPOINT, NAMESPACE, type Simulation, TENANT_ID } from '../simulation.ts';
import type { Audit } from './audit.ts';
import { podSpec } from './deployments.ts';
import { type BindingName, SNAPSHOT, second, type TargetKind, type Uses } from './steps.ts';

interface Scene {
  readonly simulation: Simulation;
  readonly audit: Audit;
}

const TYPES = { ConfigMap: CONFIG_MAPS, Secret: SECRETS } as const;

/** The spec as it was decided, without what keeps it from being carried out. */
export function healedSpec(name: BindingName, spec: BindingSpec): BindingSpec {
  const { suspend: _, rollout: __, selectors, ...rest } = spec;
  const secret = spec.target.secret ?? { name: 'orders-secrets' };
  const target = name === 'second' ? second.target : { ...spec.target, secret };
  const useful = selectors?.[0]?.key === 'nothing-here' ? undefined : selectors;
  return { ...rest, target, ...(useful === undefined ? {} : { selectors: useful }) };
}

export async function changeAccount(
  simulation: Simulation,
  change: 'delete' | 'recreate' | 'annotate' | 'strip',
): Promise<void> {
  const ref = { type: SERVICE_ACCOUNTS, namespace: NAMESPACE, name: 'orders' };
  const { admin } = simulation.cluster;
  const annotations = (client: string | null) => ({
    'azure.workload.identity/client-id': client,
    'azure.workload.identity/tenant-id': TENANT_ID,
  });
  if (change === 'annotate')
    await admin.mergePatch(ref, {
      metadata: { annotations: annotations('33333333-3333-3333-3333-333333333333') },
    });
  if (change === 'strip') await admin.mergePatch(ref, { metadata: { annotations: annotations(null) } });
  if (change === 'delete' || change === 'recreate') await admin.delete(ref);
  if (change === 'recreate')
    await admin.create(SERVICE_ACCOUNTS, {
      metadata: {
        namespace: NAMESPACE,
        name: 'orders',
        annotations: { ...annotations(CLIENT_ID), 'azure.workload.identity/client-id': CLIENT_ID },
      },
    });
}

export function changeSnapshot(
  { azure, clock }: Simulation,
  change: 'take' | 'archive' | 'remove' | 'refer',
): void {
  if (change === 'take') azure.snapshot(ENDPOINT, SNAPSHOT);
  const expiresAt = clock.now() + 3_600_000;
  if (change === 'archive') azure.changeSnapshot(ENDPOINT, SNAPSHOT, { status: 'archived', expiresAt });
  if (change === 'remove') azure.deleteSnapshot(ENDPOINT, SNAPSHOT);
  if (change === 'refer') azure.setSnapshotReference(ENDPOINT, 'app.color', SNAPSHOT);
}

export async function editTarget(
  { simulation, audit }: Scene,
  kind: TargetKind,
  change: 'data' | 'label' | 'empty' | 'delete',
): Promise<void> {
  const name = kind === 'Secret' ? 'orders-secrets' : 'orders-config';
  const ref = { type: TYPES[kind], namespace: NAMESPACE, name };
  const { admin } = simulation.cluster;
  audit.tampered = true;
  const value = kind === 'Secret' ? 'ZWRpdGVk' : 'edited';
  if (change === 'data') await admin.mergePatch(ref, { data: { base: value, password: value } });
  if (change === 'label')
    await admin.mergePatch(ref, { metadata: { labels: { 'appconfig.dev/binding': null } } });
  if (change === 'empty') await admin.mergePatch(ref, { data: null });
  if (change === 'delete') await admin.delete(ref);
}

export async function squat({ simulation, audit }: Scene, kind: TargetKind, name: string): Promise<void> {
  const object = {
    metadata: { namespace: NAMESPACE, name },
    data: { mine: 'bWluZQ==' },
  } as KubernetesObject;
  const made = await simulation.cluster.admin.create(TYPES[kind], object);
  const uid = made.ok ? made.value.metadata.uid : undefined;
  if (uid !== undefined)
    audit.squatters.set(uid, { uid, ref: { type: TYPES[kind], namespace: NAMESPACE, name } });
}

/** Creates the Deployment, or edits its template. */
export async function deploy(simulation: Simulation, name: string, uses: Uses): Promise<void> {
  const template = {
    metadata: { labels: { app: name, version: String(simulation.cluster.database.history.next) } },
    spec: podSpec(uses),
  };
  const ref = { type: DEPLOYMENTS, namespace: NAMESPACE, name };
  if (simulation.deployment(name)) await simulation.cluster.admin.mergePatch(ref, { spec: { template } });
  else
    await simulation.cluster.admin.create(DEPLOYMENTS, {
      metadata: { namespace: NAMESPACE, name },
      spec: { replicas: 1, template },
    } as KubernetesObject);
}

/** `enabled` null: deletes it. */
export function setFlag(
  { azure }: Simulation,
  { id, label, enabled }: { readonly id: string; readonly label?: string; readonly enabled: boolean | null },
): void {
  const key = `.appconfig.featureflag/${id}`;
  const contentType = 'application/vnd.microsoft.appconfig.ff+json;charset=utf-8';
  const value = JSON.stringify({ id, enabled, telemetry: { enabled } });
  if (enabled === null) azure.delete(ENDPOINT, key, label ?? null);
  else azure.set(ENDPOINT, { key, value, contentType, ...(label === undefined ? {} : { label }) });
}
