import type { Clock } from '../../clock.ts';
import { newEtag, type Setting } from '../setting.ts';
import { type BuildFailure, type Snapshot, type SnapshotPlan, sizeOf, statusAt } from './snapshot.ts';

/** More than this does not become ready (A.10). */
const MAX_BYTES = 1024 * 1024;

/** The snapshots of one store; replicas show them at once. */
export class Snapshots {
  /** How long a build takes from now on. */
  buildMs = 0;
  /** How builds that start from now on end; undefined: well. */
  failure: BuildFailure | undefined;
  readonly #clock: Clock;
  readonly #byName = new Map<string, Snapshot>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The snapshot, or undefined when there is none or it has expired. */
  get(name: string): Snapshot | undefined {
    const found = this.#byName.get(name);
    return found && statusAt(found, this.#clock.now()) !== 'expired' ? found : undefined;
  }

  /** Starts a build over this content; undefined when the name is taken, also by an archived snapshot. */
  create(plan: SnapshotPlan, settings: readonly Setting[]): Snapshot | undefined {
    if (this.get(plan.name)) return undefined;
    const created = this.#clock.now();
    const failure = this.failure ?? (sizeOf(settings) > MAX_BYTES ? 'QuotaExceeded' : undefined);
    const end = { readyAt: created + this.buildMs, failure, expires: undefined };
    const snapshot = { ...plan, ...end, etag: newEtag(), settings, created };
    this.put(snapshot);
    return snapshot;
  }

  /** Stores a snapshot as it is: a later state of one, or one from a seed. */
  put(snapshot: Snapshot): void {
    this.#byName.set(snapshot.name, snapshot);
  }

  /** By name, in code units. */
  list(): Snapshot[] {
    const names = [...this.#byName.keys()].sort((a, b) => (a < b ? -1 : 1));
    return names.map((name) => this.get(name)).filter((snapshot) => snapshot !== undefined);
  }
}
