import { remediesOf } from '../../../src/domain/remedies/remedy.ts';
import type { GeneratedFile } from '../files.ts';
import { cell, page, table } from '../markdown.ts';
import { type ErrorCase, errorCases } from './cases.ts';
import { EXAMPLE } from './examples.ts';

const CASES = errorCases();

const INTRO = `What a user is told when Entra, Key Vault or App Configuration refuse: the reason and the message of the condition. The examples are those of ServiceAccount \`shop/orders\` and Secret \`shop/orders-azure\`, client \`${EXAMPLE.clientId}\`, secret \`${EXAMPLE.secret}\` in \`${EXAMPLE.vault}\` and store \`${EXAMPLE.endpoint}\`; a binding's own names stand in their place.

Where the last column says so, \`status.remedies\` of the binding holds the [commands](#commands) for it, filled in with the names of the binding and the issuer of the cluster:

\`\`\`
kubectl get acb -n shop orders -o jsonpath='{range .status.remedies[*].commands[*]}{@}{"\\n"}{end}'
\`\`\`

Read them before you run them. They stand there as long as the condition \`Stalled\`. There are none where a name in them could mean something else to a shell than itself.

A test plays each of these answers to the operator and compares what it makes of them with this page (\`test/contract/sources/azure-errors.test.ts\`).`;

const SERVICES: readonly (readonly [ErrorCase['service'], string, string])[] = [
  [
    'entra',
    'Entra',
    'Keyed on the number, since texts and HTTP statuses of one error have changed over the years. Other numbers are `EntraRejected`, with the number in the message. What a message tells to check is named with the place where it stands: the ServiceAccount or Secret, a field of the binding that overrides it, or a setting of the operator.',
  ],
  [
    'identitybinding',
    'Identity bindings of AKS',
    'Answers that came through the proxy of the cluster, with `enableAzureProxy`. Other numbers mean what they mean to a workload identity; anything else without a number is taken as the last row.',
  ],
  [
    'imds',
    'Managed identities of the node',
    'Answers of the instance metadata service, which has texts and no numbers. Where nothing is said, only the status counts.',
  ],
  [
    'keyvault',
    'Key Vault',
    'A 403 has an inner code. Reasons of references stand in `status.references.failed`, too. Before a message the status names the key; after those of `SecretNotFound` and `InvalidReference` it says where the name of the secret is corrected: in the store, or in `spec.keyVault.secrets`.',
  ],
  [
    'appconfig',
    'App Configuration',
    'A 403 without a body is a missing role; one about the network says so in its body.',
  ],
];

/** docs/reference/azure-errors.md: every refusal with what a user is told, and the commands that repair it. */
export function azureErrorsPage(): readonly GeneratedFile[] {
  const sections = SERVICES.map(([service, title, note]) => {
    const rows = CASES.filter((one) => one.service === service).map(rowOf);
    return `## ${title}\n\n${note}\n\n${table(['Answer', 'To', 'Reason', 'Message', 'Commands'], rows)}`;
  });
  const content = page(['# Errors of Azure', INTRO, ...sections, commands()]);
  return [{ path: 'docs/reference/azure-errors.md', content }];
}

const answerOf = ({ status, code }: ErrorCase): string =>
  code === '' ? `HTTP ${status}` : `HTTP ${status} \`${code}\``;

const askedBy = ({ reader, list }: ErrorCase): string => (list ? `${reader}, of a list` : reader);

function rowOf(one: ErrorCase): readonly string[] {
  const { failure } = one;
  const has = remediesOf([failure]).length > 0;
  return [answerOf(one), askedBy(one), `\`${failure.reason}\``, cell(failure.message), has ? 'yes' : ''];
}

/** Each set of commands once, with the answers it is for. */
function commands(): string {
  const bySet = Map.groupBy(CASES, ({ failure }) => linesOf(failure));
  const blocks = [...bySet].flatMap(([lines, cases]) =>
    lines === '' ? [] : [`${namesOf(cases)}:\n\n\`\`\`\n${lines}\n\`\`\``],
  );
  return ['## Commands', ...blocks].join('\n\n');
}

const namesOf = (cases: readonly ErrorCase[]): string => {
  const [, title = ''] = SERVICES.find(([service]) => service === cases[0]?.service) ?? [];
  return `${title}: ${cases.map((one) => `${answerOf(one)} (${askedBy(one)})`).join(', ')}`;
};

const linesOf = (failure: ErrorCase['failure']): string =>
  remediesOf([failure])
    .flatMap((remedy) => remedy.commands)
    .join('\n');
