import type { Answer } from '../http/call.ts';

/** An error before it is dressed as `application/problem+json`. */
export interface Problem {
  readonly problem: true;
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly code: string;
}

/** Error types under `https://azconfig.io/errors/` (A.10). */
export type ProblemType =
  | 'invalid-argument'
  | 'key-locked'
  | 'already-exists'
  | 'invalid-state'
  | 'too-many-requests'
  | 'ip-address-rejected';

export function problem(
  status: number,
  type: ProblemType,
  title: string,
  members: Readonly<Record<string, unknown>> = {},
): Problem {
  const body = { type: `https://azconfig.io/errors/${type}`, title, ...members, status };
  return { problem: true, status, body, code: type };
}

export function isProblem(value: object): value is Problem {
  return 'problem' in value;
}

/** A parameter or property that the service does not accept (A.5). */
export function invalidArgument(name: string, detail: string): Problem {
  return problem(400, 'invalid-argument', `Invalid request parameter '${name}'`, { name, detail });
}

/** A write to a locked key; "Modifing" is the service's own spelling (A.7). */
export function keyLocked(key: string): Problem {
  return problem(409, 'key-locked', `Modifing key '${key}' is not allowed`, {
    name: key,
    detail: 'The key is read-only. To allow modification unlock it first.',
  });
}

/** A snapshot of that name exists (A.11). */
export function alreadyExists(): Problem {
  return problem(409, 'already-exists', 'The resource already exists.', { name: 'name', detail: '' });
}

/** A snapshot that cannot be archived or recovered from where it is (A.11). */
export function invalidState(): Problem {
  return problem(409, 'invalid-state', 'Target resource state invalid.', {
    detail: 'The target resource is not in a valid state to perform the requested operation.',
  });
}

/** Refusal by network rule or private endpoint (A.13). */
export function networkRefused(): Problem {
  return problem(
    403,
    'ip-address-rejected',
    'Access to this resource is governed by a network access policy. The client IP address fails to meet the ' +
      'criteria for access. See https://aka.ms/appconfig/network-access-errors for more information.',
  );
}

/** A quota is used up (A.10). */
export function tooManyRequests(): Problem {
  return problem(429, 'too-many-requests', 'Resource utilization has surpassed the assigned quota', {
    policy: 'Total Requests',
  });
}

export function problemAnswer({ status, body, code }: Problem, headers: Record<string, string> = {}): Answer {
  const type = 'application/problem+json; charset=utf-8';
  return { status, headers: { 'content-type': type, ...headers }, body: JSON.stringify(body), code };
}

/** 404, 405, 412 and the 403 of a missing role have no body (A.10). */
export function empty(status: number, headers: Record<string, string> = {}): Answer {
  return { status, headers };
}
