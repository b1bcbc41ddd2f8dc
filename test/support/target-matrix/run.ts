import { begin, type Event } from './events.ts';
import { expectOutcome } from './outcomes.ts';
import { POLICIES, type PolicyName } from './policies.ts';
import type { Stage } from './stage.ts';

/** One cell: the event happens under the policy, and ends as the table says. */
export async function runCell(stage: Stage, event: Event, policyName: PolicyName): Promise<void> {
  const policy = POLICIES[policyName];
  await stage.set('color', 'blue');
  if (event.from === 'running') await begin(stage, policy);
  const before = (await stage.look('target'))?.uid;
  await event.happen(stage, policy);
  await expectOutcome(stage, event.ends[policyName], before);
}
