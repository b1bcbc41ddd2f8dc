import type { AppConfigurationClient } from '@azure/app-configuration';
import type { SnapshotState } from '../../domain/store/snapshots.ts';
import { type Answer, callSdk, type SdkOutcome, stringMember } from './sdk-call.ts';
import { unquoted } from './store-pages.ts';

export type SnapshotOutcome =
  | Exclude<SdkOutcome<never>, { kind: 'done' }>
  | { readonly kind: 'snapshot'; readonly state: SnapshotState }
  | { readonly kind: 'missing' };

/** GET of a snapshot's state. The SDK puts the name into the path as it is given. */
export async function getSnapshotState(
  client: AppConfigurationClient,
  name: string,
  signal: AbortSignal,
): Promise<SnapshotOutcome> {
  const path = encodeURIComponent(name.toWellFormed());
  const outcome = await callSdk(
    (onResponse) => client.getSnapshot(path, { abortSignal: signal, onResponse }),
    signal,
  );
  if (outcome.kind === 'answered' && outcome.answer.status === 404) return { kind: 'missing' };
  if (outcome.kind !== 'done') return outcome;
  const state = stateOf(outcome.answer);
  return state === undefined ? { kind: 'garbled' } : { kind: 'snapshot', state };
}

function stateOf(answer: Answer): SnapshotState | undefined {
  const etag = unquoted(stringMember(answer.body, 'etag')) ?? unquoted(answer.header('etag'));
  const status = stringMember(answer.body, 'status');
  // Something between us and the store may answer 200 with a page of its own.
  if (etag === undefined || status === undefined) return undefined;
  const composition = stringMember(answer.body, 'composition_type') ?? 'key';
  const expiresAt = Date.parse(stringMember(answer.body, 'expires') ?? '');
  return { etag, status, composition, ...(Number.isNaN(expiresAt) ? {} : { expiresAt }) };
}
