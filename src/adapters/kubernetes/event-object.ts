import type { EventToRecord } from '../../ports/events.ts';
import type { KubernetesObject, ObjectRef, ResourceType } from '../../ports/kubernetes.ts';

export const EVENTS: ResourceType = {
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
};

/** Who reports: `controller` is a qualified name such as `appconfig.dev/operator`, `instance` the pod. */
export interface Reporter {
  readonly controller: string;
  readonly instance: string;
}

/** The API refuses longer ones; bytes (`NoteLengthLimit` and `ReportingInstanceLengthLimit`, pkg/apis/core/validation/events.go). */
const MAX_NOTE = 1024;
const MAX_INSTANCE = 128;
const MAX_NAME = 200;

/** Events of cluster-scoped objects live in `default`. */
export const eventNamespace = ({ regarding }: EventToRecord): string => regarding.namespace ?? 'default';

/** @param serial makes the name unique among those of this millisecond. */
export function eventObject(
  event: EventToRecord,
  reporter: Reporter,
  now: number,
  serial: number,
): KubernetesObject {
  const object = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: eventName(event.regarding.name, now, serial), namespace: eventNamespace(event) },
    eventTime: microTime(now),
    reportingController: reporter.controller,
    reportingInstance: firstBytes(reporter.instance, MAX_INSTANCE),
    type: event.type,
    reason: event.reason,
    action: event.action,
    note: firstBytes(event.note, MAX_NOTE),
    regarding: regardingOf(event.regarding),
  };
  return object;
}

/** What turns an event into one that happened `count` times; everything else of an event is immutable. */
export const seriesPatch = (count: number, now: number): object => ({
  series: { count, lastObservedTime: microTime(now) },
});

function regardingOf({ name, namespace, resourceVersion, type, uid }: EventToRecord['regarding']): object {
  const apiVersion = type.group === '' ? type.version : `${type.group}/${type.version}`;
  return { apiVersion, kind: type.kind, name, namespace, uid, resourceVersion };
}

function eventName(regarding: string, now: number, serial: number): string {
  // A cut name must not end in a character that a DNS label may not end in.
  const stem = regarding.slice(0, MAX_NAME).replace(/[^a-z0-9]+$/, '');
  return `${stem}.${now.toString(16)}${serial.toString(16).padStart(4, '0')}`;
}

/** At most `limit` bytes of UTF-8, as the API server counts (`len` of a Go string), and whole characters only. */
function firstBytes(text: string, limit: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(limit));
  return text.slice(0, read);
}

/** `metav1.MicroTime`: exactly six fraction digits. */
const microTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');

export const eventRef = (namespace: string, name: string): ObjectRef => ({ type: EVENTS, namespace, name });
