import type { Reason } from '../../api/reasons.ts';
import type { Warning } from './verdict.ts';

/** One condition holds the messages of all warnings, and 32,768 characters at most (metav1.Condition). */
const SHOWN = 10;

/** A warning for each of the first few things, and one that says how many `more` there are. */
export function warningsFor<T>(
  reason: Reason,
  things: readonly T[],
  messageOf: (thing: T) => string,
  more: string,
): readonly Warning[] {
  const messages = things.slice(0, SHOWN).map(messageOf);
  const rest = things.length - messages.length;
  return [...messages, ...(rest > 0 ? [`${rest} more ${more}`] : [])].map((message) => ({ reason, message }));
}
