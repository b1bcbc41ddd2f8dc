import { type Behaviour, behaviourOf } from './behaviour.ts';
import type { Place } from './fields.ts';
import type { StatusReporter } from './reporter.ts';
import { type ContainerState, timestamp } from './state.ts';
import type { Pod } from './types.ts';
import type { PodWorker } from './worker.ts';

/** Chooses a behaviour for a pod; undefined leaves it to the pod's annotation. */
export type ChooseBehaviour = (pod: Pod) => Behaviour | undefined;

/** Longest time between two restarts of a crashing pod, in milliseconds. */
const longestBackoff = 5_000;

/** Plays a pod without running anything: it only reports. */
export class SimulatedPod implements PodWorker {
  readonly #place: Place;
  readonly #reporter: StatusReporter;
  readonly #choose: ChooseBehaviour;
  readonly #startTime = timestamp();
  #timer: NodeJS.Timeout | undefined;
  #pod: Pod;
  #behaviour: string | undefined;

  constructor(pod: Pod, place: Place, reporter: StatusReporter, choose: ChooseBehaviour) {
    this.#pod = pod;
    this.#place = place;
    this.#reporter = reporter;
    this.#choose = choose;
    this.update(pod);
  }

  /** A changed annotation changes the behaviour of the running pod. */
  readonly update = (pod: Pod): void => {
    this.#pod = pod;
    const behaviour = this.#choose(pod) ?? behaviourOf(pod);
    const text = JSON.stringify(behaviour);
    if (text === this.#behaviour) return;
    this.#behaviour = text;
    clearTimeout(this.#timer);
    this.#begin(behaviour);
  };

  readonly terminate = async (): Promise<void> => {
    clearTimeout(this.#timer);
    this.#reporter.stop();
  };

  readonly pids = (): number[] => [];

  readonly signal = (): void => undefined;

  #begin(behaviour: Behaviour): void {
    switch (behaviour.kind) {
      case 'ready':
        this.#report(this.#pod.spec.restartPolicy === 'Always' ? this.#running(true) : this.#completed());
        break;
      case 'never-ready':
        this.#report(this.#running(false));
        break;
      case 'slow':
        this.#report(this.#running(false));
        this.#later(behaviour.milliseconds, () => this.#begin({ kind: 'ready' }));
        break;
      case 'crash':
        this.#crash(1);
        break;
      case 'mistaken':
        this.#report({ kind: 'waiting', reason: 'CreateContainerConfigError', message: behaviour.message });
        break;
    }
  }

  #crash(restarts: number): void {
    const message = 'back-off restarting failed container';
    this.#report({ kind: 'waiting', reason: 'CrashLoopBackOff', message }, restarts);
    this.#later(Math.min(250 * 2 ** restarts, longestBackoff), () => this.#crash(restarts + 1));
  }

  #running(ready: boolean): ContainerState {
    return { kind: 'running', startedAt: this.#startTime, started: true, ready };
  }

  /** Pods of Jobs do their work in no time. */
  #completed(): ContainerState {
    const time = { startedAt: this.#startTime, finishedAt: timestamp() };
    return { kind: 'terminated', exitCode: 0, reason: 'Completed', ...time };
  }

  #report(state: ContainerState, restartCount = 0): void {
    const { podIp, hostIp } = this.#place;
    const containers = this.#pod.spec.containers.map(({ name, image }) => ({
      name,
      image,
      restartCount,
      state,
    }));
    this.#reporter.report({ podIp, hostIp, startTime: this.#startTime, containers });
  }

  #later(milliseconds: number, action: () => void): void {
    this.#timer = setTimeout(action, milliseconds);
    this.#timer.unref();
  }
}
