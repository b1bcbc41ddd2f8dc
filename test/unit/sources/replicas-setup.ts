import { type Failure, throttled, unavailable } from '../../../src/domain/failure.ts';
import type { Identity } from '../../../src/domain/identity/identity.ts';
import type { Selection } from '../../../src/domain/store/settings.ts';
import { Gate } from '../../../src/sources/gate.ts';
import { ReplicaDirectory } from '../../../src/sources/replica-directory.ts';
import { Selections } from '../../../src/sources/selections.ts';
import { MemoryAzure } from '../../support/memory-azure.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import {
  ENDPOINT,
  HOST,
  identityOf,
  okValue,
  patience,
  RecordingMetrics,
  select,
  silentLogger,
} from './fixtures.ts';

export const EU = 'shop-eu.azconfig.io';
export const US = 'shop-us.azconfig.io';
export const someone = identityOf('a');

export const down: Failure = unavailable('StoreUnreachable', 'down');
export const busy: Failure = throttled('StoreThrottled', 'busy', 20_000);

/** A store at three hosts with one setting, on virtual time. `asked` are hosts in the order of calls. */
export function replicated() {
  const clock = new VirtualClock();
  const azure = new MemoryAzure();
  for (const client of ['a', 'b', 'c']) azure.grant(client, HOST);
  azure.set(ENDPOINT, { key: 'color', value: 'red' });
  for (const host of [EU, US]) azure.addReplica(ENDPOINT, host);
  const failing = new Map<string, Failure>();
  azure.fault = (_kind, host) => failing.get(host);
  const random = { next: () => 0.5 };
  const directory = new ReplicaDirectory({
    finder: azure,
    clock,
    random,
    logger: silentLogger,
    suffixes: ['azconfig.io'],
  });
  directory.known(HOST);
  const gate = new Gate({ clock });
  const metrics = new RecordingMetrics();
  const selections = new Selections({
    reader: azure,
    gate,
    clock,
    metrics,
    logger: silentLogger,
    directory,
  });
  const observe = async (selection: Selection = select(), identity: Identity = someone) =>
    selections.observe(selection, identity, { maxAgeMs: 0, signal: patience() });
  const content = async (selection: Selection = select(), identity: Identity = someone) =>
    selections.content(selection, identity, { signal: patience() });
  const color = async (selection?: Selection) => okValue(await content(selection)).settings[0]?.value;
  const asked = (kind?: string) =>
    azure.calls.filter((call) => kind === undefined || call.kind === kind).map(({ host }) => host);
  const forget = () => azure.calls.splice(0);
  return { clock, azure, failing, directory, selections, observe, content, color, asked, forget };
}
