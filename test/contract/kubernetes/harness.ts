import { expect } from 'chai';
import type { Clock } from '../../../src/ports/clock.ts';
import type {
  KubernetesApi,
  KubernetesObject,
  KubernetesResult,
  ObjectRef,
} from '../../../src/ports/kubernetes.ts';
import { CONFIG_MAPS } from '../../support/memory-cluster/index.ts';

/** A cluster under test. */
export interface ClusterUnderTest {
  readonly api: KubernetesApi;
  readonly clock: Clock;
  /** Makes an empty namespace of its own for one test. @returns its name. */
  namespace(): Promise<string>;
  /** Lets time pass until `condition` holds; fails after a while. */
  until(condition: () => boolean): Promise<void>;
  /** A resourceVersion that the cluster has forgotten. */
  expiredVersion(): Promise<string>;
  /** Breaks open watches, and makes sure that what `meanwhile` does is not seen by them. */
  interrupt(meanwhile: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

export type MakeCluster = () => Promise<ClusterUnderTest>;

export interface ConfigMap extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
  readonly immutable?: boolean;
}

export interface Fixture {
  readonly cluster: ClusterUnderTest;
  readonly api: KubernetesApi;
  readonly namespace: string;
}

/** One cluster for the tests of the enclosing `describe`, and a fresh namespace for each of them. */
export function useCluster(make: MakeCluster): () => Fixture {
  let cluster: ClusterUnderTest;
  let namespace: string;
  before(async () => {
    cluster = await make();
  });
  beforeEach(async () => {
    namespace = await cluster.namespace();
  });
  after(() => cluster.close());
  return () => ({ cluster, api: cluster.api, namespace });
}

export const configMap = (
  namespace: string,
  name: string,
  data: Readonly<Record<string, string>> = {},
  metadata: object = {},
): ConfigMap => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name, ...metadata }, data });

export const refOf = ({ metadata: { name, namespace } }: KubernetesObject): ObjectRef => ({
  type: CONFIG_MAPS,
  name,
  ...(namespace === undefined ? {} : { namespace }),
});

/** The value of a result that must be good. */
export function unwrap<T>(result: KubernetesResult<T>): T {
  if (!result.ok) throw new Error(`The call failed: ${JSON.stringify(result.error)}`);
  return result.value;
}

/** Asserts a refusal with this status, reason and, if given, first cause. */
export function expectRefusal(
  result: KubernetesResult<unknown>,
  code: number,
  reason: string,
  cause?: { readonly reason: string; readonly field: string },
): void {
  if (result.ok) throw new Error('The call succeeded.');
  expect(result.error).to.include({ kind: 'status', code, reason });
  if (cause !== undefined && result.error.kind === 'status') {
    expect(result.error.causes).to.deep.include(cause);
  }
}
