import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { files } from './components.ts';
import { users } from './credentials.ts';

/** One request, as the API server's audit log tells it (audit.k8s.io/v1 Event; the parts we use). */
export interface AuditEvent {
  readonly auditID: string;
  readonly level: 'Metadata' | 'RequestResponse';
  readonly stage: 'ResponseStarted' | 'ResponseComplete' | 'Panic';
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username?: string };
  readonly userAgent?: string;
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number; readonly reason?: string };
  readonly requestObject?: unknown;
  readonly responseObject?: unknown;
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
}

const writingVerbs = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** Whether a request was one that changes something. */
export function isWrite(event: AuditEvent): boolean {
  return writingVerbs.has(event.verb);
}

/**
 * What is logged: every request, apart from what the control plane itself reads; bodies too, except where
 * they may hold a secret or a token.
 */
export const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  omitManagedFields: true,
  rules: [
    { level: 'None', users: [users.launcher] },
    {
      level: 'None',
      users: [users.controllerManager, users.scheduler, users.podRunner, 'system:apiserver'],
      verbs: ['get', 'list', 'watch'],
    },
    { level: 'None', nonResourceURLs: ['/readyz*', '/livez*', '/healthz*'] },
    {
      level: 'Metadata',
      resources: [
        { group: '', resources: ['secrets', 'serviceaccounts/token'] },
        { group: 'authentication.k8s.io', resources: ['tokenreviews'] },
      ],
    },
    // Discovery and OpenAPI answers are large and tell nothing.
    { level: 'Metadata', nonResourceURLs: ['*'] },
    { level: 'RequestResponse' },
  ],
} as const;

/** What all API servers of a cluster logged, in the order in which requests came in when there are two of them. */
export async function readAuditLogs(folder: string): Promise<AuditEvent[]> {
  const [first, second] = await Promise.all(
    [files.auditLog, files.secondAuditLog].map((file) => readAuditLog(join(folder, file))),
  );
  if (first === undefined || second === undefined || second.length === 0) return first ?? [];
  const time = ({ requestReceivedTimestamp }: AuditEvent) => requestReceivedTimestamp;
  return [...first, ...second].sort((a, b) => (time(a) < time(b) ? -1 : 1));
}

/**
 * Reads a log: one event per request, in the order in which they began to be answered. A watch shows as soon
 * as it is open (`stage` ResponseStarted), then as finished. A last line still being written is left out.
 */
async function readAuditLog(file: string): Promise<AuditEvent[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const complete = text.slice(0, text.lastIndexOf('\n') + 1);
  const events = new Map<string, AuditEvent>();
  for (const line of complete.split('\n')) {
    if (line === '') continue;
    const event = JSON.parse(line) as AuditEvent;
    events.set(event.auditID, event);
  }
  return [...events.values()];
}
