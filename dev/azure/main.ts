import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { startAzure } from './azure.ts';
import type { SeedInput } from './control/seed-schema.ts';

/**
 * `node dev/azure/main.ts [--control-port N] [--proxy-port N] [--dns-port N] [--metadata-port N] [--seed file.json]`
 *
 * Prints one JSON line {proxyUrl, caFile, controlUrl, dnsServer, metadataUrl, tenantId,
 * usGovernment: {controlUrl, tenantId}, china: the same} when ready; SIGINT and SIGTERM stop it.
 */
const { values } = parseArgs({
  options: {
    'control-port': { type: 'string', default: '0' },
    'proxy-port': { type: 'string', default: '0' },
    'dns-port': { type: 'string', default: '0' },
    'metadata-port': { type: 'string', default: '0' },
    seed: { type: 'string' },
  },
});

const azure = await startAzure({
  controlPort: Number(values['control-port']),
  proxyPort: Number(values['proxy-port']),
  dnsPort: Number(values['dns-port']),
  metadataPort: Number(values['metadata-port']),
});
if (values.seed !== undefined) {
  await azure.control.seed(JSON.parse(await readFile(values.seed, 'utf8')) as SeedInput);
}
const { proxyUrl, caFile, controlUrl, dnsServer, metadataUrl, tenantId } = azure;
const [usGovernment, china] = [azure.usGovernment, azure.china].map(({ control: _, ...told }) => told);
process.stdout.write(
  `${JSON.stringify({ proxyUrl, caFile, controlUrl, dnsServer, metadataUrl, tenantId, usGovernment, china })}\n`,
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void azure.stop();
  });
}
