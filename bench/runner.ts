/**
 * Runs scenarios one after the other.
 *
 * Guarantees: at most one stage exists at a time; `close` ends it; a scenario that takes too long is given up, and the
 * next one begins on a new stage.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { RunOptions } from './arguments.ts';
import { writesOf } from './measure/audit-tail.ts';
import { untilTargets } from './patience.ts';
import type { Progress } from './progress.ts';
import type { Measure } from './report/measure.ts';
import type { Bench, Scenario } from './scenario.ts';
import { FIRST_VALUE, type Population } from './stage/population.ts';
import { type Stage, type StageOptions, setStage } from './stage/stage.ts';

export interface Outcome {
  readonly scenario: string;
  readonly seconds: number;
  readonly measures: readonly Measure[];
  readonly notes: Readonly<Record<string, unknown>>;
  /** Why it did not come to its end. */
  readonly failure?: string;
}

const SETTLING_MS = 300_000;
const QUIET_MS = 2_000;

export class Runner {
  readonly #options: RunOptions;
  readonly #stages: StageOptions;
  readonly #progress: Progress;
  #stage: Stage | undefined;
  /** The population that is settled on the stage; undefined: none that could be used again. */
  #settled: string | undefined;

  constructor(options: RunOptions, stages: StageOptions, progress: Progress) {
    this.#options = options;
    this.#stages = stages;
    this.#progress = progress;
  }

  async run(scenario: Scenario): Promise<Outcome> {
    const measures: Measure[] = [];
    const notes: Record<string, unknown> = {};
    const startedAt = Date.now();
    this.#progress.say(`${scenario.name}: ${scenario.about}`);
    const failure = await this.#attempt(scenario, this.#bench(measures, notes));
    if (failure !== undefined) await this.close();
    const outcome = { scenario: scenario.name, seconds: (Date.now() - startedAt) / 1000, measures, notes };
    return failure === undefined ? outcome : { ...outcome, failure };
  }

  async close(): Promise<void> {
    const stage = this.#stage;
    this.#stage = undefined;
    this.#settled = undefined;
    await stage?.stop();
  }

  async #attempt(scenario: Scenario, bench: Bench): Promise<string | undefined> {
    const seconds = scenario.limitSeconds[this.#options.size] + (this.#options.idleSeconds ?? 0);
    const timer = new AbortController();
    const late = delay(seconds * 1000, undefined, { signal: timer.signal }).then(() => {
      throw new Error(`given up after ${seconds} s`);
    });
    late.catch(() => undefined);
    try {
      await Promise.race([scenario.run(bench), late]);
      return undefined;
    } catch (error) {
      return explain(error);
    } finally {
      timer.abort();
    }
  }

  #bench(measures: Measure[], notes: Record<string, unknown>): Bench {
    return {
      size: this.#options.size,
      options: this.#options,
      progress: this.#progress,
      bindings: (bySize) => this.#options.bindings ?? bySize[this.#options.size],
      fresh: (population) => this.#fresh(population),
      settled: (population) => this.#settle(population),
      record: (measure) => measures.push(measure),
      note: (name, value) => {
        notes[name] = value;
      },
    };
  }

  async #fresh(population: Population): Promise<Stage> {
    await this.close();
    const { bindings, identities, stores } = population;
    this.#progress.say(`  new stage: ${bindings} bindings, ${identities} identities, ${stores} stores`);
    this.#stage = await setStage(this.#stages, population);
    return this.#stage;
  }

  async #settle(population: Population): Promise<Stage> {
    const wanted = JSON.stringify(population);
    if (this.#stage !== undefined && this.#settled === wanted) return this.#stage;
    const stage = await this.#fresh(population);
    await stage.startOperator();
    const awaited = { value: FIRST_VALUE, deadlineMs: SETTLING_MS };
    await untilTargets(stage, this.#progress, { kind: 'configmaps', ...awaited });
    await untilQuiet(stage, this.#progress);
    this.#settled = wanted;
    return stage;
  }
}

/** Waits until the operator has written nothing for two seconds, apart from its Lease. */
export async function untilQuiet(stage: Stage, progress: Progress): Promise<void> {
  const end = Date.now() + SETTLING_MS;
  for (let writes = 1; writes > 0; ) {
    if (Date.now() > end) throw new Error('the operator did not stop writing');
    const done = await stage.measure();
    await delay(QUIET_MS);
    writes = writesOf((await done()).kubernetes);
    progress.tick(() => `settling: ${writes} writes in the last ${QUIET_MS / 1000} s`);
  }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
