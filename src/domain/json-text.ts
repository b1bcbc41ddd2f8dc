/**
 * JSON as text, laid out anew without being interpreted: numbers keep every digit, members their order and
 * strings their escapes. (`JSON.parse` would turn 12345678901234567890 into 12345678901234567000.)
 */

const STEP = '  ';
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** Whether `text` is JSON (RFC 8259, without comments). */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Lays out `text`, which must be JSON, with two spaces for each level; its first line is not indented, the
 * following ones start `level` levels in.
 */
export function layOut(text: string, level: number): string {
  const tokens = text.match(TOKENS) ?? [];
  let depth = level;
  let out = '';
  for (const [index, token] of tokens.entries()) {
    const closes = token === '}' || token === ']';
    const empty = closes && isOpening(tokens[index - 1]);
    if (closes) depth -= 1;
    if (closes && !empty) out += newline(depth);
    out += token === ':' ? ': ' : token;
    const opens = isOpening(token);
    if (opens) depth += 1;
    const next = tokens[index + 1];
    if (token === ',' || (opens && next !== '}' && next !== ']')) out += newline(depth);
  }
  return out;
}

const isOpening = (token: string | undefined): boolean => token === '{' || token === '[';

/** A line break and the indentation of `level`. */
export const newline = (level: number): string => `\n${STEP.repeat(level)}`;
