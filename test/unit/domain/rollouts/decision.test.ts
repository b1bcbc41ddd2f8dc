import { expect } from 'chai';
import {
  decideRestart,
  type RestartDecision,
  type RestartInput,
  type RestartRecord,
} from '../../../../src/domain/rollouts/decision.ts';
import type { TemplateMarker } from '../../../../src/domain/rollouts/marker.ts';
import type { Usage } from '../../../../src/domain/rollouts/usage.ts';

const KEYS: Usage = { kind: 'keys', uses: [{ role: 'configMap', keys: 'all' }] };
const record = (keyId: string, usageHash: string, contentHash: string): RestartRecord => ({
  keyId,
  usageHash,
  contentHash,
});
const marker = (keyId: string, contentHash: string, ours = true): TemplateMarker => ({
  keyId,
  contentHash,
  ours,
  turn: 1,
  text: `${keyId}:${contentHash}`,
});

/** Created at 100 s, changed at 200 s: nothing speaks for a record unless a case says so. */
const FACTS = { targetCreatedAt: 100_000, targetChangedAt: 200_000 };
const EDITED_AFTER = { ...FACTS, lastSpecChangeAt: 300_000 };
const EDITED_BEFORE = { ...FACTS, lastSpecChangeAt: 150_000 };
const EDITED_IN_THE_SAME_SECOND = { ...FACTS, lastSpecChangeAt: 200_000 };
/** Where the API server's clock is ahead, the content is the newer one. */
const EDITED_WITHIN_SKEW = { ...FACTS, lastSpecChangeAt: 205_000 };
const NEVER_CHANGED = { targetCreatedAt: 100_000, targetChangedAt: 101_000 };

const WANTED = record('k1', 'u2', 'c2');

function decide(input: Partial<RestartInput>): RestartDecision {
  return decideRestart({
    usage: KEYS,
    wanted: WANTED,
    facts: FACTS,
    optedOut: false,
    restarts: 'on',
    ...input,
  });
}

const CASES: readonly [
  string,
  Partial<RestartInput>,
  RestartDecision['action'],
  RestartDecision['reason'],
][] = [
  ['does nothing when the record equals what is wanted', { record: WANTED }, 'none', 'up-to-date'],
  [
    'does nothing when the record is right, whatever marker an undone rollout brought back',
    { record: WANTED, marker: marker('k1', 'c1', false) },
    'none',
    'up-to-date',
  ],
  [
    'restarts when the content changed since the record',
    { record: record('k1', 'u2', 'c1'), marker: marker('k1', 'c1') },
    'restart',
    'content-changed',
  ],
  [
    'records after a crash between patch and record, because the marker is there',
    { record: record('k1', 'u2', 'c1'), marker: marker('k1', 'c2') },
    'record',
    'already-restarted',
  ],
  [
    'restarts when content went away and came back between a patch and its lost record',
    { record: { ...WANTED, marker: 'k1:c2' }, marker: marker('k1', 'c9') },
    'restart',
    'content-changed',
  ],
  [
    'restarts though an older marker, known when other content was recorded, equals the content again',
    { record: { ...record('k1', 'u2', 'c9'), marker: 'k1:c2' }, marker: marker('k1', 'c2') },
    'restart',
    'content-changed',
  ],
  [
    'does nothing when the marker is the one that was recorded with the content',
    { record: { ...WANTED, marker: 'k1:c1' }, marker: marker('k1', 'c1') },
    'none',
    'up-to-date',
  ],
  [
    'records after the same crash when nothing had ever been recorded',
    { marker: marker('k1', 'c2') },
    'record',
    'already-restarted',
  ],
  [
    'restarts when an undone rollout brought back the marker of the content that is wanted again',
    { record: record('k1', 'u2', 'c3'), marker: marker('k1', 'c2', false) },
    'restart',
    'content-changed',
  ],
  [
    'records when only the usage changed',
    { record: record('k1', 'u1', 'c1'), facts: EDITED_AFTER },
    'record',
    'usage-changed',
  ],
  [
    'records a changed usage when nothing tells the time of the edit',
    { record: record('k1', 'u1', 'c1') },
    'record',
    'usage-changed',
  ],
  [
    'restarts when the usage changed and the content after it',
    { record: record('k1', 'u1', 'c1'), facts: EDITED_BEFORE },
    'restart',
    'content-changed',
  ],
  [
    'restarts when usage and content changed in the same second',
    { record: record('k1', 'u1', 'c1'), facts: EDITED_IN_THE_SAME_SECOND },
    'restart',
    'content-changed',
  ],
  [
    'restarts when the usage changed so shortly after the content that clocks may tell it the wrong way round',
    { record: record('k1', 'u1', 'c1'), facts: EDITED_WITHIN_SKEW },
    'restart',
    'content-changed',
  ],
  [
    'records and never restarts when the key of the record is unknown',
    { record: record('k0', 'u2', 'c1'), facts: EDITED_BEFORE },
    'record',
    'key-unknown',
  ],
  [
    'records when the key of a lone marker is unknown',
    { marker: marker('k0', 'c1'), facts: EDITED_BEFORE },
    'record',
    'key-unknown',
  ],
  [
    'goes by the record when only the key of the marker is unknown',
    { record: record('k1', 'u2', 'c1'), marker: marker('k0', 'c1') },
    'restart',
    'content-changed',
  ],
  [
    'restarts under a new key what was owed under the old one',
    { record: { ...record('k0', 'u2', 'c1'), owed: true, marker: 'k0:c1' }, marker: marker('k0', 'c1') },
    'restart',
    'content-changed',
  ],
  [
    'records when what was owed under an unknown key has been carried out and not recorded',
    { record: { ...record('k0', 'u2', 'c1'), owed: true, marker: 'k0:c1' }, marker: marker('k0', 'c2') },
    'record',
    'key-unknown',
  ],
  [
    'owes nothing when content is back where it was',
    { record: { ...WANTED, owed: true } },
    'none',
    'up-to-date',
  ],
  [
    'records when the binding has only left a target of which the workload had everything',
    { record: record('k1', 'u1', 'c1'), facts: EDITED_BEFORE, leftOnly: true },
    'record',
    'usage-changed',
  ],
  [
    'restarts all the same when pods were started for other content, which no record tells',
    { record: record('k1', 'u1', 'c1'), marker: marker('k1', 'c9'), facts: EDITED_BEFORE, leftOnly: true },
    'restart',
    'content-changed',
  ],
  [
    'records a changed usage of pods that the operator started after the last change',
    { record: record('k1', 'u1', 'c1'), facts: { ...EDITED_BEFORE, lastRestartAt: 200_000 } },
    'record',
    'usage-changed',
  ],
  [
    'restarts for a changed usage when content changed after the operator started the pods',
    { record: record('k1', 'u1', 'c1'), facts: { ...EDITED_BEFORE, lastRestartAt: 199_000 } },
    'restart',
    'content-changed',
  ],
  [
    'restarts for a changed usage when what is recorded changed, too, in the very second of the last restart',
    {
      record: record('k1', 'u1', 'c1'),
      facts: { ...EDITED_BEFORE, lastRestartAt: 200_000 },
      recordedChanged: true,
    },
    'restart',
    'content-changed',
  ],
  [
    'restarts for a changed usage when a restart was owed, in whichever second the last one was',
    {
      record: { ...record('k1', 'u1', 'c1'), owed: true },
      facts: { ...EDITED_BEFORE, lastRestartAt: 200_000 },
    },
    'restart',
    'content-changed',
  ],
  [
    'records a workload first seen whose pods are newer than the content',
    { facts: EDITED_AFTER },
    'record',
    'pods-newer-than-content',
  ],
  [
    'restarts a workload first seen that was edited so shortly after the content that clocks may be wrong about it',
    { facts: EDITED_WITHIN_SKEW },
    'restart',
    'unseen-and-older',
  ],
  [
    'records a workload first seen when the content never changed',
    { facts: NEVER_CHANGED },
    'record',
    'unchanged-since-creation',
  ],
  [
    'records a workload older than a target that never changed',
    { facts: { ...NEVER_CHANGED, lastSpecChangeAt: 50_000 } },
    'record',
    'unchanged-since-creation',
  ],
  [
    'restarts a workload first seen that was restarted for other content than a target made anew holds',
    { marker: marker('k1', 'c1'), facts: NEVER_CHANGED },
    'restart',
    'unseen-and-older',
  ],
  [
    'goes by the age of the target when someone else wrote the marker of a workload first seen',
    { marker: marker('k1', 'c1', false), facts: NEVER_CHANGED },
    'record',
    'unchanged-since-creation',
  ],
  ['restarts a workload first seen that may be older than the content', {}, 'restart', 'unseen-and-older'],
  [
    'restarts a workload first seen that was edited before the content changed',
    { facts: EDITED_BEFORE },
    'restart',
    'unseen-and-older',
  ],
  [
    'restarts a workload first seen that carries the marker of other content',
    { marker: marker('k1', 'c1'), facts: EDITED_BEFORE },
    'restart',
    'unseen-and-older',
  ],
  [
    'does not trust a marker that someone else wrote on a workload first seen',
    { marker: marker('k1', 'c2', false), facts: EDITED_BEFORE },
    'restart',
    'unseen-and-older',
  ],
  ['leaves a workload alone that opted out', { optedOut: true }, 'none', 'opted-out'],
  [
    'does not record for a workload that opted out, so that it catches up later',
    { optedOut: true, record: record('k1', 'u2', 'c1'), marker: marker('k1', 'c2') },
    'none',
    'opted-out',
  ],
  ['leaves all workloads alone when the binding says Never', { restarts: 'off' }, 'none', 'restarts-off'],
  [
    'does nothing for a workload that does not use the targets',
    { usage: { kind: 'none' } },
    'none',
    'not-used',
  ],
  [
    'does nothing for a workload whose files update live',
    { usage: { kind: 'live' } },
    'none',
    'updates-live',
  ],
  [
    'records that a workload no longer uses the targets, so that using them again is seen as an edit',
    { usage: { kind: 'none' }, record: record('k1', 'u1', 'c1') },
    'record',
    'no-longer-used',
  ],
  [
    'does nothing more once that is recorded',
    { usage: { kind: 'live' }, record: WANTED },
    'none',
    'updates-live',
  ],
];

describe('The decision to restart a workload', () => {
  for (const [title, input, action, reason] of CASES) {
    it(title, () => {
      expect(decide(input)).to.deep.equal({ action, reason });
    });
  }
});
