/** The text of `--help`. */
export const helpText = `npm run bench -- [options]

Brings up a Kubernetes control plane and a pretend Azure on this machine, runs scenarios with the operator as its
image runs it (bundle, flags, compile cache), and prints a table. Progress goes to the standard error output.

  --scenario A,B         which; default: all. --list names them
  --size small|full      small (default): up to a minute each; full: what docs/benchmarks.md reports
  --json FILE            raw data of every measure
  --bindings N           how many bindings every scenario has; default: by size
  --idle-seconds N       how long the scenario idle watches
  --concurrency N        writers of the floor, the bare client beside which a first sync is measured (default 16)
  --node-args="ARGS"     arguments of node for the operator, such as --cpu-prof --cpu-prof-dir=DIR
  --keep-logs            leaves the cluster's folder, with all logs, in place

Another operator, on the same work. It is logged in as a cluster admin (KUBECONFIG) and finds Azure through
HTTPS_PROXY; SSL_CERT_FILE and NODE_EXTRA_CA_CERTS name the CA.

  --operator-command "PROGRAM ARGS"   split at blanks
  --operator-binding FILE             one custom resource (YAML or JSON), filled in once per binding
  --operator-manifests FILE,FILE      applied first: CRDs, roles
  --operator-ready-url URL            answers 200 when it works; without it a running process counts as ready
  --operator-data-key TEXT            key of the ConfigMap that holds a setting (default {key})
  --operator-env NAME=VALUE           further environment; may be repeated
  --operator-name TEXT                its name in the table

Placeholders of a command, environment and ready URL: {kubeconfig} {namespace} {name} {port} {tenantId} {dir}
Placeholders of a binding: {name} {namespace} {serviceAccount} {clientId} {tenantId} {endpoint} {vault}
  {configMap} {secret} {refresh} {vaultRefresh}
A binding is right when {configMap} holds the setting's value under the data key, and {secret} exists.
`;
