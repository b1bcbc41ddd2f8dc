import type { Cloud } from '../../cloud.ts';
import { ControlError, missing, type Operations, operation } from '../operation.ts';
import * as schemas from '../schemas.ts';
import { dump, plant } from '../seed.ts';
import { seed } from '../seed-schema.ts';

/** Clock, faults, the request log, and the state as a whole; names of the cloud. */
export function trafficOperations(cloud: Cloud): Operations {
  return {
    getCloud: operation(schemas.nothing, () => cloud.names),
    getClock: operation(schemas.nothing, () => ({ now: new Date(cloud.clock.now()).toISOString() })),
    setClock: operation(schemas.clock, ({ offsetMs, advanceMs, freezeAt }) => {
      if (offsetMs !== undefined) cloud.clock.setOffset(offsetMs);
      if (advanceMs !== undefined) cloud.clock.advance(advanceMs);
      if (freezeAt !== undefined) cloud.clock.freeze(Date.parse(freezeAt));
      return { now: new Date(cloud.clock.now()).toISOString() };
    }),
    addFault: operation(schemas.fault, (spec) => ({
      id: withValidExpression(spec.path, () => cloud.faults.add(spec)),
    })),
    removeFault: operation(schemas.faultId, ({ id }) => ({ removed: cloud.faults.remove(id) })),
    clearFaults: operation(schemas.nothing, () => cloud.faults.clear()),
    listFaults: operation(schemas.nothing, () => cloud.faults.list()),
    requests: operation(schemas.requestFilter, (filter) =>
      withValidExpression(filter.path, () => cloud.log.get(filter)),
    ),
    countRequests: operation(schemas.requestFilter, (filter) =>
      withValidExpression(filter.path, () => cloud.log.count(filter)),
    ),
    clearRequests: operation(schemas.nothing, () => cloud.log.clear()),
    seed: operation(seed, (document) => plant(cloud, document)),
    dump: operation(schemas.nothing, () => dump(cloud)),
    reset: operation(schemas.nothing, () => cloud.reset()),
  };
}

/** Turns a bad regular expression of the caller into the caller's error. */
export function withValidExpression<T>(expression: string | undefined, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new ControlError(`not a regular expression: ${expression ?? missing('expression', '')}`);
    throw error;
  }
}
