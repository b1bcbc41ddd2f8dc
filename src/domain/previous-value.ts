import type { ConfigMapFormat } from './plan.ts';
import type { Data, PlainValue } from './render.ts';

/**
 * The value of `key` in a ConfigMap that was rendered before, so that it can be rendered again unchanged.
 * Numbers keep their exact text. Undefined when the key is not in it.
 */
export function previousValue(data: Data, key: string, format: ConfigMapFormat): PlainValue | undefined {
  if (format.kind === 'KeyValue') return Object.hasOwn(data, key) ? { value: data[key] ?? '' } : undefined;
  const path = format.separator === undefined ? [key] : key.split(format.separator);
  const found = path.reduce<unknown>(member, parseExactly(data[format.file] ?? ''));
  if (found === undefined) return undefined;
  if (typeof found === 'string') return { value: found };
  return { value: JSON.stringify(found), contentType: 'application/json' };
}

function member(parent: unknown, name: string): unknown {
  if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, name)) return undefined;
  return Reflect.get(parent, name);
}

/** JSON.parse that keeps the text of numbers (ECMAScript: JSON.parse source text access); undefined if not JSON. */
function parseExactly(text: string): unknown {
  try {
    return JSON.parse(text, (_, value: unknown, context?: { source?: string }) =>
      typeof value === 'number' && context?.source !== undefined ? rawJson(context.source) : value,
    );
  } catch {
    return undefined;
  }
}

function rawJson(source: string): unknown {
  const raw: unknown = Reflect.get(JSON, 'rawJSON');
  return typeof raw === 'function' ? Reflect.apply(raw, JSON, [source]) : Number(source);
}
