import { blocked, type Failure, fail, ok, type Result } from '../domain/failure.ts';
import { Concealed } from '../domain/identity/concealed.ts';
import type { SecretTexts } from '../domain/identity/secret-members.ts';
import type { Clock } from '../ports/clock.ts';
import type { KubernetesObject, KubernetesResult, ObjectReader } from '../ports/kubernetes.ts';
import { SECRET } from './kinds.ts';
import { isNotFound, kubernetesFailure } from './kubernetes-failures.ts';

/** What nobody asked for this long is forgotten. */
const FORGET_AFTER_MS = 600_000;

export interface SecretPlace {
  readonly namespace: string;
  readonly name: string;
  /** Who names it, e.g. `spec.identity.servicePrincipal.secretRef.name`; for messages. */
  readonly field: string;
}

export interface CredentialRead {
  readonly texts: Concealed<SecretTexts>;
  /** When the API server was last asked, milliseconds since the epoch. */
  readonly readAt: number;
}

/** Secrets that hold credentials of identities, by name. */
export interface CredentialSecrets {
  /** As it was read at most `maxAgeMs` ago. */
  read(place: SecretPlace, maxAgeMs: number): Promise<Result<CredentialRead>>;
}

interface StoredSecret extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
}

type Answer = KubernetesResult<Concealed<SecretTexts>>;

interface Read {
  readonly at: number;
  readonly answer: Promise<Answer>;
}

/**
 * Guarantees: one GET per Secret at a time, shared by all bindings; Secrets are never listed or watched. While the API
 * server cannot be reached, what was read last is used on; a Secret that is gone or forbidden is a failure at once.
 */
export class SharedCredentialSecrets implements CredentialSecrets {
  readonly #kube: Pick<ObjectReader, 'get'>;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #reads = new Map<string, Read>();
  readonly #last = new Map<string, CredentialRead>();

  constructor(kube: Pick<ObjectReader, 'get'>, clock: Pick<Clock, 'now'>) {
    this.#kube = kube;
    this.#clock = clock;
  }

  async read(place: SecretPlace, maxAgeMs: number): Promise<Result<CredentialRead>> {
    const id = `${place.namespace}/${place.name}`;
    const { at, answer } = this.#share(id, place, maxAgeMs);
    const read = await answer;
    if (read.ok) {
      const known = { texts: read.value, readAt: at };
      this.#last.set(id, known);
      return ok(known);
    }
    const failure = readFailure(read.error, place);
    const last = this.#last.get(id);
    if (last === undefined || !passes(failure)) {
      this.#last.delete(id);
      return fail(failure);
    }
    return ok({ ...last, readAt: at });
  }

  #share(id: string, { namespace, name }: SecretPlace, maxAgeMs: number): Read {
    const now = this.#clock.now();
    const known = this.#reads.get(id);
    if (known !== undefined && known.at <= now && now - known.at < maxAgeMs) return known;
    this.#forget(now);
    const answer = this.#kube
      .get<StoredSecret>({ type: SECRET, namespace, name })
      .then((result): Answer => (result.ok ? { ok: true, value: textsOf(result.value) } : result));
    const read = { at: now, answer };
    this.#reads.set(id, read);
    const drop = (): void => {
      if (this.#reads.get(id) === read) this.#reads.delete(id);
    };
    // A failure, or a bug, is for those who wait, not for those who come later.
    answer.then(({ ok: worked }) => worked || drop(), drop);
    return read;
  }

  #forget(now: number): void {
    for (const [id, { at }] of this.#reads) if (now - at >= FORGET_AFTER_MS) this.#reads.delete(id);
    for (const [id, { readAt }] of this.#last) if (now - readAt >= FORGET_AFTER_MS) this.#last.delete(id);
  }
}

const textsOf = ({ data = {} }: StoredSecret): Concealed<SecretTexts> =>
  new Concealed(
    new Map(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()])),
  );

const passes = ({ kind }: Failure): boolean => kind === 'unavailable' || kind === 'throttled';

function readFailure(error: Parameters<typeof kubernetesFailure>[0], place: SecretPlace): Failure {
  const called = `Secret ${place.namespace}/${place.name}`;
  if (!isNotFound(error)) return kubernetesFailure(error, `reading ${called} for ${place.field}`);
  return blocked(
    'CredentialSecretNotFound',
    `${called} does not exist: create it, or correct ${place.field}`,
  );
}
