import { Clock } from './clock.ts';
import { DnsTroubles } from './dns/troubles.ts';
import { Faults } from './faults.ts';
import { RequestLog } from './requestlog.ts';

/** What all clouds of the process have in common: time, troubles and the request log, which tell hosts apart. */
export class Surroundings {
  readonly clock = new Clock();
  readonly faults = new Faults();
  readonly dns = new DnsTroubles();
  readonly log = new RequestLog();

  /** As at the start. */
  reset(): void {
    for (const part of [this.faults, this.dns, this.log]) part.clear();
    this.clock.setOffset(0);
  }
}
