/**
 * Everything a scenario plays on: a cluster, a pretend Azure, a population, and the operator under measure.
 *
 * Guarantees: all processes end with the bench, and with `stop`; stages do not see each other.
 * Failure: what does not start makes `setStage` reject, after what had been started is stopped.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PUBLIC } from '../../dev/azure/hosts.ts';
import { type Cluster, startCluster } from '../../dev/cluster/cluster.ts';
import { auditPolicyFor } from '../measure/audit-tail.ts';
import { Targets } from '../measure/targets.ts';
import { openWindow, type Usage } from '../measure/window.ts';
import { fillIn } from './fill-in.ts';
import { createBindings, createNamespaces } from './furnish.ts';
import { type Login, type Logins, makeLogins, SYSTEM_NAMESPACE } from './login.ts';
import { azureSeed, type Population, PROBE } from './population.ts';
import { type PretendAzure, startPretendAzure } from './pretend-azure.ts';
import { type RunningOperator, startOperator } from './running-operator.ts';
import { ROOT, type Subject } from './subject.ts';

/** The secret by which a Secret's freshness is judged. */
export const PROBE_SECRET = 'secret-01';

interface Parts {
  readonly cluster: Cluster;
  readonly azure: PretendAzure;
  readonly subject: Subject;
  readonly logins: Logins;
  readonly population: Population;
  readonly targets: Targets;
}

export class Stage {
  readonly cluster: Cluster;
  readonly azure: PretendAzure;
  readonly subject: Subject;
  readonly logins: Logins;
  readonly population: Population;
  readonly targets: Targets;
  #operator: RunningOperator | undefined;
  #starts = 0;

  /** Use `setStage`. */
  constructor({ cluster, azure, subject, logins, population, targets }: Parts) {
    this.cluster = cluster;
    this.azure = azure;
    this.subject = subject;
    this.logins = logins;
    this.population = population;
    this.targets = targets;
  }

  /** Whose rights the operator has. */
  get login(): Login {
    return this.subject.ours ? this.logins.chart : this.logins.admin;
  }

  get operator(): RunningOperator {
    if (this.#operator === undefined) throw new Error('no operator runs');
    return this.#operator;
  }

  /** Starts the operator and waits until it is ready. */
  async startOperator(): Promise<RunningOperator> {
    this.#starts += 1;
    const { cluster, azure, subject, login } = this;
    this.#operator = await startOperator({ cluster, azure, subject, login, number: this.#starts });
    return this.#operator;
  }

  async stopOperator(): Promise<void> {
    await this.#operator?.stop();
    this.#operator = undefined;
  }

  /** Measures until the returned function is called. */
  measure(): Promise<() => Promise<Usage>> {
    const { cluster, azure, login } = this;
    const pid = () => this.#operator?.pid;
    return openWindow({ cluster, azure, user: login.user, pid });
  }

  async stop(): Promise<void> {
    this.targets.stop();
    await this.stopOperator();
    await this.cluster.stop();
  }
}

/** What stages of one run have in common. */
export interface StageOptions {
  readonly subject: Subject;
  /** For files that must exist before the cluster does. */
  readonly folder: string;
  readonly keepLogs: boolean;
}

/** Brings everything up; the operator does not run yet. */
export async function setStage(options: StageOptions, population: Population): Promise<Stage> {
  const { subject, folder, keepLogs } = options;
  const policy = join(folder, 'audit-policy.json');
  await writeFile(policy, JSON.stringify(auditPolicyFor(SYSTEM_NAMESPACE)));
  const cluster = await startCluster({
    name: 'bench',
    apiServerFlags: [`--audit-policy-file=${policy}`],
    keepFolder: keepLogs,
  });
  try {
    return await furnish(cluster, subject, population);
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

const CRD = join(ROOT, 'crds', 'appconfigbindings.appconfig.dev.yaml');

async function furnish(cluster: Cluster, subject: Subject, population: Population): Promise<Stage> {
  const [azure] = await Promise.all([
    startPretendAzure(cluster),
    // The floor writes the status of our kind, whichever operator is measured.
    cluster.kubectlOrThrow(['apply', '--filename', CRD]),
  ]);
  const { issuer, caPem } = cluster;
  const tenant = { id: azure.tenantId, name: PUBLIC.tenant.name };
  await azure.control.seed(azureSeed(population, { issuer, caPem }, tenant));
  const logins = await makeLogins(cluster);
  for (const text of subject.manifests) await cluster.applyYaml(text);
  await cluster.untilCrdsEstablished();
  await createNamespaces(cluster, population, azure.tenantId);
  await createBindings(cluster, population, subject.binding, azure.tenantId);
  const dataKey = (key: string) => fillIn(subject.dataKey, { key });
  const targets = new Targets(cluster.api, { configmaps: dataKey(PROBE), secrets: dataKey(PROBE_SECRET) });
  return new Stage({ cluster, azure, subject, logins, population, targets });
}
