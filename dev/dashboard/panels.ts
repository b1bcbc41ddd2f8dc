import type { Line } from '../promtool/ranges.ts';
import { area, curve, type Frame, xOf, yOf } from './curves.ts';
import type { Panel } from './dashboard.ts';
import { colourOf, LEGEND_ROW, legend, rowsOf } from './legend.ts';
import { ticks, withUnit } from './scale.ts';
import { element, text } from './svg.ts';

/** A place of the picture, in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A series with its name in the legend. */
export interface Named {
  readonly name: string;
  readonly line: Line;
}

/** What is told of time: seconds since the epoch, and between two points. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

const PAD = 12;
const TITLE = 20;
const MINUTE = 60;

/** A panel with its title, framed. */
export function drawnPanel(panel: Panel, series: readonly Named[], box: Box, span: Span): string {
  const { x, y, width, height } = box;
  const draw = panel.type === 'stat' ? stat : timeseries;
  return element(
    'g',
    { class: 'panel', id: `panel-${panel.id}` },
    element('rect', { x, y, width, height, rx: 4, class: 'frame' }),
    text(x + PAD, y + TITLE, panel.title, { class: 'title' }),
    draw(panel, series, box, span),
  );
}

/** The last value, large, above its course. */
function stat({ fieldConfig }: Panel, series: readonly Named[], box: Box, span: Span): string {
  const [first] = series;
  const last = first?.line.points.at(-1);
  if (first === undefined || last === undefined) return noData(box);
  const max = Math.max(1, ...first.line.points.map(([, value]) => value));
  const bottom = box.y + box.height - 1;
  const frame: Frame = {
    ...span,
    left: box.x + 1,
    right: box.x + box.width - 1,
    top: bottom - 30,
    bottom,
    max,
  };
  const value = withUnit(last[1], fieldConfig.defaults.unit);
  return [
    area(first.line, frame, { fill: colourOf(0), 'fill-opacity': '0.14' }),
    curve(first.line, frame, stroke(0)),
    text(box.x + box.width / 2, box.y + 68, value, { class: 'value', 'text-anchor': 'middle' }),
  ].join('');
}

function timeseries({ fieldConfig }: Panel, series: readonly Named[], box: Box, span: Span): string {
  if (series.every(({ line }) => line.points.length === 0)) return noData(box);
  const { unit } = fieldConfig.defaults;
  const names = series.map(({ name }) => name);
  const room = box.width - 2 * PAD;
  const legendTop = box.y + box.height - rowsOf(names, room).length * LEGEND_ROW + 6;
  const values = series.flatMap(({ line }) => line.points.map(([, value]) => value));
  const marks = ticks(Math.max(...values), unit);
  const frame: Frame = {
    ...span,
    left: box.x + 66,
    right: box.x + box.width - 18,
    top: box.y + 38,
    bottom: legendTop - 34,
    max: marks.at(-1) ?? 1,
  };
  return [
    ...marks.map((mark) => rule(mark, unit, frame)),
    ...minutes(frame),
    ...series.map(({ line }, index) => curve(line, frame, stroke(index))),
    legend(names, box.x + PAD, legendTop, room),
  ].join('');
}

const stroke = (index: number) =>
  ({ fill: 'none', stroke: colourOf(index), 'stroke-width': '1.6', 'stroke-linejoin': 'round' }) as const;

function rule(mark: number, unit: string, frame: Frame): string {
  const y = yOf(frame, mark);
  const line = element('line', { x1: frame.left, x2: frame.right, y1: y, y2: y, class: 'rule' });
  return line + text(frame.left - 8, y + 4, withUnit(mark, unit), { class: 'axis', 'text-anchor': 'end' });
}

/** Every second minute since the start. */
function minutes(frame: Frame): readonly string[] {
  const count = Math.floor((frame.to - frame.from) / MINUTE / 2);
  return Array.from({ length: count + 1 }, (_, index) => {
    const x = xOf(frame, frame.from + index * 2 * MINUTE);
    return text(x, frame.bottom + 16, `${index * 2} min`, { class: 'axis', 'text-anchor': 'middle' });
  });
}

const noData = ({ x, y, width, height }: Box): string =>
  text(x + width / 2, y + height / 2 + 6, 'No data', { class: 'axis', 'text-anchor': 'middle' });
