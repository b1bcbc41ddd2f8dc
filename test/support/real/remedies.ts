/** The commands that a binding's status tells, and running them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { REPOSITORY } from './operator.ts';
import type { Team } from './team.ts';

/** Runs lines of a remedy with an `az` that does in the pretend Azure what the real one does in Azure. */
export async function runRemedy(team: Team, commands: readonly string[]): Promise<void> {
  const path = `${join(REPOSITORY, 'dev/azure/cli/bin')}:/usr/bin:/bin`;
  const env = { PATH: path, PRETEND_AZURE_CONTROL: team.azure.url };
  // Not synchronously: the pretend Azure runs in this process.
  const shell = spawn('/bin/sh', ['-eu'], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  shell.stdin.end(commands.join('\n'));
  const [said, [code]] = await Promise.all([text(shell.stderr), once(shell, 'exit')]);
  expect([said, code]).to.deep.equal(['', 0]);
}

/** The only remedy, once the binding fails for `reason`. */
export async function remedyFor(team: Team, reason: string): Promise<readonly string[]> {
  const remedies = await team.until(`a remedy for ${reason}`, async () => {
    const { remedies = [] } = await team.status();
    return remedies.some((remedy) => remedy.reason === reason) && remedies;
  });
  expect(remedies).to.have.length(1);
  return remedies[0]?.commands ?? [];
}
