import type { Logger } from '../ports/logger.ts';
import type { Change } from './object-store.ts';

/** Called for each change, in order. Must not wait: hand the key to a queue. */
export interface Handler<T> {
  added?(object: T): void;
  updated?(object: T, old: T): void;
  /** `object` is the last version that was seen. */
  deleted?(object: T): void;
}

/** Calls handlers; what one of them throws is logged and reaches neither the others nor the caller. */
export class Handlers<T> {
  readonly #handlers: Handler<T>[] = [];
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  add(handler: Handler<T>): void {
    this.#handlers.push(handler);
  }

  dispatch(change: Change<T>): void {
    for (const handler of this.#handlers) this.deliver(handler, change);
  }

  deliver(handler: Handler<T>, change: Change<T>): void {
    try {
      // Typed void, but an async function fits that type too, and its rejection would end the process.
      const returned: unknown = call(handler, change);
      if (returned instanceof Promise) returned.catch((error: unknown) => this.#report(error, change));
    } catch (error) {
      this.#report(error, change);
    }
  }

  #report(error: unknown, change: Change<T>): void {
    this.#logger.error('A watch handler failed.', { error, change: change.kind });
  }
}

function call<T>(handler: Handler<T>, change: Change<T>): unknown {
  switch (change.kind) {
    case 'added':
      return handler.added?.(change.object);
    case 'updated':
      return handler.updated?.(change.object, change.old);
    case 'deleted':
      return handler.deleted?.(change.object);
  }
}
