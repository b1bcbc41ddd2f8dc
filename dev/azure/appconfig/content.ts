import { type Call, isRecord, jsonBody } from '../http/call.ts';
import { invalidArgument, type Problem } from './problems.ts';
import type { Position, SettingContent } from './setting.ts';

const MAX_BYTES = 10 * 1024;
const MAX_NAME = 256;
const CONTROL = /\p{Cc}/u;

/** The body of a PUT, or the 400 that names the offending property (A.3, A.7). */
export function readContent(call: Call, position: Position): SettingContent | Problem {
  const body = jsonBody(call);
  if (!body) return invalidArgument('body', '');
  const { value, content_type: contentType, tags, description } = body;
  if (!isOptionalText(value)) return invalidArgument('value', '');
  if (!isOptionalText(contentType) || CONTROL.test(contentType ?? ''))
    return invalidArgument('content_type', '');
  if (!isOptionalText(description)) return invalidArgument('description', '');
  if (!isTags(tags)) return invalidArgument('tags', '');
  const content = { value, contentType, tags: tags ?? {}, description };
  return checkPosition(position) ?? checkSize(position, content) ?? content;
}

function checkPosition({ key, label }: Position): Problem | undefined {
  if (key.length > MAX_NAME || CONTROL.test(key)) return invalidArgument('key', '');
  if (label !== null && (label.length > MAX_NAME || CONTROL.test(label))) return invalidArgument('label', '');
  return undefined;
}

/** The documented limit is 10 KB over everything together; its status is our choice. */
function checkSize(position: Position, content: SettingContent): Problem | undefined {
  const size = Buffer.byteLength(
    JSON.stringify([position.key, position.label, content.contentType, content.tags]),
  );
  const total = size + Buffer.byteLength((content.value ?? '') + (content.description ?? ''));
  return total > MAX_BYTES
    ? invalidArgument('value', 'The key-value exceeds the maximum size of 10 KB')
    : undefined;
}

/** Properties that are text, null or left out. */
export function isOptionalText(value: unknown): value is string | null | undefined {
  return value === undefined || value === null || typeof value === 'string';
}

/** Tags of a key-value or a snapshot: names and texts (or null) of up to 256 characters (A.3). */
export function isTags(tags: unknown): tags is Record<string, string | null> | null | undefined {
  if (tags === undefined || tags === null) return true;
  return isRecord(tags) && Object.entries(tags).every(([name, value]) => isTag(name, value));
}

function isTag(name: string, value: unknown): boolean {
  if (name.length === 0 || name.length > MAX_NAME || CONTROL.test(name)) return false;
  return value === null || (typeof value === 'string' && value.length <= MAX_NAME);
}
