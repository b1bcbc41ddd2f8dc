import type { Failure, Result } from '../../../src/domain/failure.ts';
import { type WorkloadIdentity, workloadIdentity } from '../../../src/domain/identity/identity.ts';
import type { Selection } from '../../../src/domain/store/settings.ts';
import type { Logger } from '../../../src/ports/logger.ts';
import type { Metrics } from '../../../src/ports/metrics.ts';

export const ENDPOINT = 'https://shop.azconfig.io';
export const HOST = 'shop.azconfig.io';
export const VAULT = 'shop.vault.azure.net';

export const identityOf = (clientId: string): WorkloadIdentity =>
  workloadIdentity({
    namespace: 'shop',
    serviceAccount: clientId,
    serviceAccountUid: 'uid',
    clientId,
    tenantId: 'tenant',
  });

export const select = (key = '*', endpoint = ENDPOINT): Selection => ({
  endpoint,
  filter: { key, label: null },
});

/** Never aborts. */
export const patience = (): AbortSignal => new AbortController().signal;

export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

/** Remembers counters and gauges by name. */
export class RecordingMetrics implements Metrics {
  readonly counters: { name: string; labels: object }[] = [];
  readonly gauges = new Map<string, number>();

  increment(name: string, labels: object): void {
    this.counters.push({ name, labels });
  }

  set(name: string, _labels: object, value: number): void {
    this.gauges.set(name, value);
  }

  observe(): void {}
}

/** The value, or an exception that shows the failure. */
export function okValue<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`unexpected failure ${JSON.stringify(result.failure)}`);
  return result.value;
}

export function failureOf(result: Result<unknown>): Failure {
  if (result.ok) throw new Error('unexpected success');
  return result.failure;
}

/** `ok`, or the reason of the failure, or `cancelled`. */
export function outcomeOf(result: Result<unknown>): string {
  if (result.ok) return 'ok';
  return result.failure.kind === 'cancelled' ? 'cancelled' : result.failure.reason;
}

/** A promise to be settled from outside. */
export function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  const { promise, resolve } = Promise.withResolvers<T>();
  return { promise, resolve };
}
