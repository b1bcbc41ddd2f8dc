/**
 * The picture of the dashboard in the guide.
 *
 * node dev/dashboard/main.ts record    runs the operator, writes recording.json, about ten minutes
 * node dev/dashboard/main.ts           draws recording.json anew
 */
import { writeFile } from 'node:fs/promises';
import { readPanels } from './dashboard.ts';
import { drawnRecording, PICTURE, RECORDING } from './picture.ts';
import { record } from './record.ts';
import { writeRecording } from './recording.ts';

const print = (line: string): void => void process.stderr.write(`[dashboard] ${line}\n`);
if (process.argv[2] === 'record') await writeRecording(RECORDING, await record(await readPanels(), print));
await writeFile(PICTURE, await drawnRecording());
print(`wrote ${PICTURE.pathname}`);
process.exit();
