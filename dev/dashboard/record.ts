import { setTimeout as delay } from 'node:timers/promises';
import { ensureControlPlane } from '../cluster/build.ts';
import { installOperator, type Stage, setStage } from '../demo/stage.ts';
import { metricsOf, type Panel } from './dashboard.ts';
import { type Recording, recordingOf, type Scrape, samplesOf } from './recording.ts';
import { DURATION_S, play } from './scenario.ts';

const STEP_S = 5;
const SYSTEM = 'appconfig-system';

/** Runs the operator through the scenario and scrapes what the panels ask for. Takes about ten minutes. */
export async function record(panels: readonly Panel[], print: (line: string) => void): Promise<Recording> {
  await ensureControlPlane();
  const stage = await setStage();
  try {
    await installOperator(stage);
    print(`the operator runs; scraped for ${DURATION_S} s from now on`);
    const playing = play(stage);
    playing.catch(() => undefined);
    const recording = await scrapes(await podOf(stage), metricsOf(panels));
    await playing;
    return recording;
  } finally {
    await stage.stop();
  }
}

async function podOf({ cluster }: Stage): Promise<{ readonly pod: string; readonly ip: string }> {
  const path = 'jsonpath={.items[0].metadata.name} {.items[0].status.podIP}';
  const found = await cluster.kubectlOrThrow(['get', 'pods', '-o', path], { namespace: SYSTEM });
  const [pod = '', ip = ''] = found.split(' ');
  return { pod, ip };
}

async function scrapes(
  { pod, ip }: { readonly pod: string; readonly ip: string },
  wanted: ReadonlySet<string>,
): Promise<Recording> {
  // What a ServiceMonitor makes of the Service of the chart.
  const added = { namespace: SYSTEM, job: 'appconfig-operator-metrics', pod };
  const startedAt = Date.now();
  const found: Scrape[] = [];
  for (let at = 0; at <= DURATION_S; at += STEP_S) {
    await delay(Math.max(0, startedAt + at * 1_000 - Date.now()));
    const answer = await fetch(`http://${ip}:8080/metrics`);
    found.push(samplesOf(await answer.text(), wanted, added));
  }
  return recordingOf(found, Math.floor(startedAt / 1_000), STEP_S);
}
