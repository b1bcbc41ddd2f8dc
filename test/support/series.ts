import { isAllowed, valuesOf } from '../../src/adapters/observability/metric-labels.ts';

/** `name{label="value"}` → its name and labels. */
export function parseSeries(series: string): {
  readonly name: string;
  readonly labels: readonly (readonly [string, string])[];
} {
  const [, name = '', labels = ''] = /^([a-z_]+)(?:\{(.*)\})?$/.exec(series) ?? [];
  return {
    name,
    labels: [...labels.matchAll(/([a-z]+)="([^"]*)"/g)].map(([, label = '', value = '']) => [label, value]),
  };
}

/** Labels that hold a value which the reference of metrics does not know. */
export const strangeLabels = (series: readonly string[]): readonly string[] =>
  series.filter((one) => {
    const { name, labels } = parseSeries(one);
    return labels.some(([label, value]) => !isAllowed(valuesOf(name, label), value));
  });
