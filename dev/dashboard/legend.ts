import { element, text, widthOf } from './svg.ts';

/** Colours of series, in their order: told apart on white, also by most who see few colours. */
const COLOURS = [
  '#2f6fde',
  '#d9772b',
  '#22946a',
  '#b83b7a',
  '#7b57c2',
  '#9a8212',
  '#2498ad',
  '#c8403d',
  '#5f6b7a',
];

export const colourOf = (index: number): string => COLOURS[index % COLOURS.length] ?? '#000000';

const FONT = 11;
const SWATCH = 14;
const GAP = 14;
export const LEGEND_ROW = 17;

/** Names in rows of at most `width` pixels. */
export function rowsOf(names: readonly string[], width: number): readonly (readonly number[])[] {
  const rows: number[][] = [];
  let used = Infinity;
  for (const [index, name] of names.entries()) {
    const wide = itemWidth(name);
    if (used + wide > width) {
      rows.push([]);
      used = 0;
    }
    rows.at(-1)?.push(index);
    used += wide;
  }
  return rows;
}

const itemWidth = (name: string): number => SWATCH + widthOf(name, FONT) + GAP;

/** From `left` on, its first row at `top`. */
export function legend(names: readonly string[], left: number, top: number, width: number): string {
  return rowsOf(names, width)
    .flatMap((row, rowIndex) => {
      let x = left;
      const y = top + rowIndex * LEGEND_ROW;
      return row.map((index) => {
        const name = names[index] ?? '';
        const item = [
          element('rect', { x, y: y - 7, width: 10, height: 3, rx: 1, fill: colourOf(index) }),
          text(x + SWATCH, y - 2, name, { 'font-size': FONT, class: 'soft' }),
        ];
        x += itemWidth(name);
        return item.join('');
      });
    })
    .join('');
}
