import { type Problem, problem } from './problems.ts';

/** What an API version brings; a parameter newer than the version is ignored silently (A.1). */
export interface ApiVersion {
  readonly name: string;
  readonly snapshots: boolean;
  readonly pageEtags: boolean;
  readonly listTags: boolean;
  readonly singleTags: boolean;
  readonly descriptions: boolean;
}

const KNOWN = [
  '1.0',
  '2022-11-01-preview',
  '2023-10-01',
  '2023-11-01',
  '2024-09-01',
  '2025-07-01-preview',
  '2026-04-01',
  '2026-05-01-preview',
  '2026-08-01-preview',
  '2026-10-01-preview',
];

const VERSIONS = new Map(KNOWN.map((name) => [name, describe(name)]));
const WELL_FORMED = /^(\d+\.\d+|\d{4}-\d{2}-\d{2}(-preview)?)$/;

/** The requested version, or one of the four documented 400 problems (A.1). */
export function readVersion(given: readonly string[], uri: string): ApiVersion | Problem {
  const distinct = [...new Set(given)];
  const [name = ''] = distinct;
  if (distinct.length > 1) return ambiguous(distinct);
  if (name === '')
    return refuse('API version is not specified', 'An API version is required, but was not specified.');
  const title = WELL_FORMED.test(name) ? 'Unsupported API version' : 'Invalid API version';
  return (
    VERSIONS.get(name) ??
    refuse(
      title,
      `The HTTP resource that matches the request URI '${uri}' does not support the API version '${name}'.`,
    )
  );
}

function ambiguous(versions: readonly string[]): Problem {
  return refuse(
    'Ambiguous API version',
    `The following API versions were requested: ${versions.join(', ')}. At most, only a single API version may be ` +
      'specified. Please update the intended API version and retry the request.',
  );
}

function refuse(title: string, detail: string): Problem {
  return problem(400, 'invalid-argument', title, { name: 'api-version', detail });
}

function describe(name: string): ApiVersion {
  return {
    name,
    snapshots: name >= '2022-11-01-preview',
    pageEtags: name >= '2023-10-01',
    listTags: name >= '2023-11-01',
    singleTags: name >= '2024-09-01',
    descriptions: name >= '2026-04-01',
  };
}
