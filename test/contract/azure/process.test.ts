import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { AzureControl } from '../../../dev/azure/control/client.ts';

const MAIN = fileURLToPath(new URL('../../../dev/azure/main.ts', import.meta.url));

describe('pretend Azure: as a process', () => {
  it('prints its addresses, holds its seed, and stops on SIGTERM leaving no file behind', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'azure-seed-'));
    const file = join(folder, 'seed.json');
    await writeFile(
      file,
      JSON.stringify({ stores: [{ name: 'contoso', settings: [{ key: 'a', value: '1' }] }] }),
    );
    const child = spawn(process.execPath, [MAIN, '--seed', file], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
      const { controlUrl, caFile, proxyUrl, dnsServer, metadataUrl } = JSON.parse(line) as Record<
        string,
        string
      >;
      expect(proxyUrl).to.match(/^http:\/\/127\.0\.0\.1:\d+$/);
      expect(metadataUrl).to.match(/^http:\/\/127\.0\.0\.1:\d+$/);
      expect(dnsServer).to.match(/^127\.0\.0\.1:\d+$/);
      const control = new AzureControl(controlUrl ?? '');
      expect((await control.dump()).stores[0]?.settings[0]).to.include({ key: 'a', value: '1' });
      control.close();
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).to.deep.equal([0, null]);
      const left = await access(caFile ?? '').then(
        () => true,
        () => false,
      );
      expect(left).to.equal(false);
    } finally {
      child.kill('SIGKILL');
      await rm(folder, { recursive: true });
    }
  });
});
