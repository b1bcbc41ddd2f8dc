import type { Line } from '../promtool/ranges.ts';
import { type Attributes, element, tenths } from './svg.ts';

/** Where points of a range query lie in the picture. */
export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** Seconds since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly max: number;
  /** Seconds between two points. */
  readonly step: number;
}

type Point = Line['points'][number];

export const xOf = ({ left, right, from, to }: Frame, at: number): number =>
  left + ((at - from) / (to - from)) * (right - left);
export const yOf = ({ top, bottom, max }: Frame, value: number): number =>
  bottom - (Math.min(value, max) / max) * (bottom - top);

/** The curve of a series, interrupted where it has no points; a point between two gaps is a dot. */
export function curve(line: Line, frame: Frame, attributes: Attributes): string {
  const stretches = unbroken(line.points, frame.step);
  const dots = stretches.flatMap(([point, ...others]) =>
    point && others.length === 0
      ? [
          element('circle', {
            cx: xOf(frame, point[0]),
            cy: yOf(frame, point[1]),
            r: 2,
            ...attributes,
            fill: attributes['stroke'] ?? '',
          }),
        ]
      : [],
  );
  const path = stretches.filter(({ length }) => length > 1).map((points) => `M${way(points, frame)}`);
  return [...(path.length === 0 ? [] : [element('path', { d: path.join(''), ...attributes })]), ...dots].join(
    '',
  );
}

/** The area below the stretches of a curve. */
export function area(line: Line, frame: Frame, attributes: Attributes): string {
  const paths = unbroken(line.points, frame.step).map((points) => {
    const [from = 0, to = from] = [points[0]?.[0], points.at(-1)?.[0]];
    const base = tenths(frame.bottom);
    return `M${tenths(xOf(frame, from))},${base}L${way(points, frame)}L${tenths(xOf(frame, to))},${base}Z`;
  });
  return element('path', { d: paths.join(''), ...attributes });
}

const way = (points: readonly Point[], frame: Frame): string =>
  points.map(([at, value]) => `${tenths(xOf(frame, at))},${tenths(yOf(frame, value))}`).join('L');

function unbroken(points: readonly Point[], step: number): readonly (readonly Point[])[] {
  const stretches: Point[][] = [];
  for (const point of points) {
    const last = stretches.at(-1);
    const before = last?.at(-1);
    if (last && before && point[0] - before[0] < 1.5 * step) last.push(point);
    else stretches.push([point]);
  }
  return stretches;
}
