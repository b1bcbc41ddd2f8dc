import { figure, type Measure, targetText, verdictOf } from './measure.ts';

const HEADER = ['scenario', 'measure', 'value', 'target', ''] as const;

/** The measures as text in columns; a scenario's name stands only on its first line. */
export function table(measures: readonly Measure[]): string {
  const rows = measures.map((measure, index) => {
    const repeated = measures[index - 1]?.scenario === measure.scenario;
    const value = `${figure(measure.value)} ${measure.unit}`.trimEnd();
    const scenario = repeated ? '' : measure.scenario;
    return [scenario, measure.name, value, targetText(measure.target), verdictOf(measure)];
  });
  return align([[...HEADER], ...rows]);
}

/** Pads every column to its longest cell. */
function align(rows: readonly (readonly string[])[]): string {
  const widths = HEADER.map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - [...cell].length)).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}
