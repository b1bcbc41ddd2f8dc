import type { Identity } from '../../../src/domain/identity/identity.ts';
import { Gate } from '../../../src/sources/gate.ts';
import { Selections } from '../../../src/sources/selections.ts';
import { MemoryAzure, readerOf } from '../../support/memory-azure.ts';
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

export const [a, b, c] = [identityOf('a'), identityOf('b'), identityOf('c')];

/** Three identities with a role on a store of one setting, on virtual time. */
export function setup() {
  const clock = new VirtualClock();
  const azure = new MemoryAzure();
  for (const { clientId } of [a, b, c]) azure.grant(clientId, HOST);
  azure.set(ENDPOINT, { key: 'color', value: 'red' });
  const metrics = new RecordingMetrics();
  const gate = new Gate({ clock });
  const selections = new Selections({ reader: azure, gate, clock, metrics, logger: silentLogger });
  const observe = (identity: Identity, maxAgeMs = 0, subscriberKey?: string) =>
    selections.observe(select(), identity, {
      maxAgeMs,
      signal: patience(),
      ...(subscriberKey === undefined ? {} : { subscriberKey }),
    });
  const content = (identity: Identity) => selections.content(select(), identity, { signal: patience() });
  const colors = async (identity: Identity) =>
    okValue(await content(identity)).settings.map(({ value }) => value);
  const log = () => azure.calls.map(({ kind, identity }) => `${kind} ${readerOf(identity)}`);
  return { clock, azure, metrics, selections, observe, content, colors, log };
}
