/** A simulation that random steps happen to, with its rules checked on the way. */
import type { KubernetesObject } from '../../../src/ports/kubernetes.ts';
import { isNotFound } from '../../../src/reconcile/kubernetes-failures.ts';
import {
  BINDINGS,
  type ClusterCall,
  DEPLOYMENTS,
  type MemoryClient,
  SECRETS,
  type Verdict,
} from '../memory-cluster/index.ts';
import { baseSpec, CLIENT_ID, ENDPOINT, NAMESPACE, Simulation, STORE_HOST, VAULT } from '../simulation.ts';
import { Audit } from './audit.ts';
import { changeAccount, changeSnapshot, deploy, editTarget, healedSpec, setFlag, squat } from './meddling.ts';
import { type BindingName, CANARY, KEEPS_REFERENCES, mayBeApplied, namesBoth, type Step } from './steps.ts';

const SYSTEM = 'appconfig-system';
export const KEY_SECRET = { type: SECRETS, namespace: SYSTEM, name: 'appconfig-operator-key' };
/** Far more than any story needs. */
const MOST_CALLS = 20_000;
const HOLD = 'test.example/hold';

interface Planned {
  left: number;
  times: number;
  readonly verdict: Exclude<Verdict, 'proceed'>;
  readonly downMs: number;
}

export class Ordeal {
  readonly simulation = new Simulation();
  readonly audit = new Audit(this.simulation.cluster);
  /** The operator may not know of changes before. */
  blindUntil = 0;
  #planned: Planned[] = [];
  readonly #clients: MemoryClient[] = [];
  #calls = 0;
  #silent = false;
  #secrets = 0;

  async begin(): Promise<void> {
    const { azure, cluster } = this.simulation;
    cluster.seed(SECRETS, {
      metadata: { namespace: SYSTEM, name: KEY_SECRET.name },
      data: { key: Buffer.alloc(32, 7).toString('base64') },
    } as KubernetesObject);
    azure.set(ENDPOINT, { key: 'base', value: 'ground' });
    setFlag(this.simulation, { id: 'Base', enabled: true });
    for (const secret of ['db', 'api']) this.#rotate(secret);
    azure.setReference(ENDPOINT, 'password', { vault: VAULT, name: 'db' });
    await deploy(this.simulation, 'web', 'all');
    await this.simulation.apply(baseSpec);
    this.start();
    await this.simulation.clock.advance(30_000);
  }

  start(): void {
    this.simulation.start((call) => this.#verdict(call));
    if (this.simulation.client) this.#clients.push(this.simulation.client);
  }

  /** Ends every operator that lives. */
  #killAll(): void {
    this.audit.look();
    this.audit.rivals = false;
    for (const client of this.#clients.splice(0)) client.kill();
  }

  async run(step: Step): Promise<void> {
    this.#note(step);
    await this.#apply(step);
    await this.simulation.clock.advance(step.do === 'pass' ? step.ms : 20);
    await this.finishRollouts();
    this.audit.look();
    if (this.#calls > MOST_CALLS) throw new Error(`more than ${MOST_CALLS} calls`);
  }

  /** Everything that is broken is mended; what was decided stays. */
  async heal(): Promise<void> {
    const { simulation } = this;
    const { azure, cluster, clock } = simulation;
    this.#planned = [];
    azure.fault = () => undefined;
    azure.grant(CLIENT_ID, STORE_HOST);
    azure.grant(CLIENT_ID, VAULT);
    for (const secret of ['db', 'api', 'other']) this.#rotate(secret);
    for (const key of ['bad key!', 'app.'])
      for (const label of [null, 'prod']) azure.delete(ENDPOINT, key, label);
    azure.set(ENDPOINT, { key: 'base', value: 'ground' });
    changeSnapshot(simulation, 'take');
    for (const { uid, ref } of this.audit.squatters.values()) await cluster.admin.delete(ref, { uid });
    await changeAccount(simulation, 'recreate');
    await this.#unhold();
    for (const name of ['orders', 'second'] as const) await this.#healBinding(name);
    this.#silence(false);
    this.#killAll();
    this.start();
    for (let minute = 0; minute < 40; minute += 1) {
      await clock.advance(60_000);
      await this.finishRollouts();
    }
    this.audit.look();
  }

  /** Rollouts complete at once. */
  async finishRollouts(): Promise<void> {
    for (const name of ['web', 'worker', 'viewer']) {
      const deployment = this.simulation.deployment(name);
      if (deployment && deployment.status?.observedGeneration !== deployment.metadata.generation)
        await this.simulation.completeRollouts(name);
    }
    await this.simulation.clock.settle();
  }

  /** What a step makes rightful. */
  #note(step: Step): void {
    const { audit } = this;
    const touchesBase = 'key' in step && step.key === 'base' && step.do !== 'set';
    if (touchesBase || (step.do === 'spec' && step.spec.allowEmpty === true)) audit.mayEmpty = true;
    if (!KEEPS_REFERENCES.has(step.do)) audit.sameReferences = false;
    // Nothing can be compared any more: what was running then is taken to be current.
    if (step.do === 'spec' && !namesBoth(step.spec)) audit.mayDoubt = true;
    if (step.do === 'restart' && step.loseKey) audit.keyLost = true;
  }

  async #healBinding(name: BindingName): Promise<void> {
    const binding = this.simulation.binding(name);
    if (binding === undefined) return name === 'orders' ? this.simulation.apply(baseSpec) : undefined;
    const spec = healedSpec(name, { ...baseSpec, ...binding.spec });
    await this.simulation.apply(spec, name, { ...binding.metadata.annotations });
  }

  #verdict({ verb, write }: ClusterCall): Verdict | Promise<never> {
    this.#calls += 1;
    // A loop that lets no time pass would never end: it waits for ever, and the story fails.
    if (this.#calls > MOST_CALLS) return new Promise(() => undefined);
    const [next] = this.#planned;
    if (write === undefined || next === undefined) return 'proceed';
    if (next.left > 0) {
      next.left -= 1;
      return 'proceed';
    }
    // A server that says that something is gone is believed.
    if (verb === 'delete' && next.verdict.kind === 'fail' && isNotFound(next.verdict.error)) return 'proceed';
    next.times -= 1;
    if (next.times <= 0) this.#planned.shift();
    if (next.verdict.kind === 'crash') {
      this.simulation.clock.setTimer(next.downMs, () => this.start());
      this.#blind(next.downMs + 5_000);
    }
    return next.verdict;
  }

  #blind(ms: number): void {
    this.blindUntil = Math.max(this.blindUntil, this.simulation.clock.now() + ms);
  }

  async #apply(step: Step): Promise<void> {
    const { simulation } = this;
    const { azure, cluster } = simulation;
    const at =
      'key' in step
        ? { key: step.key, ...(step.label === undefined ? {} : { label: step.label }) }
        : undefined;
    switch (step.do) {
      case 'set':
        return azure.set(ENDPOINT, { ...at, key: step.key, value: step.value });
      case 'refer':
        return azure.setReference(ENDPOINT, step.key, { vault: VAULT, name: step.secret }, step.label);
      case 'unset':
        return azure.delete(ENDPOINT, step.key, step.label ?? null);
      case 'flag':
        return setFlag(simulation, step);
      case 'snapshot':
        return changeSnapshot(simulation, step.change);
      case 'labelNamespace':
        return simulation.labelNamespace(step.environment);
      case 'rotate':
        return this.#rotate(step.secret, step);
      case 'deleteSecret':
        return azure.deleteSecret(VAULT, step.secret);
      case 'grant':
      case 'revoke':
        return azure[step.do](CLIENT_ID, step.what === 'store' ? STORE_HOST : VAULT);
      case 'azureFault':
        azure.fault = (kind) =>
          step.kind === 'all' || step.kind === kind ? (step.failure ?? undefined) : undefined;
        return;
      case 'spec':
        if (simulation.binding(step.binding)?.metadata['deletionTimestamp'] !== undefined) return;
        return simulation.apply(step.spec, step.binding, {
          ...simulation.binding(step.binding)?.metadata.annotations,
        });
      case 'refresh': {
        const binding = simulation.binding();
        if (binding?.spec)
          await simulation.apply(binding.spec, 'orders', { 'appconfig.dev/refresh': step.token });
        return;
      }
      case 'deleteBinding':
        await cluster.admin.delete({ type: BINDINGS, namespace: NAMESPACE, name: 'orders' });
        return;
      case 'terminateBinding':
        return this.#terminate();
      case 'account':
        return changeAccount(simulation, step.change);
      case 'editTarget':
        return editTarget(this, step.kind, step.change);
      case 'squat':
        return squat(this, step.kind, step.name);
      case 'deploy':
        return deploy(simulation, step.name, step.uses);
      case 'undeploy':
        await cluster.admin.delete({ type: DEPLOYMENTS, namespace: NAMESPACE, name: step.name });
        return;
      case 'optOut': {
        const annotations = { 'appconfig.dev/restart': step.out ? 'false' : null };
        await cluster.admin.mergePatch(
          { type: DEPLOYMENTS, namespace: NAMESPACE, name: step.name },
          { metadata: { annotations } },
        );
        return;
      }
      case 'crash':
        this.#planned.push({
          left: step.write,
          times: 1,
          verdict: { kind: 'crash', when: step.when },
          downMs: step.downMs,
        });
        return;
      case 'restart':
        return this.#restart(step.downMs, step.loseKey);
      case 'second':
        // Another replica that believes that it leads.
        this.audit.rivals = true;
        return this.start();
      case 'apiError': {
        const { write: left, times, error } = step;
        const verdict = { kind: 'fail', error, applied: step.applied && mayBeApplied(error) } as const;
        this.#planned.push({ left, times, verdict, downMs: 0 });
        return;
      }
      case 'watch':
        return this.#watch(step.what);
      case 'pass':
        return;
    }
  }

  #rotate(secret: string, { disabled = false, expired = false } = {}): void {
    this.#secrets += 1;
    const expiresAt = this.simulation.clock.now() - 1_000;
    this.simulation.azure.setSecret(VAULT, secret, {
      value: `${CANARY}${this.#secrets}`,
      disabled,
      ...(expired ? { expiresAt } : {}),
    });
  }

  async #terminate(): Promise<void> {
    const ref = { type: BINDINGS, namespace: NAMESPACE, name: 'orders' };
    const binding = this.simulation.binding();
    if (binding === undefined || binding.metadata['deletionTimestamp'] !== undefined) return;
    await this.simulation.cluster.admin.mergePatch(ref, { metadata: { finalizers: [HOLD] } });
    await this.simulation.cluster.admin.delete(ref);
    await this.simulation.clock.advance(3_000);
    const sees = !this.#silent && this.simulation.clock.now() > this.blindUntil;
    if (sees) this.audit.mustRest('orders');
  }

  async #unhold(): Promise<void> {
    const ref = { type: BINDINGS, namespace: NAMESPACE, name: 'orders' };
    if (this.simulation.binding()?.metadata['deletionTimestamp'] === undefined) return;
    this.audit.look();
    this.audit.mayWork();
    await this.simulation.cluster.admin.mergePatch(ref, { metadata: { finalizers: null } });
  }

  async #restart(downMs: number, loseKey: boolean): Promise<void> {
    this.#killAll();
    this.#planned = [];
    await this.simulation.clock.advance(downMs);
    // One that came back from a crash meanwhile: holding a lost key, it and a new one would quarrel without end
    // about the hashes of the targets. (Only one leads outside of stories.)
    this.#killAll();
    if (loseKey) await this.simulation.cluster.admin.delete(KEY_SECRET);
    this.start();
    this.#blind(5_000);
  }

  #silence(silent: boolean): void {
    this.#silent = silent;
    this.simulation.cluster.silenceWatches(silent);
  }

  #watch(what: 'close' | 'compact' | 'silence' | 'speak'): void {
    const { cluster } = this.simulation;
    if (what === 'close') cluster.closeWatches();
    if (what === 'compact') {
      cluster.compact();
      cluster.closeWatches();
    }
    if (what === 'silence' || what === 'speak') this.#silence(what === 'silence');
    // Muted watches stay so until the inactivity deadline of the informer.
    if (what === 'silence') this.#blind(1_200_000);
    if (what === 'speak') this.#blind(600_000);
  }
}
