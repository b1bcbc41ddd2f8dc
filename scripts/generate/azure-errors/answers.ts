/** What Azure answers to whom, where the operator tells answers or readers apart. */
import type { Reader } from './examples.ts';

export type EntraReader = Exclude<Reader, MetadataReader>;
export type MetadataReader = 'managed identity' | 'managed identity without a client id';

/** 0: without a number. */
type EntraAnswer = readonly [code: number, status: number];

/** What means the same for every application; where its ids are corrected differs. */
const OF_APPLICATIONS: readonly EntraAnswer[] = [
  [700016, 400],
  [7000112, 400],
  [90002, 400],
  [900023, 400],
  [900382, 400],
  [500011, 400],
  [70011, 400],
  [1002012, 400],
];

/** Numbers with the status that each comes with (learn.microsoft.com/entra/identity-platform/reference-error-codes). */
export const ENTRA: readonly (readonly [EntraReader, readonly EntraAnswer[]])[] = [
  [
    'workload identity',
    [
      [70025, 401],
      [70021, 401],
      [700211, 401],
      [700212, 401],
      [700213, 401],
      [7002138, 401],
      ...OF_APPLICATIONS,
      [700024, 401],
      [700027, 401],
      [90061, 400],
      [50166, 400],
      [50196, 400],
      [900144, 400],
      [90033, 503],
      [90055, 429],
    ],
  ],
  ['client secret', [[7000215, 401], [7000222, 401], ...OF_APPLICATIONS]],
  [
    'client certificate',
    [
      [700027, 401],
      [700024, 401],
    ],
  ],
  ['expired certificate', [[700027, 401]]],
  [
    'identity binding',
    [
      [70025, 401],
      [70021, 401],
      [700211, 401],
      [700212, 401],
      [700213, 401],
      [7002138, 401],
      [0, 403],
    ],
  ],
];

/** (learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#error-handling) */
export const METADATA: readonly (readonly [MetadataReader, status: number, description: string])[] = [
  ['managed identity', 400, 'Identity not found'],
  ['managed identity without a client id', 400, 'Identity not found'],
  [
    'managed identity without a client id',
    400,
    'Multiple user assigned identities exist, please specify the clientId',
  ],
  ['managed identity', 400, 'AADSTS500011'],
  ['managed identity', 403, ''],
  ['managed identity', 404, ''],
  ['managed identity', 410, ''],
  ['managed identity', 429, ''],
  ['managed identity', 500, ''],
];

interface VaultAnswer {
  readonly status: number;
  readonly inner?: string;
  readonly reader?: Reader;
  readonly list?: true;
}

/** Inner codes of a vault's 403, and the other statuses (learn.microsoft.com/azure/key-vault/general/rest-error-codes). */
export const VAULT: readonly VaultAnswer[] = [
  { status: 400 },
  { status: 401 },
  { status: 403, inner: 'ForbiddenByRbac' },
  { status: 403, inner: 'AccessDenied' },
  { status: 403, inner: 'ForbiddenByFirewall' },
  { status: 403, inner: 'ForbiddenByConnection' },
  { status: 403, inner: 'SecretDisabled' },
  { status: 403 },
  { status: 404 },
  { status: 429 },
  { status: 503 },
  { status: 403, inner: 'ForbiddenByRbac', list: true },
  { status: 403, inner: 'AccessDenied', list: true },
  { status: 403, list: true },
  { status: 404, list: true },
  { status: 403, inner: 'ForbiddenByRbac', reader: 'managed identity without a client id' },
  { status: 403, inner: 'AccessDenied', reader: 'managed identity without a client id' },
];

interface StoreAnswer {
  readonly status: number;
  readonly problem?: string;
  readonly reader?: Reader;
}

/** Problem types of App Configuration (learn.microsoft.com/azure/azure-app-configuration/rest-api). */
export const STORE: readonly StoreAnswer[] = [
  { status: 400, problem: 'invalid-argument' },
  { status: 401 },
  { status: 403 },
  { status: 403, problem: 'ip-address-rejected' },
  { status: 404 },
  { status: 429 },
  { status: 503 },
  { status: 403, reader: 'managed identity without a client id' },
];
