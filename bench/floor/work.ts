/** What the floor writes: objects of the size that an operator would write for the same population. */
import { PLAIN_KEYS, REFERENCES } from '../stage/population.ts';

export interface FloorBinding {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export interface FloorOrder {
  readonly port: number;
  readonly caPem: string;
  readonly token: string;
  readonly concurrency: number;
  readonly bindings: readonly FloorBinding[];
}

export interface FloorResult {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

const HASH = 'a'.repeat(43);
const TIME = '2026-01-01T00:00:00Z';

const metadata = ({ name, namespace, uid }: FloorBinding, suffix: string) => ({
  name: `${name}-${suffix}`,
  namespace,
  labels: { 'appconfig.dev/binding': name, 'app.kubernetes.io/managed-by': 'floor' },
  annotations: {
    'appconfig.dev/owner-uid': uid,
    'appconfig.dev/input-hash': HASH,
    'appconfig.dev/changed-at': TIME,
  },
  ownerReferences: [{ apiVersion: 'appconfig.dev/v1alpha1', kind: 'AppConfigBinding', name, uid }],
});

const entries = (count: number, value: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`setting-${index}`, value]));

export function configMapOf(binding: FloorBinding): object {
  return {
    metadata: metadata(binding, 'config'),
    data: entries(PLAIN_KEYS, 'a value of about forty characters, all'),
  };
}

export function secretOf(binding: FloorBinding): object {
  const { annotations, ...rest } = metadata(binding, 'secrets');
  const reference = {
    reference: 'https://bench-0-kv.vault.azure.net/secrets/secret-01',
    version: HASH,
    digest: HASH,
  };
  const references = JSON.stringify(Array.from({ length: REFERENCES }, () => reference));
  return {
    metadata: { ...rest, annotations: { ...annotations, 'appconfig.dev/references': references } },
    stringData: entries(REFERENCES, 'first value of a secret'),
  };
}

const CONDITIONS = ['Ready', 'SettingsFetched', 'SecretsResolved', 'TargetsApplied', 'RolloutsComplete'];

export const status = {
  observedGeneration: 1,
  settings: 20,
  secrets: 5,
  conditions: CONDITIONS.map((type) => ({
    type,
    status: 'True',
    reason: 'Succeeded',
    message: 'a message of about the length that conditions have when all is well',
    lastTransitionTime: TIME,
    observedGeneration: 1,
  })),
};
