/**
 * Writes every generated file: `node scripts/generate.ts`. With `--check` it writes nothing, lists what is out of
 * date and exits with 1.
 */
import { azureErrorsPage } from './generate/azure-errors/page.ts';
import { bindingPage } from './generate/binding-page.ts';
import { chartValues } from './generate/chart-values.ts';
import { crdFiles } from './generate/crd-files.ts';
import { dashboard } from './generate/dashboard.ts';
import { checkFiles, type GeneratedFile, writeFiles } from './generate/files.ts';
import { metricsPage } from './generate/metrics-page.ts';
import { reasonsPage } from './generate/reasons-page.ts';
import { settingsPage } from './generate/settings-page.ts';
import { targetPoliciesPage } from './generate/target-policies-page.ts';

/** Add a generator here; each returns the files it owns. */
const GENERATORS: readonly (() => readonly GeneratedFile[])[] = [
  crdFiles,
  bindingPage,
  reasonsPage,
  azureErrorsPage,
  metricsPage,
  dashboard,
  settingsPage,
  targetPoliciesPage,
  chartValues,
];

const ROOT = new URL('../', import.meta.url);
const files = GENERATORS.flatMap((generate) => generate());

if (process.argv.includes('--check')) {
  const differences = checkFiles(ROOT, files);
  for (const difference of differences) console.error(difference);
  if (differences.length > 0)
    console.error('Generated files are out of date: run `node scripts/generate.ts`.');
  process.exitCode = differences.length > 0 ? 1 : 0;
} else {
  for (const path of writeFiles(ROOT, files)) console.log(`wrote ${path}`);
}
