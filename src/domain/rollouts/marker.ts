/**
 * What is compared to know whether pods have read the current content, and the annotation that restarts them.
 *
 * Guarantees: the hash covers exactly the used keys, and is keyed, so that whoever may read a pod template
 * cannot guess a secret offline.
 */
import { rolloutMarker } from '../../api/names.ts';
import { type HashKey, hmacOf } from '../keyed-hash.ts';
import { ownsField } from './managedfields.ts';
import type { Keys, Usage } from './usage.ts';
import type { Workload } from './workload.ts';

/** Data of the targets, by role. Values in one encoding, always the same (text, or base64 as Secrets carry it). */
export type TargetData = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** The content that pods should have read, under one key of the operator. */
export interface Marker {
  readonly keyId: string;
  /** 16 hex digits. */
  readonly contentHash: string;
}

/** The marker found on a pod template. */
export interface TemplateMarker extends Marker {
  /** False when someone else wrote it last: `kubectl rollout undo` brings old templates back. */
  readonly ours: boolean;
  /** Tells apart two restarts for the same content; 1 when absent from the text. */
  readonly turn: number;
  /** The whole annotation: equal only for one and the same restart. */
  readonly text: string;
}

const DOMAIN = 'appconfig.dev/rollout/v1';
const MARKER = /^(?<keyId>.+):(?<contentHash>[0-9a-f]{16})(?:\.(?<turn>[1-9][0-9]{0,8}))?$/;

/** HMAC-SHA-256 over the used keys and their values, first 16 hex digits. A missing key differs from an empty value. */
export function contentHash(key: HashKey, usage: Usage, data: TargetData): string {
  const uses = usage.kind === 'keys' ? usage.uses : [];
  const used = uses.map(({ role, keys }) => [role, entries(keys, data.get(role) ?? {})]);
  // JSON arrays of strings and nulls: no two different contents have the same text.
  return hmacOf(key, JSON.stringify([DOMAIN, ...used])).slice(0, 16);
}

function entries(
  keys: Keys,
  data: Readonly<Record<string, string>>,
): readonly (readonly [string, string | null])[] {
  const names = keys === 'all' ? Object.keys(data).sort() : keys;
  return names.map((name) => [name, Object.hasOwn(data, name) ? (data[name] ?? null) : null]);
}

/** Text of the annotation: `<key id>:<hash>`, with `.<turn>` from the second restart for the same content on. */
export const markerValue = (keyId: string, contentHash: string, turn = 1): string =>
  `${keyId}:${contentHash}${turn > 1 ? `.${turn}` : ''}`;

/** Undefined when the text is no marker of ours. */
export function parseMarker(text: string | undefined): (Marker & { readonly turn: number }) | undefined {
  const { keyId, contentHash, turn } = MARKER.exec(text ?? '')?.groups ?? {};
  if (keyId === undefined || contentHash === undefined) return undefined;
  return { keyId, contentHash, turn: Number(turn ?? 1) };
}

/** The marker of `binding` on the pod template of `workload`, and whether it is our own writing. */
export function markerOf(workload: Workload, binding: string): TemplateMarker | undefined {
  const name = rolloutMarker(binding);
  const text = workload.spec?.template?.metadata?.annotations?.[name] ?? '';
  const marker = parseMarker(text);
  if (marker === undefined) return undefined;
  const path = ['spec', 'template', 'metadata', 'annotations', name];
  return { ...marker, text, ours: ownsField(workload.metadata.managedFields, path) };
}
