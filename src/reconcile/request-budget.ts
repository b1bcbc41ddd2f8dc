import { budgetWarning, withBudgetWarning } from '../domain/request-budget.ts';
import type { Warning } from '../domain/status/verdict.ts';
import type { Dependencies } from './dependencies.ts';
import type { Ended } from './ended.ts';
import type { Pass, PlannedPass } from './pass.ts';

/**
 * Tells the bindings of a store when their requests cannot fit its budget.
 *
 * Guarantees: nothing is said, or taken back, before every binding was looked at once: after a start the sum grows
 * with each of them, and would come and go in the status of all.
 */
export class RequestBudget {
  readonly #deps: Pick<Dependencies, 'bindings' | 'settings' | 'settingsSource'>;
  readonly #heard = new Set<string>();
  #complete = false;

  constructor(deps: Pick<Dependencies, 'bindings' | 'settings' | 'settingsSource'>) {
    this.#deps = deps;
  }

  /** The binding `key` (`namespace/name`) has said what it reads. */
  heard(key: string): void {
    if (!this.#complete) this.#heard.add(key);
  }

  /** How a pass ended, with the warning about the budget if there is one. */
  judged(pass: Pass, planned: PlannedPass | undefined, ended: Ended): Ended {
    this.heard(pass.key);
    if (ended.verdict.kind === 'suspended') return ended;
    const standing = pass.previous.conditions?.find(({ type }) => type === 'Warning');
    const budget = this.#knowsAll() ? this.#warning(planned) : 'unknown';
    const warnings = withBudgetWarning(standing, ended.warnings, budget);
    return warnings === undefined ? ended : { ...ended, warnings };
  }

  #warning(planned: PlannedPass | undefined): Warning | undefined {
    const { storeRequestBudget } = this.#deps.settings;
    if (storeRequestBudget === 0 || planned?.plan.endpoint === undefined) return undefined;
    const { host } = new URL(planned.plan.endpoint);
    return budgetWarning(host, this.#deps.settingsSource.demand(host), storeRequestBudget);
  }

  #knowsAll(): boolean {
    if (this.#complete || this.#deps.settings.storeRequestBudget === 0) return true;
    this.#complete = this.#deps.bindings
      .list()
      .every(({ metadata: { namespace = '', name } }) => this.#heard.has(`${namespace}/${name}`));
    if (this.#complete) this.#heard.clear();
    return this.#complete;
  }
}
