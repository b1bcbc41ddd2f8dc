import { type Call, isRecord, jsonBody } from '../../http/call.ts';
import { isOptionalText, isTags } from '../content.ts';
import { invalidArgument, type Problem } from '../problems.ts';
import type { ApiVersion } from '../versions.ts';
import type { Composition, SnapshotFilter } from './compose.ts';
import type { SnapshotPlan } from './snapshot.ts';

const MAX_FILTERS = 3;
const MAX_NAME = 256;
const CONTROL = /\p{Cc}/u;

/** In seconds: 30 days unless chosen, between an hour and 90 days (A.10). */
export const RETENTION = { standard: 2_592_000, least: 3_600, most: 7_776_000 } as const;

/**
 * The body of `PUT /snapshots/{name}`, or the 400 that names the offending property (A.11).
 * Tags of filters are ignored at versions that do not know them (A.1).
 */
export function readPlan(call: Call, name: string, api: ApiVersion): SnapshotPlan | Problem {
  const body = jsonBody(call);
  if (!body) return invalidArgument('body', '');
  if (name.length > MAX_NAME || CONTROL.test(name)) return invalidArgument('name', '');
  const { filters, composition_type: composition, retention_period: retention, tags, description } = body;
  if (!isFilters(filters)) return invalidArgument('filters', '');
  if (!isComposition(composition)) return invalidArgument('composition_type', '');
  if (!isRetention(retention)) return invalidArgument('retention_period', '');
  if (!isTags(tags)) return invalidArgument('tags', '');
  if (!isOptionalText(description)) return invalidArgument('description', '');
  return {
    name,
    filters: api.listTags ? filters : filters.map(({ key, label }) => ({ key, label })),
    composition: composition ?? 'key',
    retentionSeconds: retention ?? RETENTION.standard,
    tags: tags ?? {},
    description: description ?? null,
  };
}

function isFilters(value: unknown): value is SnapshotFilter[] {
  if (!Array.isArray(value) || value.length < 1 || value.length > MAX_FILTERS) return false;
  return value.every(isFilter);
}

function isFilter(value: unknown): value is SnapshotFilter {
  if (!isRecord(value)) return false;
  const { key, label, tags } = value;
  const labelled = label === undefined || label === null || typeof label === 'string';
  const tagged =
    tags === undefined ||
    tags === null ||
    (Array.isArray(tags) && tags.every((tag) => typeof tag === 'string'));
  return typeof key === 'string' && key !== '' && labelled && tagged;
}

function isComposition(value: unknown): value is Composition | null | undefined {
  return value == null || value === 'key' || value === 'key_label';
}

function isRetention(value: unknown): value is number | null | undefined {
  if (value == null) return true;
  return Number.isInteger(value) && Number(value) >= RETENTION.least && Number(value) <= RETENTION.most;
}
