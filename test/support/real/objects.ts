import type { ApiClient } from '../../../dev/cluster/api.ts';

interface Named {
  readonly metadata: { readonly name: string };
}

/** Any Kubernetes object, as far as tests look at it. */
export interface SeenObject {
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly uid: string; readonly name: string }[];
  };
}

/** A ConfigMap, or a Secret with its values in base64. */
export interface SeenData extends SeenObject {
  readonly data?: Readonly<Record<string, string>>;
  /** Of a Secret. */
  readonly type?: string;
}

/** An event of events.k8s.io/v1. */
export interface SeenEvent extends SeenObject {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly note: string;
  readonly regarding: { readonly kind: string; readonly name: string };
  readonly series?: { readonly count: number };
}

const ROOTS: Readonly<Record<string, string>> = {
  namespaces: '/api/v1',
  configmaps: '/api/v1',
  secrets: '/api/v1',
  serviceaccounts: '/api/v1',
  pods: '/api/v1',
  deployments: '/apis/apps/v1',
  replicasets: '/apis/apps/v1',
  statefulsets: '/apis/apps/v1',
  daemonsets: '/apis/apps/v1',
  cronjobs: '/apis/batch/v1',
  jobs: '/apis/batch/v1',
  events: '/apis/events.k8s.io/v1',
  leases: '/apis/coordination.k8s.io/v1',
  appconfigbindings: '/apis/appconfig.dev/v1alpha1',
};

/** Path of a namespaced resource, e.g. `pathOf('configmaps', 'shop', 'orders')`. */
export function pathOf(plural: string, namespace: string, name?: string): string {
  const collection = `${ROOTS[plural] ?? '/api/v1'}/namespaces/${namespace}/${plural}`;
  return name === undefined ? collection : `${collection}/${name}`;
}

/** Reads and writes as JSON, without starting a process for each: tests poll a lot. */
export class Objects {
  readonly #api: ApiClient;

  constructor(api: ApiClient) {
    this.#api = api;
  }

  /** Undefined when there is none. */
  async get<T extends SeenObject>(plural: string, namespace: string, name: string): Promise<T | undefined> {
    const { status, body } = await this.#api.request<T>('GET', pathOf(plural, namespace, name));
    if (status === 404) return undefined;
    return accepted(status, body, `GET ${plural} ${namespace}/${name}`);
  }

  async list<T extends SeenObject>(plural: string, namespace: string): Promise<readonly T[]> {
    const answer = await this.#api.request<{ items: readonly T[] }>('GET', pathOf(plural, namespace));
    return accepted(answer.status, answer.body, `LIST ${plural} ${namespace}`).items;
  }

  async create<T>(plural: string, namespace: string, object: T): Promise<T> {
    const { status, body } = await this.#api.request<T>('POST', pathOf(plural, namespace), { body: object });
    return accepted(status, body, `POST ${plural} in ${namespace}`);
  }

  /** Whatever is there, and whoever wrote it last. */
  async replace<T extends Named>(plural: string, namespace: string, object: T): Promise<T> {
    const { name } = object.metadata;
    const { status, body } = await this.#api.request<T>('PUT', pathOf(plural, namespace, name), {
      body: object,
    });
    return accepted(status, body, `PUT ${plural} ${namespace}/${name}`);
  }

  /** A JSON merge patch. */
  async patch<T>(plural: string, namespace: string, name: string, patch: object): Promise<T> {
    const { status, body } = await this.#api.request<T>('PATCH', pathOf(plural, namespace, name), {
      body: patch,
    });
    return accepted(status, body, `PATCH ${plural} ${namespace}/${name}`);
  }

  async delete(plural: string, namespace: string, name: string): Promise<void> {
    const { status, body } = await this.#api.request('DELETE', pathOf(plural, namespace, name));
    accepted(status, body, `DELETE ${plural} ${namespace}/${name}`);
  }
}

function accepted<T>(status: number, body: T, what: string): T {
  if (status >= 200 && status < 300) return body;
  throw new Error(`${what} was answered with ${status}: ${JSON.stringify(body)}`);
}
