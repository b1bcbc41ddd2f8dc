import { fail, ok, type Result } from '../../domain/failure.ts';
import type { Identity } from '../../domain/identity/identity.ts';
import type { PlannedSentinel } from '../../domain/store/sentinels.ts';
import { selectionKey } from '../../domain/store/settings.ts';
import type { PageTags } from '../../ports/azure.ts';
import type { Dependencies, Seen, SettingsSource } from '../dependencies.ts';
import type { PlannedPass } from '../pass.ts';
import type { Tags } from './observe.ts';

/** The sentinels of a binding as they were before anything was read. */
export interface RecordedSentinels {
  readonly tags: Tags;
  /** By when all of them were as they are; milliseconds since the epoch. */
  readonly since: number;
  /** Descriptions of those that do not exist. */
  readonly missing: readonly string[];
}

/**
 * Records the sentinels: what is read afterwards is at least as new as their last change.
 *
 * Their tags, and not those of the selections, are what the targets are made from. A sentinel that changes while the
 * selections are read shows at the next look.
 */
export async function recordSentinels(
  pass: PlannedPass,
  identity: Identity,
  { settingsSource }: Pick<Dependencies, 'settingsSource'>,
): Promise<Result<RecordedSentinels>> {
  const { sentinels } = pass.plan;
  const answers = await Promise.all(
    sentinels.map((sentinel) => record(sentinel, pass, identity, settingsSource)),
  );
  const tags = new Map<string, PageTags>();
  const missing: string[] = [];
  let since = 0;
  for (const answer of answers) {
    if (!answer.ok) return answer;
    const { sentinel, seen, exists } = answer.value;
    tags.set(selectionKey(sentinel.selection), seen.tags);
    since = Math.max(since, seen.since);
    if (!exists) missing.push(sentinel.description);
  }
  return ok({ tags, since, missing });
}

interface Recorded {
  readonly sentinel: PlannedSentinel;
  readonly seen: Seen;
  readonly exists: boolean;
}

/** Its content tells whether it exists: an empty page has an ETag like any other. */
async function record(
  sentinel: PlannedSentinel,
  { signal, key }: PlannedPass,
  identity: Identity,
  source: SettingsSource,
): Promise<Result<Recorded>> {
  const options = { signal, subscriberKey: key };
  const content = await source.content(sentinel.selection, identity, options);
  if (!content.ok) return content;
  const seen = await source.observe(sentinel.selection, identity, { ...options, maxAgeMs: Infinity });
  if (!seen.ok) return fail(seen.failure);
  return ok({ sentinel, seen: seen.value, exists: content.value.settings.length > 0 });
}

/** Nobody looks at the selections in between: what is known of them counts only if it was asked for after `since`. */
export function readAfter(
  since: number,
  { refreshRequested }: PlannedPass,
  source: SettingsSource,
): SettingsSource {
  const age = { maxAgeMs: refreshRequested ? 0 : Infinity, notBefore: since + 1 };
  return {
    subscribe: (...given) => source.subscribe(...given),
    unsubscribe: (...given) => source.unsubscribe(...given),
    demand: (...given) => source.demand(...given),
    observe: (...given) => source.observe(...given),
    content: async (selection, identity, options) => {
      const seen = await source.observe(selection, identity, { ...options, ...age });
      return seen.ok ? source.content(selection, identity, options) : seen;
    },
  };
}
