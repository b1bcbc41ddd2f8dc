import type { Scenario } from '../scenario.ts';
import { changed } from './changed.ts';
import { firstSync } from './first-sync.ts';
import { foreignSecrets } from './foreign-secrets.ts';
import { idle } from './idle.ts';
import { manyStores } from './many-stores.ts';
import { pretendAzure } from './pretend-azure.ts';
import { restart } from './restart.ts';
import { rotation } from './rotation.ts';
import { slowAzure } from './slow-azure.ts';
import { throttled } from './throttled.ts';

/** In the order in which they run: neighbours that need the same population share a stage. */
export const SCENARIOS: readonly Scenario[] = [
  firstSync,
  slowAzure,
  idle,
  changed,
  restart,
  throttled,
  rotation,
  foreignSecrets,
  manyStores,
  pretendAzure,
];
