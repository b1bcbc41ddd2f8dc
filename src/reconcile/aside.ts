import type { SchemaValidator } from '../ports/schemas.ts';
import type { SecretsSource, SettingsSource } from './dependencies.ts';

/** Waits for `work` on behalf of the pass with `signal`, without keeping others from going on. */
export type Aside = <T>(signal: AbortSignal, work: Promise<T>) => Promise<T>;

/**
 * Reading that keeps nobody waiting: a store, a vault or Entra that hangs, or answers late, holds up the bindings that
 * read from it and no others.
 */
export const settingsAside = (source: SettingsSource, aside: Aside): SettingsSource => ({
  subscribe: (...given) => source.subscribe(...given),
  unsubscribe: (...given) => source.unsubscribe(...given),
  demand: (...given) => source.demand(...given),
  observe: (selection, identity, options) =>
    aside(options.signal, source.observe(selection, identity, options)),
  content: (selection, identity, options) =>
    aside(options.signal, source.content(selection, identity, options)),
});

/** The same of secrets. */
export const secretsAside = (source: SecretsSource, aside: Aside): SecretsSource => ({
  read: (references, identity, options) => aside(options.signal, source.read(references, identity, options)),
  list: (vault, identity, options) => aside(options.signal, source.list(vault, identity, options)),
});

/** The same of checks: there is one thread for all of them, and a schema may take its time. */
export const schemasAside = (schemas: SchemaValidator, aside: Aside): SchemaValidator => ({
  validate: (schema, content, options) => aside(options.signal, schemas.validate(schema, content, options)),
});
