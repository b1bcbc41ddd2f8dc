/** The dashboard as one SVG, each panel where its gridPos says. */
import { evaluate, type Line } from '../promtool/ranges.ts';
import { type Panel, queryOf, readPanels } from './dashboard.ts';
import { type Box, drawnPanel, type Named } from './panels.ts';
import { type Recording, readRecording } from './recording.ts';
import { element, text } from './svg.ts';

export const RECORDING = new URL('recording.json', import.meta.url);
export const PICTURE = new URL('../../docs/guide/dashboard.svg', import.meta.url);

const COLUMN = 50;
const ROW = 30;
const GAP = 8;
const CAPTION = 28;
const WORDS =
  'Drawn by dev/dashboard from a recorded run (development cluster, pretend Azure) and the queries of the panels; no screenshot of Grafana.';

const STYLE = `
text { font-family: system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; fill: #24292f }
.frame { fill: #ffffff; stroke: #d8dce2 }
.title { font-size: 13px; font-weight: 600 }
.value { font-size: 30px; font-weight: 600 }
.axis { font-size: 11px; fill: #667080 }
.soft { fill: #48515c }
.rule { stroke: #e6e9ed }
`;

/** What the recording answers to the queries of each panel. */
export async function answersOf(
  panels: readonly Panel[],
  recording: Recording,
): Promise<readonly (readonly Named[])[]> {
  const targets = panels.flatMap((panel) => panel.targets.map((target) => ({ panel, ...target })));
  const queries = targets.map(({ expr }) => queryOf(expr, recording.step));
  const answers = await evaluate(recording, queries);
  return panels.map((panel) =>
    targets.flatMap((target, index) =>
      target.panel === panel
        ? (answers[index] ?? []).map((line) => ({ name: nameOf(target.legendFormat, line), line }))
        : [],
    ),
  );
}

const nameOf = (format: string, { labels }: Line): string =>
  format.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? '');

export function picture(
  panels: readonly Panel[],
  answers: readonly (readonly Named[])[],
  { start, step, scrapes }: Recording,
): string {
  const boxes = panels.map(boxOf);
  const width = Math.max(...boxes.map((box) => box.x + box.width)) + GAP;
  const height = Math.max(...boxes.map((box) => box.y + box.height)) + CAPTION;
  const span = { from: start, to: start + (scrapes - 1) * step, step };
  const drawn = panels.map((panel, index) =>
    drawnPanel(panel, answers[index] ?? [], boxes[index] ?? boxOf(panel), span),
  );
  const root = { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, width, height };
  const children = [
    element('title', {}, 'The dashboard of appconfig-operator'),
    element('style', {}, STYLE),
    element('rect', { width, height, fill: '#f2f4f7' }),
    ...drawn,
    text(GAP + 4, height - 10, WORDS, { class: 'axis' }),
  ];
  return `${element('svg', { ...root, role: 'img' }, ...children.map((child) => `\n${child}`), '\n')}\n`;
}

const boxOf = ({ gridPos: { x, y, w, h } }: Panel): Box => ({
  x: x * COLUMN + GAP,
  y: y * ROW + GAP,
  width: w * COLUMN - GAP,
  height: h * ROW - GAP,
});

/** The picture of the recording that is kept beside this file. */
export async function drawnRecording(): Promise<string> {
  const [panels, recording] = await Promise.all([readPanels(), readRecording(RECORDING)]);
  return picture(panels, await answersOf(panels, recording), recording);
}
