import type { KubernetesError, KubernetesObject } from '../../../src/ports/kubernetes.ts';
import { badRequest, invalid, tooLarge } from './errors.ts';
import { equal, isObject, type JsonObject } from './json.ts';
import { CONFIG_MAPS, EVENTS, type KindRules, LEASES, SECRETS } from './kinds.ts';

const MAX_BODY = 3 * 1024 * 1024;
const MAX_DATA = 1024 * 1024;
const KEY = /^[-._a-zA-Z0-9]{1,253}$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const MICRO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** What a 1.36 API server refuses about an object, among the things the operator may get wrong. */
export function validate(
  rules: KindRules,
  object: KubernetesObject,
  old?: KubernetesObject,
): KubernetesError | undefined {
  if (Buffer.byteLength(JSON.stringify(object)) > MAX_BODY) return tooLarge();
  const content: JsonObject = JSON.parse(JSON.stringify(object));
  return (
    decodable(rules, content) ??
    nameError(object.metadata.name) ??
    dataError(rules, content) ??
    (old === undefined ? undefined : changeError(rules, content, JSON.parse(JSON.stringify(old))))
  );
}

/** What does not even fit the Go types: 400. */
function decodable(rules: KindRules, content: JsonObject): KubernetesError | undefined {
  const times = timesOf(rules, content).filter((time) => time !== undefined);
  if (times.some((time) => typeof time !== 'string' || !MICRO_TIME.test(time))) return badRequest();
  if (!hasData(rules)) return undefined;
  const values = Object.values(isObject(content.data) ? content.data : {});
  if (values.some((value) => typeof value !== 'string')) return badRequest();
  if (rules.type.plural !== SECRETS.plural) return undefined;
  return values.every((value) => BASE64.test(String(value))) ? undefined : badRequest();
}

/** Lease and Event times are MicroTime: exactly six fraction digits. */
function timesOf({ type }: KindRules, content: JsonObject) {
  const spec = isObject(content.spec) ? content.spec : {};
  if (type.plural === LEASES.plural) return [spec.acquireTime, spec.renewTime];
  if (type.plural === EVENTS.plural) return [content.eventTime];
  return [];
}

function nameError(name: string): KubernetesError | undefined {
  const valid = name.length <= 253 && SUBDOMAIN.test(name);
  return valid ? undefined : invalid({ reason: 'FieldValueInvalid', field: 'metadata.name' });
}

function dataError(rules: KindRules, content: JsonObject): KubernetesError | undefined {
  if (rules.type.plural === EVENTS.plural) return noteError(content);
  if (!hasData(rules)) return undefined;
  const data = dataOf(content);
  const bad = Object.keys(data).filter((key) => !KEY.test(key));
  if (bad.length > 0)
    return invalid(...bad.map((key) => ({ reason: 'FieldValueInvalid', field: `data[${key}]` })));
  const sizes = Object.values(data).map((value) => sizeOf(rules, String(value)));
  if (sizes.reduce((sum, size) => sum + size, 0) <= MAX_DATA) return undefined;
  return invalid({
    reason: 'FieldValueTooLong',
    field: rules.type.plural === SECRETS.plural ? 'data' : '[]',
  });
}

function noteError(content: JsonObject): KubernetesError | undefined {
  const note = content.note;
  if (typeof note === 'string' && Buffer.byteLength(note) > 1024)
    return invalid({ reason: 'FieldValueInvalid', field: 'message' });
  const instance = content.reportingInstance;
  return typeof instance === 'string' && Buffer.byteLength(instance) > 128
    ? invalid({ reason: 'FieldValueInvalid', field: 'reportingInstance' })
    : undefined;
}

function changeError(rules: KindRules, content: JsonObject, old: JsonObject): KubernetesError | undefined {
  if (!hasData(rules)) return undefined;
  if (rules.type.plural === SECRETS.plural && !equal(content.type ?? 'Opaque', old.type ?? 'Opaque')) {
    return invalid({ reason: 'FieldValueInvalid', field: 'type' });
  }
  if (old.immutable !== true || equal(content.data ?? {}, old.data ?? {})) return undefined;
  return invalid({ reason: 'FieldValueForbidden', field: 'data' });
}

const hasData = ({ type }: KindRules): boolean =>
  type.plural === CONFIG_MAPS.plural || type.plural === SECRETS.plural;

const dataOf = (content: JsonObject): JsonObject => ({
  ...(isObject(content.data) ? content.data : {}),
  ...(isObject(content.binaryData) ? content.binaryData : {}),
});

/** Secrets are measured decoded. */
const sizeOf = ({ type }: KindRules, value: string): number =>
  Buffer.byteLength(value, type.plural === SECRETS.plural ? 'base64' : 'utf8');
