/**
 * Query strings as Azure's services read them.
 *
 * Parameter *names* are percent-decoded and matched case-insensitively (App Configuration: `After`, `%24select`;
 * Key Vault: the JavaScript SDK writes `api%2Dversion`), `+` is a space (A.2, A.12, B.2).
 */
export class Query {
  readonly raw: string;
  /** Parsed on first use: a conditional list request is answered without it. */
  #parsed: Map<string, string[]> | undefined;

  constructor(raw: string) {
    this.raw = raw;
  }

  /** The first value, or undefined when the parameter is absent. */
  get(name: string): string | undefined {
    return this.#values().get(name)?.[0];
  }

  /** All values in order of appearance. */
  all(name: string): readonly string[] {
    return this.#values().get(name) ?? [];
  }

  /** The raw query without the named parameter: what a next link repeats. */
  without(name: string): string {
    return this.raw
      .split('&')
      .filter((part) => part !== '' && nameOf(part) !== name)
      .join('&');
  }

  #values(): Map<string, string[]> {
    this.#parsed ??= parse(this.raw);
    return this.#parsed;
  }
}

function parse(raw: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const part of raw.split('&')) {
    if (part === '') continue;
    const name = nameOf(part);
    const at = part.indexOf('=');
    const value = at < 0 ? '' : decode(part.slice(at + 1));
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  return values;
}

function nameOf(part: string): string {
  const at = part.indexOf('=');
  return decode(at < 0 ? part : part.slice(0, at)).toLowerCase();
}

/** Malformed triplets stay as they are: servers reject or tolerate, they never crash. */
function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
