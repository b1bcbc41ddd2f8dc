/**
 * The API server's audit log, read from where it was read last.
 *
 * Assumptions: the policy below is in force, so that the log holds what the measured users do and nothing else.
 */
import { open, stat } from 'node:fs/promises';

/** Requests of one user, by `verb resource[/subresource]`. */
export type RequestCounts = Readonly<Record<string, number>>;

export interface AuditLine {
  readonly verb: string;
  readonly user: { readonly username?: string };
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string };
  readonly stage: string;
}

/** Logs requests of the namespaces' ServiceAccounts, without bodies: a log of bodies would slow all writers down. */
export const auditPolicyFor = (namespace: string): object => ({
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived', 'ResponseStarted'],
  rules: [{ level: 'Metadata', userGroups: [`system:serviceaccounts:${namespace}`] }, { level: 'None' }],
});

export class AuditTail {
  readonly #file: string;
  #offset = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** Leaves out what is there already. */
  async skip(): Promise<void> {
    this.#offset = await stat(this.#file).then(
      ({ size }) => size,
      () => 0,
    );
  }

  /** Requests answered since the last call, by user. A watch counts when it ends. */
  async take(): Promise<ReadonlyMap<string, RequestCounts>> {
    return countByUser((await this.#lines()).map((line) => JSON.parse(line) as AuditLine));
  }

  async #lines(): Promise<string[]> {
    const file = await open(this.#file).catch(() => undefined);
    if (file === undefined) return [];
    try {
      const { size } = await file.stat();
      const from = Math.max(0, this.#offset - 1);
      const bytes = Buffer.alloc(Math.max(0, size - from));
      await file.read(bytes, 0, bytes.length, from);
      const [begin, end] = completeLines(bytes, this.#offset);
      this.#offset = from + end;
      return bytes
        .toString('utf8', begin, end)
        .split('\n')
        .filter((line) => line !== '');
    } finally {
      await file.close();
    }
  }
}

/**
 * Where those lines begin and end that are wholly there from `offset` of the file on. The bytes start at the one before
 * it, which tells whether a line begins there; at offset 0 there is none.
 */
export function completeLines(bytes: Buffer, offset: number): readonly [begin: number, end: number] {
  const newline = 10;
  const end = bytes.lastIndexOf(newline) + 1;
  const begin = offset === 0 ? 0 : bytes.indexOf(newline) + 1;
  return [Math.min(begin, end), end];
}

export function countByUser(lines: readonly AuditLine[]): Map<string, RequestCounts> {
  const users = new Map<string, Record<string, number>>();
  for (const line of lines) {
    const user = line.user.username ?? '';
    const counts = users.get(user) ?? {};
    users.set(user, counts);
    const { resource = 'none', subresource } = line.objectRef ?? {};
    const kind = `${line.verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return users;
}

const READS = /^(get|list|watch) /;
/** What an idle operator does by design: it keeps its Lease and renews ServiceAccount tokens. */
const EXPECTED = / (leases|serviceaccounts\/token)$/;

export const sum = (counts: RequestCounts, accepts: (kind: string) => boolean): number =>
  Object.entries(counts).reduce((total, [kind, count]) => total + (accepts(kind) ? count : 0), 0);

/** Reads, apart from those of the Lease. */
export const readsOf = (counts: RequestCounts): number =>
  sum(counts, (kind) => READS.test(kind) && !EXPECTED.test(kind));

/** Writes, apart from the Lease and TokenRequests. */
export const writesOf = (counts: RequestCounts): number =>
  sum(counts, (kind) => !READS.test(kind) && !EXPECTED.test(kind));
