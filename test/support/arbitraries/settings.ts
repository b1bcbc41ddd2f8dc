import fc from 'fast-check';
import type { Setting } from '../../../src/domain/store/settings.ts';

export const REFERENCE_TYPE = 'application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8';
export const FLAG_TYPE = 'application/vnd.microsoft.appconfig.ff+json;charset=utf-8';

/** Few keys, so that they often meet. */
export const storeKeys = fc.constantFrom(
  'a',
  'b',
  'app:a',
  'app:b',
  'app:orders:a',
  'orders:a',
  'app:',
  'B',
  '__proto__',
);

export const referenceValue = (vault: string, name: string): string =>
  JSON.stringify({ uri: `https://${vault}.vault.azure.net/secrets/${name}` });

const contents = fc.oneof(
  fc.record({ value: fc.string({ maxLength: 4 }) }),
  fc.record({
    value: fc.string({ maxLength: 4 }),
    contentType: fc.constantFrom('text/plain', 'application/json'),
  }),
  fc.record({
    value: fc.constantFrom(referenceValue('shop', 'db'), referenceValue('shop', 'mq'), 'nonsense'),
    contentType: fc.constant(REFERENCE_TYPE),
  }),
  fc.record({ value: fc.constant('{}'), contentType: fc.constant(FLAG_TYPE) }),
  fc.constant({}),
);

/** What one list call gives: each key once, in any order. */
export const settingLists: fc.Arbitrary<readonly Setting[]> = fc.uniqueArray(
  fc.tuple(storeKeys, contents).map(([key, content]) => ({ key, etag: 'e', ...content })),
  { selector: ({ key }) => key, maxLength: 6 },
);
