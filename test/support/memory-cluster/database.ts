import { createHash } from 'node:crypto';
import type {
  KubernetesObject,
  KubernetesResult,
  ObjectMeta,
  ObjectRef,
  ResourceType,
} from '../../../src/ports/kubernetes.ts';
import { applyTo, fieldsOf } from './applying.ts';
import { alreadyExists, conflict, fail, invalid, namespaceTerminating, notFound, ok } from './errors.ts';
import { History } from './history.ts';
import { copy, equal, type Json, mergePatch } from './json.ts';
import { apiVersionOf, type KindRules, NAMESPACES, rulesFor } from './kinds.ts';
import { type Author, bare, isOf, trackFields } from './managed-fields.ts';
import { validate } from './validation.ts';

type Stored = KubernetesObject;
type Preconditions = { readonly uid?: string; readonly resourceVersion?: string };

/**
 * The objects of the memory cluster and the rules by which requests change them.
 *
 * Everything here is synchronous: one call is one transaction. Objects go in and out as copies.
 */
export class Database {
  readonly history = new History();
  readonly #objects = new Map<string, Stored>();
  readonly #now: () => number;
  /** Of an object that is changed, what the schema of its kind knows: of an older CRD, less than all. */
  pruned: (object: Stored) => Stored = (object) => object;
  #uids = 0;

  /** @param now wall clock, milliseconds since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  get(ref: ObjectRef): Stored | undefined {
    const stored = this.#objects.get(keyOf(ref.type, ref.namespace, ref.name));
    return stored === undefined ? undefined : copy(stored);
  }

  /** In the order of etcd's keys: by namespace, then name. */
  list(type: ResourceType, namespace?: string): Stored[] {
    const prefix = namespace === undefined ? `${kindKey(type)}/` : `${kindKey(type)}/${namespace}/`;
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(prefix)).sort();
    return keys.flatMap((key) => copy(this.#objects.get(key) ?? []));
  }

  create(type: ResourceType, object: Stored, author: Author): KubernetesResult<Stored> {
    const rules = rulesFor(type);
    const { generateName, namespace } = object.metadata;
    const name = object.metadata.name || `${generateName}${this.#hash(5)}`;
    const refused = this.#namespaceError(rules, namespace);
    if (refused !== undefined) return fail(refused);
    const own = { ...withoutServerFields(object.metadata), name };
    const metadata = { ...own, ...this.#identity(), ...(rules.generation ? { generation: 1 } : {}) };
    const created = this.#normalised(rules, { ...object, metadata }, undefined, false);
    const error = validate(rules, created);
    if (error !== undefined) return fail(error);
    if (this.#objects.has(keyOf(type, namespace, name))) return fail(alreadyExists());
    return ok(this.#store(rules, undefined, created, author));
  }

  update(type: ResourceType, object: Stored, author: Author): KubernetesResult<Stored> {
    const { name, namespace, resourceVersion, uid } = object.metadata;
    const old = this.get(refOf(type, namespace, name));
    if (old === undefined) return fail(notFound());
    if (!holds(old, { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) }))
      return fail(conflict());
    return this.#replace(rulesFor(type), old, object, author);
  }

  mergePatch(ref: ObjectRef, patch: object, author: Author): KubernetesResult<Stored> {
    const old = this.get(ref);
    if (old === undefined) return fail(notFound());
    const patched = mergePatch(toJson(old), toJson(patch)) as unknown as Stored;
    // A patch is applied to what is there, so a UID in it is an attempt to change it, not a precondition: 422.
    if (patched.metadata.uid !== old.metadata.uid) {
      return fail(invalid({ reason: 'FieldValueInvalid', field: 'metadata.uid' }));
    }
    const { resourceVersion } = patched.metadata;
    if (resourceVersion !== undefined && resourceVersion !== old.metadata.resourceVersion)
      return fail(conflict());
    return this.#replace(rulesFor(ref.type), old, patched, author);
  }

  /** Server-side apply. */
  apply(type: ResourceType, object: Stored, manager: string): KubernetesResult<Stored> {
    const { name, namespace, resourceVersion, uid } = object.metadata;
    const old = this.get(refOf(type, namespace, name));
    if (old === undefined)
      return uid === undefined
        ? this.create(type, object, { manager, applied: fieldsOf(bare(object)) })
        : fail(conflict());
    // As with patches, a UID in it is an attempt to change it.
    if (uid !== undefined && uid !== old.metadata.uid)
      return fail(invalid({ reason: 'FieldValueInvalid', field: 'metadata.uid' }));
    if (!holds(old, { ...(resourceVersion && { resourceVersion }) })) return fail(conflict());
    const outcome = applyTo(old, object, manager);
    if (outcome.kind === 'conflict')
      return fail(conflict(...outcome.fields.map((field) => ({ reason: 'FieldManagerConflict', field }))));
    return this.#replace(rulesFor(type), old, outcome.object, { manager, applied: outcome.fields });
  }

  delete(ref: ObjectRef, preconditions: Preconditions): KubernetesResult<undefined> {
    const old = this.get(ref);
    if (old === undefined) return fail(notFound());
    if (!holds(old, preconditions)) return fail(conflict());
    const finalizers = old.metadata.finalizers;
    const kept =
      ref.type.plural === NAMESPACES.plural || (Array.isArray(finalizers) && finalizers.length > 0);
    if (kept) this.#markDeleted(ref.type, old);
    else this.#remove(ref.type, old);
    return ok(undefined);
  }

  /** Removes a namespace that is being terminated, with all it holds. */
  finishNamespace(name: string): void {
    for (const [key, object] of [...this.#objects]) {
      if (object.metadata.namespace === name) this.#remove(typeOfKey(key), object);
    }
    const namespace = this.get({ type: NAMESPACES, name });
    if (namespace !== undefined) this.#remove(NAMESPACES, namespace);
  }

  #replace(rules: KindRules, old: Stored, wanted: Stored, author: Author): KubernetesResult<Stored> {
    const updated = this.pruned(this.#normalised(rules, wanted, old, author.subresource === 'status'));
    const error = validate(rules, updated, old);
    if (error !== undefined) return fail(error);
    if (equal(updated, old) && !managesAnew(old, author)) return ok(old);
    const bumped = rules.generation && !equal(specOf(updated), specOf(old));
    const generation = (old.metadata.generation ?? 0) + 1;
    const metadata = bumped ? { ...updated.metadata, generation } : updated.metadata;
    return ok(this.#store(rules, old, { ...updated, metadata }, author));
  }

  /** What the server decides itself, and which half of the object this endpoint may write. */
  #normalised(rules: KindRules, object: Stored, old: Stored | undefined, statusOnly: boolean): Stored {
    if (statusOnly && old !== undefined) return copy({ ...old, ...pick(object, 'status') });
    const metadata = { ...withoutServerFields(object.metadata), ...serverFields((old ?? object).metadata) };
    const whole = { ...object, apiVersion: apiVersionOf(rules.type), kind: rules.type.kind, metadata };
    if (!rules.status) return copy(whole);
    const { status: _, ...rest }: Stored & { status?: unknown } = whole;
    return copy({ ...rest, ...(old === undefined ? initial(rules) : pick(old, 'status')) });
  }

  #store(rules: KindRules, old: Stored | undefined, object: Stored, author: Author): Stored {
    const time = seconds(this.#now());
    const managedFields = trackFields(old, object, author, time);
    const resourceVersion = String(this.history.next);
    const stored = copy({ ...object, metadata: { ...object.metadata, resourceVersion, managedFields } });
    this.#objects.set(keyOf(rules.type, object.metadata.namespace, object.metadata.name), stored);
    this.history.append(rules.type, old, stored);
    if (isFinished(stored)) this.#remove(rules.type, stored);
    this.#collectGarbage();
    return copy(stored);
  }

  /** A finalizer, or the content of a namespace, keeps the object for now; its generation is bumped nevertheless. */
  #markDeleted(type: ResourceType, old: Stored): void {
    if (old.metadata.deletionTimestamp !== undefined) return;
    const rules = rulesFor(type);
    const generation = rules.generation ? { generation: (old.metadata.generation ?? 0) + 1 } : {};
    const metadata: ObjectMeta = { ...old.metadata, deletionTimestamp: seconds(this.#now()), ...generation };
    const terminating = type.plural === NAMESPACES.plural ? { status: { phase: 'Terminating' } } : {};
    this.#store(rules, old, { ...old, metadata, ...terminating }, { manager: 'kube-apiserver' });
  }

  #remove(type: ResourceType, object: Stored): void {
    const { name, namespace } = object.metadata;
    if (!this.#objects.delete(keyOf(type, namespace, name))) return;
    const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.history.next) } };
    this.history.append(type, last, undefined);
    this.#collectGarbage();
  }

  /** At once, not after a while as the real collector: an object all of whose owners are gone goes too. */
  #collectGarbage(): void {
    const uids = new Set([...this.#objects.values()].map((object) => object.metadata.uid));
    const orphans = [...this.#objects].filter(([, { metadata }]) => {
      const owners = metadata.ownerReferences ?? [];
      return owners.length > 0 && owners.every((owner) => !uids.has(owner.uid));
    });
    for (const [key, object] of orphans) this.#remove(typeOfKey(key), object);
  }

  #namespaceError({ type }: KindRules, name: string | undefined) {
    if (!type.namespaced) return undefined;
    const namespace = this.get({ type: NAMESPACES, name: name ?? '' });
    if (namespace === undefined) return notFound();
    return namespace.metadata.deletionTimestamp === undefined ? undefined : namespaceTerminating();
  }

  #identity() {
    const hex = this.#hash(32);
    const uid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    return { uid, creationTimestamp: seconds(this.#now()) };
  }

  /** The same in every run. */
  #hash(length: number): string {
    this.#uids += 1;
    return createHash('sha256').update(`uid ${this.#uids}`).digest('hex').slice(0, length);
  }
}

/** An apply that changes nothing may still make fields the manager's own. */
const managesAnew = (old: Stored, author: Author): boolean => {
  if (author.applied === undefined) return false;
  const own = old.metadata.managedFields?.find((entry) => isOf(entry, { ...author, operation: 'Apply' }));
  return !equal(own?.fieldsV1 ?? {}, author.applied);
};

const kindKey = ({ group, plural }: ResourceType): string => `${plural}.${group}`;
const keyOf = (type: ResourceType, namespace: string | undefined, name: string): string =>
  `${kindKey(type)}/${namespace ?? ''}/${name}`;

function typeOfKey(key: string): ResourceType {
  const [plural = '', ...group] = (key.split('/')[0] ?? '').split('.');
  return rulesFor({ group: group.join('.'), plural, version: '', kind: '', namespaced: true }).type;
}

const refOf = (type: ResourceType, namespace: string | undefined, name: string): ObjectRef => ({
  type,
  name,
  ...(namespace === undefined ? {} : { namespace }),
});

function holds({ metadata }: Stored, { resourceVersion, uid }: Preconditions): boolean {
  if (uid !== undefined && uid !== metadata.uid) return false;
  return resourceVersion === undefined || resourceVersion === metadata.resourceVersion;
}

/** Set by the server, whatever a request says. */
const SERVER_FIELDS = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'managedFields',
];

const serverFields = (metadata: ObjectMeta): object =>
  Object.fromEntries(Object.entries(metadata).filter(([name]) => SERVER_FIELDS.includes(name)));

function withoutServerFields(metadata: ObjectMeta): ObjectMeta {
  const kept = Object.entries(metadata).filter(([name]) => !SERVER_FIELDS.includes(name));
  return { ...Object.fromEntries(kept), name: metadata.name };
}

const pick = (object: object, name: string): object => {
  const value: unknown = Reflect.get(object, name);
  return value === undefined ? {} : { [name]: value };
};

const initial = ({ initialStatus }: KindRules): object =>
  initialStatus === undefined ? {} : { status: initialStatus };

function specOf(object: Stored): unknown {
  const { metadata: _, ...rest } = object;
  return { ...rest, status: null };
}

/** Being deleted, and nothing holds it back any more. */
function isFinished({ kind, metadata }: Stored): boolean {
  if (metadata.deletionTimestamp === undefined || kind === NAMESPACES.kind) return false;
  const finalizers = metadata.finalizers;
  return !Array.isArray(finalizers) || finalizers.length === 0;
}

const seconds = (now: number): string => new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
const toJson = (value: object): Json => JSON.parse(JSON.stringify(value));
