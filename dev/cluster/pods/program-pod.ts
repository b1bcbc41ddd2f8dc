import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../cluster.ts';
import { startProcess } from '../process.ts';
import { plainEnvironment } from '../tools.ts';
import { type Prepared, ProgramContainer } from './container.ts';
import { containerEnvironment } from './environment.ts';
import { expandVariables } from './expand.ts';
import type { Place } from './fields.ts';
import { rewritePaths } from './paths.ts';
import type { ProbeTarget } from './probe.ts';
import { type Programs, programOf } from './programs.ts';
import type { StatusReporter } from './reporter.ts';
import { type ContainerReport, timestamp } from './state.ts';
import { TokenKeeper } from './token.ts';
import type { Container, Pod } from './types.ts';
import { makeVolumes, mountsOf } from './volumes.ts';
import type { PodWorker } from './worker.ts';

/** What a pod of programs needs. */
export interface ProgramPodContext {
  readonly cluster: Cluster;
  readonly programs: Programs;
  readonly place: Place;
  readonly reporter: StatusReporter;
  /** The pod's folder: logs and volumes. */
  readonly folder: string;
}

/** Plays a pod whose containers are programs of this machine; containers of other images are simulated. */
export class ProgramPod implements PodWorker {
  readonly #pod: Pod;
  readonly #context: ProgramPodContext;
  readonly #tokens: TokenKeeper;
  readonly #startTime = timestamp();
  readonly #containers: readonly {
    readonly container: Container;
    readonly program: ProgramContainer | undefined;
  }[];
  #volumes: Promise<void> | undefined;
  #terminated = false;

  constructor(pod: Pod, context: ProgramPodContext) {
    this.#pod = pod;
    this.#context = context;
    this.#tokens = new TokenKeeper(context.cluster.podRunnerApi, pod);
    this.#containers = pod.spec.containers.map((container) => ({
      container,
      program: this.#startContainer(container),
    }));
    this.#report();
  }

  /** A running program does not follow changes of its pod. */
  readonly update = (): void => undefined;

  readonly terminate = async (graceMs: number): Promise<void> => {
    this.#terminated = true;
    this.#context.reporter.stop();
    await Promise.all(this.#containers.map(({ program }) => program?.terminate(graceMs)));
    this.#tokens.stop();
    await rm(join(this.#context.folder, 'volumes'), { recursive: true, force: true });
  };

  readonly pids = (): number[] => this.#processes().map(({ pid }) => pid);

  readonly signal = (signal: NodeJS.Signals): void => {
    for (const process of this.#processes()) process.signal(signal);
  };

  #processes() {
    return this.#containers.map(({ program }) => program?.process).filter((process) => process !== undefined);
  }

  #startContainer(container: Container): ProgramContainer | undefined {
    const program = programOf(container.image, this.#context.programs);
    if (program === undefined) return undefined;
    const { restartPolicy = 'Always', terminationGracePeriodSeconds = 30 } = this.#pod.spec;
    return new ProgramContainer({
      container,
      restartPolicy,
      prepare: () => this.#prepare(container, program),
      graceMs: terminationGracePeriodSeconds * 1000,
      // The first changes come while the constructor still runs.
      onChange: () => queueMicrotask(() => this.#report()),
    });
  }

  async #prepare(container: Container, program: readonly string[]): Promise<Prepared> {
    const { cluster, place, folder } = this.#context;
    const volumes = join(folder, 'volumes');
    await this.#makeVolumes(volumes);
    const mounts = mountsOf(container, volumes);
    const rewrite = (text: string) => rewritePaths(text, mounts);
    const context = { api: cluster.podRunnerApi, pod: this.#pod, place, base: this.#baseEnvironment() };
    const plain = await containerEnvironment(container, context);
    const env = Object.fromEntries(Object.entries(plain).map(([name, value]) => [name, rewrite(value)]));
    const args = (container.args ?? []).map((arg) => rewrite(expandVariables(arg, plain)));
    const logFile = join(folder, `${container.name}.log`);
    const { binary } = cluster;
    const spec = { name: container.name, binary, argv: [...program, ...args], env, logFile, cwd: folder };
    const target: ProbeTarget = { container, podIp: place.podIp, exec: { env, cwd: folder, rewrite } };
    return { start: () => startProcess(spec), target };
  }

  /** Once for all containers; a failure is forgotten so that the next try starts over. */
  #makeVolumes(folder: string): Promise<void> {
    const { cluster, place } = this.#context;
    const context = { api: cluster.podRunnerApi, pod: this.#pod, place, folder, tokens: this.#tokens };
    this.#volumes ??= mkdir(folder, { recursive: true })
      .then(() => makeVolumes(context))
      .catch((error: unknown) => {
        this.#volumes = undefined;
        this.#tokens.stop();
        throw error;
      });
    return this.#volumes;
  }

  #baseEnvironment(): Record<string, string> {
    const port = String(this.#context.cluster.port);
    return {
      ...plainEnvironment(this.#context.folder),
      HOSTNAME: this.#pod.metadata.name,
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: port,
      KUBERNETES_SERVICE_PORT_HTTPS: port,
    };
  }

  #report(): void {
    if (this.#terminated) return;
    const { podIp, hostIp } = this.#context.place;
    const containers = this.#containers.map(
      ({ container, program }) => program?.report ?? this.#simulated(container),
    );
    this.#context.reporter.report({ podIp, hostIp, startTime: this.#startTime, containers });
  }

  #simulated({ name, image }: Container): ContainerReport {
    const state = { kind: 'running', startedAt: this.#startTime, started: true, ready: true } as const;
    return { name, image, restartCount: 0, state };
  }
}
