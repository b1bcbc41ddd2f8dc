/**
 * Holds a credential so that nothing prints it by accident.
 *
 * Guarantees: JSON, templates, `util.inspect` and loggers show only that something is there; the value leaves
 * through `reveal` alone.
 */
export class Concealed<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return '[concealed]';
  }

  toJSON(): string {
    return this.toString();
  }

  /** What Node prints. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}
