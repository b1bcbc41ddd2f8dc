import type { Failure } from '../../domain/failure.ts';

/**
 * Carries a {@link Failure} through an SDK, whose only way to report is to throw. The message is a constant:
 * SDKs search messages for AADSTS codes and rewrite what they find.
 */
export class FailureError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super('no token for this identity');
    this.name = 'FailureError';
    this.failure = failure;
  }
}

/** The failure inside `error` or one of its causes, however often an SDK wrapped it. */
export function failureIn(error: unknown): Failure | undefined {
  let inner = error;
  for (let depth = 0; depth < 5 && inner instanceof Error; depth += 1) {
    if (inner instanceof FailureError) return inner.failure;
    inner = inner.cause;
  }
  return undefined;
}
