type Json = unknown;
const isMap = (value: Json): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The smallest JSON merge patch (RFC 7396) that turns `before` into `after`, or undefined when they are equal.
 * Members that are undefined count as absent; lists are replaced as a whole.
 */
export function mergePatch(before: Json, after: Json): Json | undefined {
  if (!isMap(before) || !isMap(after)) return equal(before, after) ? undefined : after;
  const patch: Record<string, Json> = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (after[name] === undefined) {
      if (before[name] !== undefined) patch[name] = null;
      continue;
    }
    const change = before[name] === undefined ? after[name] : mergePatch(before[name], after[name]);
    if (change !== undefined) patch[name] = change;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function equal(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => equal(item, b[index]));
  }
  return isMap(a) && isMap(b) && mergePatch(a, b) === undefined;
}
