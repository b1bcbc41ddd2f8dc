import { type Cloud, createCloud } from './cloud.ts';
import { PUBLIC, SOVEREIGN } from './hosts.ts';
import type { Service } from './http/call.ts';
import type { Verdict } from './proxy.ts';
import { Surroundings } from './surroundings.ts';

/** A cloud beside the public one, as the code calls it. */
export type Sovereign = keyof typeof SOVEREIGN;

/**
 * The clouds of the process behind one proxy, told apart by host.
 *
 * Guarantees: they share time, troubles and the log, and nothing else: tenants, keys, tokens and roles of one mean
 * nothing to another.
 */
export class Clouds {
  readonly surroundings: Surroundings;
  readonly public: Cloud;
  readonly usGovernment: Cloud;
  readonly china: Cloud;

  /** Use `createClouds`. */
  constructor(surroundings: Surroundings, publicCloud: Cloud, sovereign: Record<Sovereign, Cloud>) {
    this.surroundings = surroundings;
    this.public = publicCloud;
    this.usGovernment = sovereign.usGovernment;
    this.china = sovereign.china;
  }

  get all(): readonly Cloud[] {
    return [this.public, this.usGovernment, this.china];
  }

  /** The cloud that a host, or a name below it, belongs to. */
  of(host: string): Cloud | undefined {
    return this.all.find((cloud) => cloud.has(host));
  }

  /** The service that answers at a host name now. */
  resolve(host: string): Service | undefined {
    return this.of(host)?.resolve(host);
  }

  /** Whether packets to this host vanish. */
  isBlackHole(host: string): boolean {
    return this.of(host)?.isBlackHole(host) ?? false;
  }

  /** A store or vault that does not exist has no DNS name (A.15, B.5). */
  judge(host: string, port: number): Verdict {
    if (port !== 443 || this.of(host) === undefined) return 'refused';
    if (this.isBlackHole(host)) return 'silent';
    return this.resolve(host) ? 'open' : 'no-such-host';
  }
}

/** All clouds, with fresh signing keys. */
export async function createClouds(): Promise<Clouds> {
  const surroundings = new Surroundings();
  const [publicCloud, usGovernment, china] = await Promise.all([
    createCloud(PUBLIC, surroundings),
    createCloud(SOVEREIGN.usGovernment, surroundings),
    createCloud(SOVEREIGN.china, surroundings),
  ]);
  return new Clouds(surroundings, publicCloud, { usGovernment, china });
}
