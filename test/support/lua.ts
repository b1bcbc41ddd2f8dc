import { readFileSync } from 'node:fs';
import { LuaFactory } from 'wasmoon';

/** What a health script of Argo CD answers. */
export interface Health {
  readonly status: 'Healthy' | 'Progressing' | 'Degraded' | 'Suspended';
  readonly message: string;
}

const SCRIPT = readFileSync(new URL('../../examples/argocd/health.lua', import.meta.url), 'utf8');

/** Names that Argo CD's Lua has not: it is Lua 5.1 with the base, table, string and safe os libraries. */
const WITHOUT = ['io', 'package', 'require', 'debug', 'utf8', 'coroutine', 'load', 'dofile', 'loadfile'];

/** Runs the health script of the examples on objects, as Argo CD does: `obj` is global, the result is returned. */
export async function healthScript(): Promise<(object: object) => Health> {
  const lua = await new LuaFactory().createEngine({ enableProxy: false });
  for (const name of WITHOUT) lua.global.set(name, undefined);
  return (object) => {
    // Through JSON, as Argo CD's objects come: plain tables, no proxies of JavaScript objects.
    lua.global.set('obj', JSON.parse(JSON.stringify(object)));
    return lua.doStringSync(SCRIPT) as Health;
  };
}
