/** SVG as text. Coordinates are rounded to tenths: nobody sees more, and the file stays small. */

export type Attributes = Readonly<Record<string, string | number>>;

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(textOf(value))}"`);
  const start = `<${name}${written.join('')}`;
  return children.length === 0 ? `${start}/>` : `${start}>${children.join('')}</${name}>`;
}

const textOf = (value: string | number): string => (typeof value === 'number' ? tenths(value) : value);

export const tenths = (value: number): string => String(Math.round(value * 10) / 10);

export const text = (x: number, y: number, words: string, attributes: Attributes = {}): string =>
  element('text', { x, y, ...attributes }, escaped(words));

/** About how wide a line of text is, in pixels: the widest common fonts are narrower. */
export const widthOf = (words: string, fontSize: number): number => words.length * fontSize * 0.58;
