import type { Behaviour } from '../cluster/pods/behaviour.ts';
import type { Pod } from '../cluster/pods/types.ts';

/**
 * The application of the demo, as far as its pods show it: while it cannot cope with its configuration, pods that
 * start do not become ready; those that run go on.
 */
export class Application {
  #copes = true;
  readonly #behaviours = new Map<string, Behaviour>();

  /** From now on, pods that start do not become ready. */
  fail(): void {
    this.#copes = false;
  }

  recover(): void {
    this.#copes = true;
  }

  /** For the pod runner: what a pod does is settled when it starts. */
  readonly behaviourOf = ({ metadata: { uid = '' } }: Pod): Behaviour => {
    const known = this.#behaviours.get(uid) ?? { kind: this.#copes ? 'ready' : 'never-ready' };
    this.#behaviours.set(uid, known);
    return known;
  };
}
