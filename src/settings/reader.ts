import { isDomainName } from '../domain/domain-names.ts';

const bare = (suffix: string): string => suffix.replace(/^\.+/, '');

/** Reads one setting after the other and remembers every complaint. */
export class Reader {
  readonly errors: string[];
  readonly #texts: ReadonlyMap<string, string>;

  constructor(texts: ReadonlyMap<string, string>, errors: string[]) {
    this.#texts = texts;
    this.errors = errors;
  }

  text(flag: string): string {
    return (this.#texts.get(flag) ?? '').trim();
  }

  list(flag: string): readonly string[] {
    return this.text(flag)
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  }

  /** Host suffixes, lower case, without leading dots. */
  suffixes(flag: string): readonly string[] {
    const expected = 'domain names without scheme or *, such as contoso.example';
    return this.hosts(flag, (suffix) => isDomainName(bare(suffix)), expected).map(bare);
  }

  /** Members in lower case, in which each must be `valid`. */
  hosts(flag: string, valid: (host: string) => boolean, expected: string): readonly string[] {
    const lower = (member: string): string => member.toLowerCase();
    return this.members(flag, (member) => valid(lower(member)), expected).map(lower);
  }

  /** Members, each of which must be `valid`. */
  members(flag: string, valid: (member: string) => boolean, expected: string): readonly string[] {
    const members = this.list(flag);
    for (const member of members)
      if (!valid(member)) this.errors.push(`--${flag} holds ${JSON.stringify(member)}; expected ${expected}`);
    return members;
  }

  parsed<T>(flag: string, parse: (text: string) => T | undefined, expected: string, otherwise: T): T {
    const value = parse(this.text(flag));
    if (value !== undefined) return value;
    this.errors.push(`--${flag} is ${JSON.stringify(this.text(flag))}; expected ${expected}`);
    return otherwise;
  }

  boolean(flag: string): boolean {
    const parse = (text: string) => (text === 'true' ? true : text === 'false' ? false : undefined);
    return this.parsed(flag, parse, 'true or false', false);
  }
}
