/**
 * A stand-in for the Azure CLI that does in the pretend Azure what `az` does in Azure, as far as the operator's own
 * login (`--local-identity`) and the commands of `status.remedies` need it.
 *
 * Environment: PRETEND_AZURE_CONTROL, the `controlUrl`; PRETEND_AZURE_LOGIN, the client id of the application that
 * stands for the user who is logged in.
 */
import { AzureControl } from '../control/client.ts';
import { parseCall, query, written } from './arguments.ts';
import { runCommand } from './commands.ts';

const { PRETEND_AZURE_CONTROL: url = '', PRETEND_AZURE_LOGIN: login } = process.env;
const control = new AzureControl(url);
try {
  const call = parseCall(process.argv.slice(2));
  const result = query((await runCommand(call, { control, login })) ?? null, call.optional('query'));
  process.stdout.write(written(result, call.optional('output')));
} catch (error) {
  process.stderr.write(`ERROR: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  control.close();
}
