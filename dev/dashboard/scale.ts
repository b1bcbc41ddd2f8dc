/** Round numbers for axes, and numbers as people read them. */

const STEPS = [1, 2, 2.5, 5, 10];

/** From 0 to at least `max`, about four steps; never more than there is room to label. */
export function ticks(max: number, unit = 'short'): readonly number[] {
  const size = unit === 'bytes' ? unitOf(max)[0] : 1;
  return roundSteps(max / size).map((mark) => mark * size);
}

function roundSteps(max: number): readonly number[] {
  if (max <= 0) return [0, 1];
  const rough = max / 4;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = magnitude * (STEPS.find((one) => one * magnitude >= rough * 0.999) ?? 10);
  const count = Math.ceil((max / step) * 0.999);
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(6)));
}

const BYTES: readonly (readonly [size: number, name: string])[] = [
  [2 ** 30, 'GiB'],
  [2 ** 20, 'MiB'],
  [2 ** 10, 'KiB'],
];

/** Units by the names of Grafana. */
export function withUnit(value: number, unit: string): string {
  if (unit === 's')
    return value !== 0 && Math.abs(value) < 1 ? `${short(value * 1_000)} ms` : `${short(value)} s`;
  if (unit === 'reqps') return `${short(value)}/s`;
  if (unit !== 'bytes') return short(value);
  const [size, name] = unitOf(value);
  return `${short(value / size)} ${name}`;
}

const unitOf = (value: number): readonly [size: number, name: string] =>
  BYTES.find(([least]) => value >= least) ?? [1, 'B'];

const short = (value: number): string => String(Number(value.toPrecision(3)));
