import type { RunOptions, Size } from './arguments.ts';
import type { Progress } from './progress.ts';
import type { Measure } from './report/measure.ts';
import type { Population } from './stage/population.ts';
import type { Stage } from './stage/stage.ts';

/** What a scenario may use. */
export interface Bench {
  readonly size: Size;
  readonly options: RunOptions;
  readonly progress: Progress;
  /** How many bindings a scenario has: by its size, unless the command line says so. */
  bindings(bySize: Readonly<Record<Size, number>>): number;
  /** A new stage with this population; the operator does not run yet. The stage before it ends. */
  fresh(population: Population): Promise<Stage>;
  /** A stage on which all targets are right and nothing is written any more; one that is there already may be used. */
  settled(population: Population): Promise<Stage>;
  /** Adds a line to the table. */
  record(measure: Measure): void;
  /** Adds something to the raw data only. */
  note(name: string, value: unknown): void;
}

/** One thing to measure. */
export interface Scenario {
  readonly name: string;
  readonly about: string;
  /** After so many seconds it is given up. */
  readonly limitSeconds: Readonly<Record<Size, number>>;
  run(bench: Bench): Promise<void>;
}
